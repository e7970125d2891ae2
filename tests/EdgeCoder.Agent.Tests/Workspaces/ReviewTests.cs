using System.Text;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Processes;
using static EdgeCoder.Agent.Tests.Workspaces.TestProject;

namespace EdgeCoder.Agent.Tests.Workspaces;

[Collection(GitCollection.Name)]
public sealed class ReviewTests(GitFixture fixture)
{
    private static readonly string Long = string.Concat(Enumerable.Range(1, 30).Select(i => $"line {i}\n"));

    [Fact]
    public async Task Review_keeps_hunks_files_and_edits_and_rejects_the_rest()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write("long.txt", Long);
        await project.CommitAsync("long");
        await using var workspace = await project.BeginAsync();
        string At(string name) => Path.Combine(workspace.Directory, name);
        await File.WriteAllTextAsync(At("long.txt"), Long.Replace("line 2\n", "LINE 2\n", StringComparison.Ordinal).Replace("line 15\n", "", StringComparison.Ordinal).Replace("line 30\n", "line 30", StringComparison.Ordinal), Stop);
        await File.WriteAllTextAsync(At("a.txt"), "theirs\n", Stop);
        await File.WriteAllTextAsync(At("src/b.txt"), "rejected\n", Stop);
        await File.WriteAllTextAsync(At("new.txt"), "new\n", Stop);
        var point = await workspace.SaveAsync("edit", Stop);
        Assert.Equal(3, (await workspace.ChangesAsync(workspace.Base.Tree, point.Tree, Stop)).Single(c => c.Path == "long.txt").Hunks.Count);

        var kept = await workspace.SelectAsync(
            point.Tree,
            [new ReviewedFile("long.txt", [0, 2]), new ReviewedFile("a.txt", null, "edited\n"u8.ToArray()), new ReviewedFile("new.txt", null), new ReviewedFile("src/b.txt", [])],
            Stop);
        await workspace.RestoreAsync(new SavePoint(point.Id, kept, "kept", 0), Stop);
        Assert.Equal(Long.Replace("line 2\n", "LINE 2\n", StringComparison.Ordinal).Replace("line 30\n", "line 30", StringComparison.Ordinal), await File.ReadAllTextAsync(At("long.txt"), Stop));
        Assert.Equal("edited\n", await File.ReadAllTextAsync(At("a.txt"), Stop));
        Assert.Equal("new\n", await File.ReadAllTextAsync(At("new.txt"), Stop));
        Assert.Equal("b\n", await File.ReadAllTextAsync(At("src/b.txt"), Stop));
    }

    [Fact]
    public async Task Renames_modes_binary_files_and_links_are_told_apart()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write("long.txt", Long);
        await project.CommitAsync("long");
        await using var workspace = await project.BeginAsync();
        string At(string name) => Path.Combine(workspace.Directory, name);
        File.Move(At("long.txt"), At("moved here.txt"));
        await File.AppendAllTextAsync(At("moved here.txt"), "more\n", Stop);
        await File.WriteAllBytesAsync(At("image"), [0, 1, 2], Stop);
        File.SetUnixFileMode(At("a.txt"), (UnixFileMode)0b111_101_101);
        File.Delete(At("src/b.txt"));
        File.CreateSymbolicLink(At("src/b.txt"), "../a.txt");
        var point = await workspace.SaveAsync("edit", Stop);

        var changes = (await workspace.ChangesAsync(workspace.Base.Tree, point.Tree, Stop)).ToDictionary(c => c.Path);
        Assert.Equal(["a.txt", "image", "moved here.txt", "src/b.txt"], changes.Keys);
        Assert.Equal((FileChangeKind.Renamed, "long.txt", 1), (changes["moved here.txt"].Kind, changes["moved here.txt"].OldPath, changes["moved here.txt"].Hunks.Count));
        Assert.Equal((FileChangeKind.Added, true), (changes["image"].Kind, changes["image"].Binary));
        Assert.Equal((FileChangeKind.Modified, 0), (changes["a.txt"].Kind, changes["a.txt"].Hunks.Count));
        Assert.Equal(FileChangeKind.Modified, changes["src/b.txt"].Kind);

        // Rejecting the rename keeps the old file; keeping it moves the file.
        var rejected = await workspace.SelectAsync(point.Tree, [new ReviewedFile("image", null)], Stop);
        Assert.Equal(["image"], (await workspace.ChangesAsync(workspace.Base.Tree, rejected, Stop)).Select(c => c.Path));
        var all = await workspace.SelectAsync(point.Tree, [.. changes.Keys.Select(k => new ReviewedFile(k, null))], Stop);
        Assert.Equal(point.Tree, all);
        var versions = await workspace.VersionsAsync(workspace.Base.Tree, point.Tree, changes["moved here.txt"], Stop);
        Assert.Equal((Long, Long + "more\n"), (Encoding.UTF8.GetString(versions.Before!), Encoding.UTF8.GetString(versions.After!)));
    }

    [Theory]
    [InlineData("no.txt", 0, "review_unknown_file")]
    [InlineData("a.txt", 7, "review_unknown_hunk")]
    public async Task Review_of_what_is_not_there_is_refused(string file, int hunk, string code)
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), $"0\n{new string('x', 10)}\n", Stop);
        var point = await workspace.SaveAsync("edit", Stop);
        Assert.Equal(code, (await Assert.ThrowsAsync<RepositoryException>(() => workspace.SelectAsync(point.Tree, [new ReviewedFile(file, [hunk, hunk + 1])], Stop))).Code);
    }

    [Fact]
    public async Task Patch_is_taken_by_git_apply_and_gives_the_same_tree()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        string At(string name) => Path.Combine(workspace.Directory, name);
        await File.WriteAllTextAsync(At("a.txt"), "one\ntwo\nthree", Stop);
        await File.WriteAllBytesAsync(At("image"), [0, 1, 2], Stop);
        await File.WriteAllTextAsync(At("ümlaut file"), "ü\n", Stop);
        File.Move(At("src/b.txt"), At("moved"));
        var point = await workspace.SaveAsync("edit", Stop);
        var patch = await workspace.PatchAsync(workspace.Base.Tree, point.Tree, Stop);

        var applied = await ProgramRun.ToEndAsync("git", ["apply", "--index"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/nonexistent" }, patch, project.Root);
        Assert.True(applied.ExitCode == 0, applied.ToString());
        Assert.Equal(point.Tree, (await project.GitAsync(["write-tree"])).Trim());
    }

    [Fact]
    public async Task Patch_with_text_that_is_not_utf8_is_taken_too()
    {
        using var project = await RepositoryAsync(fixture);
        await File.WriteAllBytesAsync(Path.Combine(project.Root, "latin"), [(byte)'a', 0xE4, (byte)'\n', (byte)'b', (byte)'\n'], Stop);
        await project.CommitAsync("latin");
        await using var workspace = await project.BeginAsync();
        await File.WriteAllBytesAsync(Path.Combine(workspace.Directory, "latin"), [(byte)'a', 0xE4, (byte)'\n', 0xFC, (byte)'\n'], Stop);
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "x\n", Stop);
        var point = await workspace.SaveAsync("edit", Stop);
        var patch = await workspace.PatchAsync(workspace.Base.Tree, point.Tree, Stop);

        Assert.Contains("+x", patch, StringComparison.Ordinal);
        var applied = await ProgramRun.ToEndAsync("git", ["apply", "--index"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/nonexistent" }, patch, project.Root);
        Assert.True(applied.ExitCode == 0, applied.ToString());
        Assert.Equal(point.Tree, (await project.GitAsync(["write-tree"])).Trim());
    }

    [Theory]
    [InlineData(".github/workflows/x.yml", true)]
    [InlineData("sub/.github/workflows/x.yml", true)]
    [InlineData(".husky/pre-commit", true)]
    [InlineData(".vscode/tasks.json", true)]
    [InlineData("web/package.json", true)]
    [InlineData("Makefile", true)]
    [InlineData(".GitLab-CI.yml", true)]
    [InlineData("src/main.py", false)]
    [InlineData("docs/github/workflows.md", false)]
    [InlineData("src/webhooks/handler.py", false)]
    public void File_that_runs_later_by_itself_is_marked(string path, bool marked) => Assert.Equal(marked, LaterRunning.Caution(path) is not null);
}
