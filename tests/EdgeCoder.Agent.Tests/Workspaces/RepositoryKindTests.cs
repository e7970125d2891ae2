using System.Security.Cryptography;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.TestKit.Processes;
using static EdgeCoder.Agent.Tests.Workspaces.TestProject;

namespace EdgeCoder.Agent.Tests.Workspaces;

/// <summary>Every kind of repository that a person may stand in.</summary>
[Collection(GitCollection.Name)]
public sealed class RepositoryKindTests(GitFixture fixture)
{
    [Fact]
    public async Task Nothing_in_the_persons_repository_changes_from_begin_to_undo()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write("a.txt", "staged\n");
        await project.GitAsync(["add", "a.txt"]);
        project.Write("a.txt", "staged and more\n");
        project.Write("stashed", "x\n");
        await project.GitAsync(["stash", "push", "-q", "--include-untracked", "--", "stashed"]);
        project.Write("untracked.txt", "u\n");
        var before = Snapshot(Path.Combine(project.Root, ".git"));

        await using (var workspace = await project.BeginAsync(carry: true))
        {
            await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "src/b.txt"), "x\n", Stop);
            var point = await workspace.SaveAsync("edit", Stop);
            await workspace.RestoreAsync(workspace.Base, Stop);
            Assert.True((await workspace.ApplyAsync(point.Tree, Stop)).Applied);
            Assert.True((await workspace.UndoApplyAsync(Stop)).Applied);
            Assert.True((await workspace.RedoApplyAsync(Stop)).Applied);
        }

        await project.Store.RemoveAsync(project.SessionId, Stop);
        Assert.Equal(before, Snapshot(Path.Combine(project.Root, ".git")));
    }

    [Fact]
    public async Task Dirty_tree_is_left_out_unless_it_is_carried_in()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write(".gitignore", "*.log\n");
        project.Write("a.txt", "staged\n");
        await project.GitAsync(["add", "a.txt"]);
        project.Write("src/b.txt", "unstaged\n");
        project.Write("untracked.txt", "u\n");
        project.Write("x.log", "ignored\n");

        await using (var clean = await project.BeginAsync())
        {
            Assert.Equal("one\ntwo\nthree\n", await File.ReadAllTextAsync(Path.Combine(clean.Directory, "a.txt"), Stop));
            Assert.False(File.Exists(Path.Combine(clean.Directory, "untracked.txt")));
        }

        await project.Store.RemoveAsync(project.SessionId, Stop);
        await using var carried = await project.BeginAsync(carry: true);
        string Read(string name) => File.ReadAllText(Path.Combine(carried.Directory, name));
        Assert.Equal(("staged\n", "unstaged\n", "u\n"), (Read("a.txt"), Read("src/b.txt"), Read("untracked.txt")));
        Assert.False(File.Exists(Path.Combine(carried.Directory, "x.log")));
        Assert.Empty(await carried.ChangesAsync(carried.Base.Tree, (await carried.SaveAsync("nothing", Stop)).Tree, Stop));
    }

    [Fact]
    public async Task Bare_repository_is_refused_and_leaves_nothing_behind()
    {
        using var project = Plain(fixture);
        await project.GitAsync(["init", "-q", "--bare", "."]);
        var refused = await Assert.ThrowsAsync<RepositoryException>(() => project.BeginAsync());
        Assert.Equal("bare_repository", refused.Code);
        Assert.NotNull(refused.Hint);
        Assert.Empty(project.Store.List());
    }

    [Fact]
    public async Task Detached_head_is_the_base()
    {
        using var project = await RepositoryAsync(fixture);
        await project.GitAsync(["checkout", "-q", "--detach"]);
        project.Write("a.txt", "second\n");
        await project.CommitAsync("second");
        await using var workspace = await project.BeginAsync();
        Assert.Equal("second\n", await File.ReadAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), Stop));
        Assert.Equal(await project.GitAsync(["rev-parse", "HEAD"]), await GitAsync(workspace.Directory, ["rev-parse", "HEAD"]));
    }

    [Fact]
    public async Task Repository_without_a_commit_starts_from_its_files()
    {
        using var project = Plain(fixture);
        await project.GitAsync(["init", "-q"]);
        project.Write("a.txt", "a\n");
        await using var workspace = await project.BeginAsync();
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "b\n", Stop);
        Assert.True((await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop)).Applied);
        Assert.Equal("b\n", project.Read("a.txt"));
    }

    [Fact]
    public async Task Empty_directory_can_be_worked_in()
    {
        using var project = Plain(fixture);
        await using var workspace = await project.BeginAsync();
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "new"), "b\n", Stop);
        Assert.True((await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop)).Applied);
        Assert.Equal("b\n", project.Read("new"));
    }

    [Fact]
    public async Task Submodules_keep_their_place_and_their_files()
    {
        using var library = await RepositoryAsync(fixture);
        using var project = await RepositoryAsync(fixture);
        await project.GitAsync(["-c", "protocol.file.allow=always", "submodule", "add", "-q", library.Root, "lib with space"]);
        await project.CommitAsync("submodule");
        project.Write("lib with space/a.txt", "dirty in the submodule\n");
        var gitlink = await project.GitAsync(["ls-tree", "HEAD", "lib with space"]);

        await using var workspace = await project.BeginAsync(carry: true);
        Assert.Contains("lib with space", Assert.Single(workspace.Notes), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(workspace.Directory, "lib with space"));
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "x\n", Stop);
        var point = await workspace.SaveAsync("edit", Stop);
        Assert.Equal(["a.txt"], (await workspace.ChangesAsync(workspace.Base.Tree, point.Tree, Stop)).Select(c => c.Path));
        Assert.Equal(gitlink, await GitAsync(workspace.Directory, ["ls-tree", point.Tree, "lib with space"]));
        Assert.True((await workspace.ApplyAsync(point.Tree, Stop)).Applied);
        Assert.Equal("dirty in the submodule\n", project.Read("lib with space/a.txt"));

        // The submodule itself is a project too.
        await using var inner = await project.Store.BeginAsync(new WorkspaceRequest { SessionId = Guid.NewGuid().ToString(), Root = Path.Combine(project.Root, "lib with space"), IsDenied = _ => false }, Stop);
        Assert.Equal("one\ntwo\nthree\n", await File.ReadAllTextAsync(Path.Combine(inner.Directory, "a.txt"), Stop));
    }

    [Fact]
    public async Task Linked_worktree_shallow_clone_and_borrowed_objects_work()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write("a.txt", "second\n");
        await project.CommitAsync("second");
        await project.GitAsync(["worktree", "add", "-q", project.Beside("linked"), "-b", "side"]);
        await project.GitAsync(["clone", "-q", "--depth=1", $"file://{project.Root}", project.Beside("shallow")]);
        await project.GitAsync(["clone", "-q", "--shared", project.Root, project.Beside("shared")]);
        foreach (var kind in (string[])["linked", "shallow", "shared"])
        {
            await using var workspace = (Workspace)await project.Store.BeginAsync(
                new WorkspaceRequest { SessionId = Guid.NewGuid().ToString(), Root = project.Beside(kind), IsDenied = _ => false, CarryUncommitted = true }, Stop);
            Assert.Equal("second\n", await File.ReadAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), Stop));
            await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "third\n", Stop);
            Assert.True((await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop)).Applied);
            Assert.Equal("third\n", await File.ReadAllTextAsync(Path.Combine(project.Beside(kind), "a.txt"), Stop));
            var log = workspace.Tools.Single(t => t.Name == "git_log");
            Assert.Contains("second", (await log.RunAsync(new("1", System.Text.Json.JsonElement.Parse("{}"), _ => { }), Stop)).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Repository_of_sha256_works()
    {
        using var project = await RepositoryAsync(fixture, "--object-format=sha256");
        await using var workspace = await project.BeginAsync();
        Assert.Equal(64, workspace.Base.Tree.Length);
        File.Delete(Path.Combine(workspace.Directory, "a.txt"));
        var point = await workspace.SaveAsync("edit", Stop);
        Assert.True((await workspace.ApplyAsync(point.Tree, Stop)).Applied);
        Assert.True((await workspace.UndoApplyAsync(Stop)).Applied);
        Assert.Equal("one\ntwo\nthree\n", project.Read("a.txt"));
    }

    [Fact]
    public async Task Unknown_format_of_repository_is_refused_by_name()
    {
        using var project = await RepositoryAsync(fixture);
        await File.AppendAllTextAsync(Path.Combine(project.Root, ".git", "config"), "[extensions]\n\tfromTheFuture = true\n", Stop);
        var refused = await Assert.ThrowsAsync<RepositoryException>(() => project.BeginAsync());
        Assert.Equal("repository_unsupported", refused.Code);
        Assert.Contains("fromthefuture", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_git_lfs_stay_pointers_and_the_person_is_told()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
        project.Write("big.bin", "version https://git-lfs.github.com/spec/v1\n");
        await project.CommitAsync("lfs");
        await using var workspace = await project.BeginAsync();
        Assert.Contains("git-lfs", Assert.Single(workspace.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_lives_on_when_the_persons_repository_forgets_its_base()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        project.Write("a.txt", "amended\n");
        await project.GitAsync(["commit", "-q", "-a", "--amend", "-m", "another"]);
        await project.GitAsync(["reflog", "expire", "--expire=now", "--all"]);
        await project.GitAsync(["gc", "-q", "--prune=now"]);
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "src/b.txt"), "x\n", Stop);

        await using var again = await project.OpenAsync();
        var point = await again.SaveAsync("edit", Stop);
        await again.RestoreAsync(again.Base, Stop);
        Assert.Equal("one\ntwo\nthree\n", await File.ReadAllTextAsync(Path.Combine(again.Directory, "a.txt"), Stop));
        Assert.True((await again.ApplyAsync(point.Tree, Stop)).Applied);
        Assert.Equal("amended\n", project.Read("a.txt"));
    }

    [Fact]
    public async Task Merge_in_progress_is_taken_as_the_files_are()
    {
        using var project = await RepositoryAsync(fixture);
        await project.GitAsync(["checkout", "-q", "-b", "side"]);
        project.Write("a.txt", "side\n");
        await project.CommitAsync("side");
        await project.GitAsync(["checkout", "-q", "main"]);
        project.Write("a.txt", "main\n");
        await project.CommitAsync("main");
        await ProgramRun.ToEndAsync("git", ["-c", "user.name=x", "-c", "user.email=x", "merge", "side"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/nonexistent" }, directory: project.Root);
        Assert.Contains("<<<<<<<", project.Read("a.txt"), StringComparison.Ordinal);

        await using var workspace = await project.BeginAsync(carry: true);
        Assert.Equal(project.Read("a.txt"), await File.ReadAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), Stop));
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "resolved\n", Stop);
        Assert.True((await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop)).Applied);
        Assert.Equal("UU a.txt\n", await project.GitAsync(["status", "--porcelain"]));
    }

    [Fact]
    public async Task Names_that_are_not_utf8_survive_saving_and_are_named_when_they_cannot_be_applied()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        async Task Shell(string script) => Assert.Equal(0, (await ProgramRun.ToEndAsync("sh", ["-c", script], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, directory: workspace.Directory)).ExitCode);
        await Shell("printf x > \"$(printf 'n\\303\\050me')\"");
        var point = await workspace.SaveAsync("edit", Stop);
        Assert.Equal(["n\\xc3(me"], (await workspace.ChangesAsync(workspace.Base.Tree, point.Tree, Stop)).Select(c => c.Path));

        await Shell("rm n*me");
        await workspace.RestoreAsync(point, Stop);
        await Shell("test \"$(cat \"$(printf 'n\\303\\050me')\")\" = x");

        var outcome = await workspace.ApplyAsync(point.Tree, Stop);
        Assert.False(outcome.Applied);
        Assert.Equal(["n\\xc3(me"], outcome.Files);

        await project.Store.RemoveAsync(project.SessionId, Stop);
        Assert.Empty(project.Store.List());
    }

    [Fact]
    public async Task Clean_up_removes_the_worktrees_of_ended_sessions_and_nothing_else()
    {
        using var project = await RepositoryAsync(fixture);
        var other = Guid.NewGuid().ToString();
        await using var ended = await project.BeginAsync();
        await using var alive = await project.Store.BeginAsync(new WorkspaceRequest { SessionId = other, Root = project.Root, IsDenied = _ => false }, Stop);
        Directory.CreateDirectory(Path.Combine(project.Data, "worktrees", "not-a-session"));
        var locked = Directory.CreateDirectory(Path.Combine(ended.Directory, "locked", "in")).Parent!.FullName;
        File.SetUnixFileMode(locked, UnixFileMode.UserRead);
        Directory.CreateSymbolicLink(Path.Combine(ended.Directory, "link"), project.Root);

        Assert.Equal([project.SessionId], await project.Store.CleanUpAsync(id => id == project.SessionId, Stop));
        Assert.Equal([other], project.Store.List());
        Assert.False(Directory.Exists(ended.Directory));
        Assert.True(Directory.Exists(alive.Directory));
        Assert.True(Directory.Exists(Path.Combine(project.Data, "worktrees", "not-a-session")));
        Assert.Equal("one\ntwo\nthree\n", project.Read("a.txt"));
        Assert.Equal("worktree_not_found", (await Assert.ThrowsAsync<RepositoryException>(() => project.OpenAsync())).Code);
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("")]
    [InlineData("..")]
    public async Task Id_that_is_no_session_is_refused(string id)
    {
        using var project = Plain(fixture);
        Assert.Equal("session_not_found", (await Assert.ThrowsAsync<RepositoryException>(() => project.Store.RemoveAsync(id, Stop))).Code);
    }

    [Fact]
    public async Task Begin_that_is_cancelled_leaves_nothing_behind()
    {
        using var project = await RepositoryAsync(fixture);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => project.Store.BeginAsync(new WorkspaceRequest { SessionId = project.SessionId, Root = project.Root, IsDenied = _ => false }, stop.Token));
        Assert.Empty(project.Store.List());
    }

    /// <summary>All files with mode, time and content.</summary>
    private static string Snapshot(string directory) => string.Join(
        '\n',
        Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f =>
            $"{f} {File.GetUnixFileMode(f)} {(Directory.Exists(f) ? "" : File.GetLastWriteTimeUtc(f).Ticks + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f))))}"));
}
