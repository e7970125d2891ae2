using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;
using static EdgeCoder.Agent.Tests.Workspaces.TestProject;

namespace EdgeCoder.Agent.Tests.Workspaces;

[Collection(GitCollection.Name)]
public sealed class WorkspaceTests(GitFixture fixture)
{
    [Fact]
    public async Task Change_in_the_worktree_reaches_the_project_when_it_is_applied()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        Assert.Equal("one\ntwo\nthree\n", await File.ReadAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), Stop));

        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "one\n2\nthree\n", Stop);
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "new.txt"), "new\n", Stop);
        File.Delete(Path.Combine(workspace.Directory, "src", "b.txt"));
        var point = await workspace.SaveAsync("edit", Stop);

        var changes = await workspace.ChangesAsync(workspace.Base.Tree, point.Tree, Stop);
        Assert.Equal([("a.txt", FileChangeKind.Modified), ("new.txt", FileChangeKind.Added), ("src/b.txt", FileChangeKind.Deleted)], changes.Select(c => (c.Path, c.Kind)));
        Assert.Equal(" one\n-two\n+2\n three\n", Assert.Single(changes[0].Hunks).Content);
        Assert.Equal("one\ntwo\nthree\n", project.Read("a.txt"));

        var outcome = await workspace.ApplyAsync(point.Tree, Stop);
        Assert.True(outcome.Applied, outcome.Message);
        Assert.Equal("one\n2\nthree\n", project.Read("a.txt"));
        Assert.Equal("new\n", project.Read("new.txt"));
        Assert.False(Directory.Exists(Path.Combine(project.Root, "src")));

        Assert.True((await workspace.UndoApplyAsync(Stop)).Applied);
        Assert.Equal("one\ntwo\nthree\n", project.Read("a.txt"));
        Assert.False(project.Has("new.txt"));
        Assert.Equal("b\n", project.Read("src/b.txt"));

        Assert.True((await workspace.RedoApplyAsync(Stop)).Applied);
        Assert.Equal("one\n2\nthree\n", project.Read("a.txt"));
        Assert.Equal(["a.txt", "project"], new[] { "a.txt", Path.GetFileName(workspace.Directory) });
        Assert.Empty(Directory.EnumerateFiles(project.Root, ".edgecoder-*"));
    }

    [Fact]
    public async Task Save_point_brings_back_deleted_changed_and_untracked_files_with_modes_and_links()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write(".gitignore", "*.log\n");
        project.Write("run.sh", "#!/bin/sh\n", executable: true);
        await project.CommitAsync("more");
        await using var workspace = await project.BeginAsync();
        string At(string name) => Path.Combine(workspace.Directory, name);

        await File.WriteAllTextAsync(At("untracked ünd\nname.txt"), "u\n", Stop);
        File.CreateSymbolicLink(At("link"), "a.txt");
        await File.WriteAllTextAsync(At("ignored.log"), "1\n", Stop);
        var before = await workspace.SaveAsync("before", Stop);
        Assert.Equal(before, await workspace.SaveAsync("again", Stop));

        File.Delete(At("untracked ünd\nname.txt"));
        File.Delete(At("link"));
        File.Delete(At("a.txt"));
        Directory.CreateDirectory(At("a.txt"));
        await File.WriteAllTextAsync(At("a.txt/inner"), "x\n", Stop);
        File.SetUnixFileMode(At("run.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(At("later.txt"), "x\n", Stop);
        await File.WriteAllTextAsync(At("ignored.log"), "2\n", Stop);
        await workspace.RestoreAsync(before, Stop);

        Assert.Equal("u\n", await File.ReadAllTextAsync(At("untracked ünd\nname.txt"), Stop));
        Assert.Equal("a.txt", new FileInfo(At("link")).LinkTarget);
        Assert.Equal("one\ntwo\nthree\n", await File.ReadAllTextAsync(At("a.txt"), Stop));
        Assert.True(File.GetUnixFileMode(At("run.sh")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(File.Exists(At("later.txt")));
        Assert.Equal("2\n", await File.ReadAllTextAsync(At("ignored.log"), Stop));

        // What was there before going back is a save point itself: the undo can be undone.
        Assert.Equal(before.Tree, (await workspace.SaveAsync("same", Stop)).Tree);
        await workspace.RestoreAsync(workspace.SavePoints[2], Stop);
        Assert.Equal("x\n", await File.ReadAllTextAsync(At("a.txt/inner"), Stop));
    }

    [Fact]
    public async Task Save_points_are_there_when_the_session_is_opened_again()
    {
        using var project = await RepositoryAsync(fixture);
        IReadOnlyList<SavePoint> saved;
        await using (var workspace = await project.BeginAsync())
        {
            await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "x\n", Stop);
            await workspace.SaveAsync("edit a.txt\nsecond line", Stop);
            saved = workspace.SavePoints;
        }

        await using var again = await project.OpenAsync();
        Assert.Equal(saved, again.SavePoints);
        Assert.Equal(2, saved.Count);
    }

    [Fact]
    public async Task Git_that_is_killed_by_a_cancellation_leaves_no_lock_behind()
    {
        using var project = await RepositoryAsync(fixture);
        var killing = new KillingSandbox(project.Sandbox);
        var store = new WorkspaceStore(project.Data, killing, TimeProvider.System);
        await using var workspace = await store.BeginAsync(new WorkspaceRequest { SessionId = project.SessionId, Root = project.Root, IsDenied = _ => false }, Stop);
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "x\n", Stop);
        foreach (var command in (string[])["update-index", "update-ref"])
        {
            killing.Kills = command;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => workspace.SaveAsync("killed", Stop));
        }

        killing.Kills = null;
        Assert.Equal(1, (await workspace.SaveAsync("edit", Stop)).Id);
    }

    [Fact]
    public async Task Directory_without_git_works_the_same_way()
    {
        using var project = Plain(fixture);
        project.Write("a.txt", "one\n");
        await using var workspace = await project.BeginAsync();
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "two\n", Stop);
        var outcome = await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop);
        Assert.True(outcome.Applied, outcome.Message);
        Assert.Equal("two\n", project.Read("a.txt"));
        Assert.Equal(["a.txt"], Directory.EnumerateFileSystemEntries(project.Root).Select(Path.GetFileName));
    }
}
