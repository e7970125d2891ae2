using EdgeCoder.Agent.Workspaces;
using static EdgeCoder.Agent.Tests.Workspaces.TestProject;

namespace EdgeCoder.Agent.Tests.Workspaces;

/// <summary>R9: what is applied can be taken back, and nothing of the person's is lost on the way.</summary>
[Collection(GitCollection.Name)]
public sealed class ApplyTests(GitFixture fixture)
{
    [Fact]
    public async Task Edits_of_the_person_meanwhile_are_merged_and_survive_the_undo()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "a.txt", "one\ntwo\n3\n");
        var point = await workspace.SaveAsync("edit", Stop);
        project.Write("a.txt", "1\ntwo\nthree\n");
        project.Write("mine.txt", "mine\n");

        var outcome = await workspace.ApplyAsync(point.Tree, Stop);
        Assert.True(outcome.Applied, outcome.Message);
        Assert.Equal(["a.txt"], outcome.Files);
        Assert.Equal("1\ntwo\n3\n", project.Read("a.txt"));
        Assert.True((await workspace.UndoApplyAsync(Stop)).Applied);
        Assert.Equal("1\ntwo\nthree\n", project.Read("a.txt"));
        Assert.Equal("mine\n", project.Read("mine.txt"));
    }

    [Fact]
    public async Task Conflict_is_shown_and_nothing_is_written()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "a.txt", "one\nZWEI\nthree\n");
        Edit(workspace, "src/b.txt", "changed\n");
        var point = await workspace.SaveAsync("edit", Stop);
        project.Write("a.txt", "one\ndeux\nthree\n");

        var outcome = await workspace.ApplyAsync(point.Tree, Stop);
        Assert.False(outcome.Applied);
        Assert.Equal(["a.txt"], outcome.Files);
        Assert.Contains("deux", outcome.Message, StringComparison.Ordinal);
        Assert.Contains("ZWEI", outcome.Message, StringComparison.Ordinal);
        Assert.Equal("one\ndeux\nthree\n", project.Read("a.txt"));
        Assert.Equal("b\n", project.Read("src/b.txt"));
        Assert.False((await workspace.UndoApplyAsync(Stop)).Applied);
    }

    [Fact]
    public async Task File_that_the_person_changed_after_apply_is_a_conflict_of_the_undo()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "a.txt", "changed\n");
        Edit(workspace, "src/b.txt", "changed\n");
        Assert.True((await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop)).Applied);
        project.Write("a.txt", "changed\nand mine\n");

        var outcome = await workspace.UndoApplyAsync(Stop);
        Assert.False(outcome.Applied);
        Assert.Equal(["a.txt"], outcome.Files);
        Assert.Equal("changed\nand mine\n", project.Read("a.txt"));
        Assert.Equal("changed\n", project.Read("src/b.txt"));

        // Put right by the person, it can be taken back.
        project.Write("a.txt", "changed\n");
        Assert.True((await workspace.UndoApplyAsync(Stop)).Applied);
        Assert.Equal("b\n", project.Read("src/b.txt"));
    }

    [Fact]
    public async Task Undo_and_redo_work_from_another_process_one_change_after_the_other()
    {
        using var project = await RepositoryAsync(fixture);
        await using (var workspace = await project.BeginAsync())
        {
            Edit(workspace, "a.txt", "first change\n");
            Assert.True((await workspace.ApplyAsync((await workspace.SaveAsync("1", Stop)).Tree, Stop)).Applied);
            Edit(workspace, "new.txt", "second change\n");
            var second = await workspace.ApplyAsync((await workspace.SaveAsync("2", Stop)).Tree, Stop);
            Assert.Equal(["new.txt"], second.Files);
        }

        await using (var again = await project.OpenAsync())
        {
            Assert.True((await again.UndoApplyAsync(Stop)).Applied);
            Assert.False(project.Has("new.txt"));
            Assert.Equal("first change\n", project.Read("a.txt"));
        }

        await using var third = await project.OpenAsync();
        Assert.True((await third.UndoApplyAsync(Stop)).Applied);
        Assert.Equal("one\ntwo\nthree\n", project.Read("a.txt"));
        Assert.False((await third.UndoApplyAsync(Stop)).Applied);
        Assert.True((await third.RedoApplyAsync(Stop)).Applied);
        Assert.True((await third.RedoApplyAsync(Stop)).Applied);
        Assert.False((await third.RedoApplyAsync(Stop)).Applied);
        Assert.Equal("second change\n", project.Read("new.txt"));
    }

    [Fact]
    public async Task Hidden_edits_are_seen_marks_of_the_index_notwithstanding()
    {
        using var project = await RepositoryAsync(fixture);
        await project.GitAsync(["update-index", "--assume-unchanged", "a.txt"]);
        await project.GitAsync(["update-index", "--skip-worktree", "src/b.txt"]);
        project.Write("a.txt", "my secret edit\n");
        project.Write("src/b.txt", "my local settings\n");
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "a.txt", "theirs\n");
        Edit(workspace, "src/b.txt", "theirs\n");

        var outcome = await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop);
        Assert.False(outcome.Applied);
        Assert.Equal(["a.txt", "src/b.txt"], outcome.Files);
        Assert.Equal("my secret edit\n", project.Read("a.txt"));
        Assert.Equal("my local settings\n", project.Read("src/b.txt"));
    }

    [Fact]
    public async Task Ignored_file_or_link_in_the_way_is_never_overwritten()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write(".gitignore", "out\nlinked\n");
        await project.CommitAsync("ignore");
        project.Write("out", "precious\n");
        Directory.CreateDirectory(project.Beside("elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(project.Root, "linked"), project.Beside("elsewhere"));
        await using var workspace = await project.BeginAsync();
        Edit(workspace, ".gitignore", "");
        Edit(workspace, "out", "theirs\n");
        Edit(workspace, "linked/x", "theirs\n");

        var outcome = await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop);
        Assert.False(outcome.Applied);
        Assert.Equal(["linked/x", "out"], outcome.Files);
        Assert.Equal("precious\n", project.Read("out"));
        Assert.Equal("out\nlinked\n", project.Read(".gitignore"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(project.Beside("elsewhere")));
    }

    [Theory]
    [InlineData("a.txt")]
    [InlineData("z.txt")]
    public async Task File_that_changes_at_the_last_moment_stays_and_the_others_go_back(string changed)
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "a.txt", "theirs\n");
        Edit(workspace, "b/new.txt", "new\n");
        Edit(workspace, "z.txt", "z\n");
        File.Delete(Path.Combine(workspace.Directory, "src/b.txt"));
        var point = await workspace.SaveAsync("edit", Stop);

        // The deletion comes first; by then the person has saved a file, one that is there or one that is not.
        var count = 0;
        ApplyWriter.BeforeWrite.Value = _ =>
        {
            if (++count == 1)
            {
                project.Write(changed, "mine\n");
            }
        };
        var outcome = await workspace.ApplyAsync(point.Tree, Stop);
        ApplyWriter.BeforeWrite.Value = null;

        Assert.False(outcome.Applied, outcome.Message);
        Assert.Equal([changed], outcome.Files);
        Assert.Equal("mine\n", project.Read(changed));
        Assert.Equal("b\n", project.Read("src/b.txt"));
        Assert.Equal(changed == "a.txt" ? "mine\n" : "one\ntwo\nthree\n", project.Read("a.txt"));
        Assert.Equal([".git", "a.txt", "src", .. changed == "z.txt" ? ["z.txt"] : (string[])[]], Directory.EnumerateFileSystemEntries(project.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Link_that_takes_the_place_of_a_directory_at_the_last_moment_leads_nowhere()
    {
        using var project = await RepositoryAsync(fixture);
        Directory.CreateDirectory(project.Beside("outside"));
        await File.WriteAllTextAsync(project.Beside("outside/b.txt"), "b\n", Stop);
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "src/b.txt", "theirs\n");
        Edit(workspace, "src/new.txt", "theirs\n");
        var point = await workspace.SaveAsync("edit", Stop);

        ApplyWriter.BeforeWrite.Value = _ =>
        {
            if (Directory.Exists(Path.Combine(project.Root, "src")) && new FileInfo(Path.Combine(project.Root, "src")).LinkTarget is null)
            {
                Directory.Move(Path.Combine(project.Root, "src"), Path.Combine(project.Root, "aside"));
                Directory.CreateSymbolicLink(Path.Combine(project.Root, "src"), project.Beside("outside"));
            }
        };
        var outcome = await workspace.ApplyAsync(point.Tree, Stop);
        ApplyWriter.BeforeWrite.Value = null;
        Assert.False(outcome.Applied, outcome.Message);
        Assert.Equal(["b.txt"], Directory.EnumerateFileSystemEntries(project.Beside("outside")).Select(Path.GetFileName));
        Assert.Equal("b\n", await File.ReadAllTextAsync(project.Beside("outside/b.txt"), Stop));
    }

    [Fact]
    public async Task Editor_that_writes_into_the_open_file_meanwhile_keeps_what_it_wrote()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "a.txt", "theirs\n");
        Edit(workspace, "z.txt", "theirs\n");
        var point = await workspace.SaveAsync("edit", Stop);
        await using var editor = new FileStream(Path.Combine(project.Root, "a.txt"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var count = 0;
        ApplyWriter.BeforeWrite.Value = _ =>
        {
            if (++count == 2)
            {
                editor.Write("mine"u8);
                editor.Flush();
            }
        };
        var outcome = await workspace.ApplyAsync(point.Tree, Stop);
        ApplyWriter.BeforeWrite.Value = null;
        Assert.False(outcome.Applied, outcome.Message);
        Assert.StartsWith("mine", project.Read("a.txt"), StringComparison.Ordinal);
        Assert.False(project.Has("z.txt"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Apply_that_dies_in_the_middle_is_taken_back_at_the_next_start(int dies)
    {
        using var project = await RepositoryAsync(fixture);
        project.Write("run.sh", "#!/bin/sh\n", executable: true);
        project.Write("d/file", "d\n");
        await project.CommitAsync("more");
        var before = Snapshot(project.Root);
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "a.txt", "theirs\n");
        Edit(workspace, "run.sh", "#!/bin/bash\n");
        Edit(workspace, "deep/er/new.txt", "new\n");
        File.Delete(Path.Combine(workspace.Directory, "src/b.txt"));
        Directory.Delete(Path.Combine(workspace.Directory, "d"), recursive: true);
        Edit(workspace, "d", "a file now\n");
        var point = await workspace.SaveAsync("edit", Stop);

        var count = 0;
        ApplyWriter.BeforeWrite.Value = _ => _ = ++count == dies ? throw new Killed() : 0;
        await Assert.ThrowsAsync<Killed>(() => workspace.ApplyAsync(point.Tree, Stop));
        ApplyWriter.BeforeWrite.Value = null;
        Assert.NotEqual(before, Snapshot(project.Root));

        // Another process.
        await using var again = await project.OpenAsync();
        Assert.Equal(before, Snapshot(project.Root));
        Assert.False((await again.UndoApplyAsync(Stop)).Applied);
        Assert.True((await again.ApplyAsync(point.Tree, Stop)).Applied);
        Assert.Equal("a file now\n", project.Read("d"));
        Assert.True((await again.UndoApplyAsync(Stop)).Applied);
        Assert.Equal(before, Snapshot(project.Root));
    }

    [Fact]
    public async Task File_that_the_person_changes_after_a_crash_is_left_as_it_is()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "a.txt", "theirs\n");
        Edit(workspace, "src/b.txt", "theirs\n");
        var point = await workspace.SaveAsync("edit", Stop);
        var count = 0;
        ApplyWriter.BeforeWrite.Value = _ => _ = ++count == 2 ? throw new Killed() : 0;
        await Assert.ThrowsAsync<Killed>(() => workspace.ApplyAsync(point.Tree, Stop));
        ApplyWriter.BeforeWrite.Value = null;
        Assert.Equal("theirs\n", project.Read("a.txt"));
        project.Write("a.txt", "mine, after the crash\n");

        await using var again = await project.OpenAsync();
        Assert.Contains("a.txt", Assert.Single(again.Notes), StringComparison.Ordinal);
        Assert.Equal("mine, after the crash\n", project.Read("a.txt"));
        Assert.Equal("b\n", project.Read("src/b.txt"));
        Assert.Empty(Directory.EnumerateFiles(project.Root, ".edgecoder-*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Disk_that_is_full_in_the_middle_leaves_every_file_as_it_was()
    {
        using var project = await RepositoryAsync(fixture);
        var before = Snapshot(project.Root);
        await using var workspace = await project.BeginAsync();
        Edit(workspace, "a.txt", "theirs\n");
        Edit(workspace, "new/b.txt", "theirs\n");
        var point = await workspace.SaveAsync("edit", Stop);
        var count = 0;
        ApplyWriter.BeforeWrite.Value = _ => _ = ++count == 2 ? throw new IOException("No space left on device", 28) : 0;
        var refused = await Assert.ThrowsAsync<EdgeCoder.Agent.Repositories.RepositoryException>(() => workspace.ApplyAsync(point.Tree, Stop));
        ApplyWriter.BeforeWrite.Value = null;
        Assert.Equal("apply_failed", refused.Code);
        Assert.Contains("every file is as it was", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot(project.Root));
        Assert.True((await workspace.ApplyAsync(point.Tree, Stop)).Applied);
    }

    [Fact]
    public async Task Modes_links_and_binary_files_are_applied_and_hard_links_elsewhere_keep_their_content()
    {
        using var project = await RepositoryAsync(fixture);
        File.SetUnixFileMode(Path.Combine(project.Root, "a.txt"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.GroupRead);
        TestKitLink(Path.Combine(project.Root, "a.txt"), project.Beside("hard"));
        await using var workspace = await project.BeginAsync();
        string At(string name) => Path.Combine(workspace.Directory, name);
        Edit(workspace, "a.txt", "theirs\n");
        await File.WriteAllBytesAsync(At("bin"), [0, 1, 255], Stop);
        File.CreateSymbolicLink(At("link"), "src/b.txt");
        File.SetUnixFileMode(At("src/b.txt"), (UnixFileMode)0b111_101_101);

        var outcome = await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop);
        Assert.True(outcome.Applied, outcome.Message);
        Assert.Equal("one\ntwo\nthree\n", await File.ReadAllTextAsync(project.Beside("hard"), Stop));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(Path.Combine(project.Root, "a.txt")));
        Assert.Equal([0, 1, 255], await File.ReadAllBytesAsync(Path.Combine(project.Root, "bin"), Stop));
        Assert.Equal("src/b.txt", new FileInfo(Path.Combine(project.Root, "link")).LinkTarget);
        Assert.True(File.GetUnixFileMode(Path.Combine(project.Root, "src/b.txt")).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task Line_ends_of_the_work_tree_stay_as_the_project_has_them()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write(".gitattributes", "*.txt text eol=crlf\n");
        project.Write("a.txt", "one\r\ntwo\r\n");
        await project.CommitAsync("crlf");
        await using var workspace = await project.BeginAsync();
        Assert.Equal("one\r\ntwo\r\n", await File.ReadAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), Stop));
        Edit(workspace, "a.txt", "one\r\n2\r\n");
        var outcome = await workspace.ApplyAsync((await workspace.SaveAsync("edit", Stop)).Tree, Stop);
        Assert.True(outcome.Applied, outcome.Message);
        Assert.Equal("one\r\n2\r\n", project.Read("a.txt"));
        Assert.Equal(" M a.txt\n", await project.GitAsync(["status", "--porcelain"]));
    }

    /// <summary>All files with mode and content.</summary>
    private static string Snapshot(string root) => string.Join(
        '\n',
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(f => !f.StartsWith(Path.Combine(root, ".git") + "/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => $"{f} {File.GetUnixFileMode(f)} {File.ReadAllText(f)}")
            .Concat(Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal)));

    private static void Edit(Workspace workspace, string name, string text)
    {
        var path = Path.Combine(workspace.Directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static void TestKitLink(string existing, string link)
    {
        using var ln = EdgeCoder.TestKit.Processes.ProgramRun.Start("ln", [existing, link], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" });
        ln.WaitForExit();
        Assert.Equal(0, ln.ExitCode);
    }

    /// <summary>Stands for a process that is killed: nothing of it runs any more.</summary>
    private sealed class Killed : Exception;
}
