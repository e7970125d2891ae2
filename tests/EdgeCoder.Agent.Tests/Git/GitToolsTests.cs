using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;
using static EdgeCoder.Agent.Tests.Workspaces.TestProject;

namespace EdgeCoder.Agent.Tests.Git;

[Collection(GitCollection.Name)]
public sealed class GitToolsTests(GitFixture fixture)
{
    private const string Secret = "TOKEN=hunter2-very-secret";

    // R3
    [Fact]
    public async Task Options_in_the_place_of_references_and_paths_are_refused()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        var output = Path.Combine(workspace.Directory, "planted");
        string[] hostile = [$"--output={output}", "--upload-pack=touch planted", "-cdiff.external=touch", "--ext-diff", "--no-index", "-O/etc/passwd", "--textconv", "-"];
        foreach (var text in hostile)
        {
            var quoted = JsonEncodedText.Encode(text).ToString();
            foreach (var (tool, arguments) in (IEnumerable<(string, string)>)
            [
                ("git_diff", $"{{\"ref\":\"{quoted}\"}}"), ("git_diff", $"{{\"path\":\"{quoted}\"}}"), ("git_log", $"{{\"ref\":\"{quoted}\"}}"), ("git_log", $"{{\"path\":\"{quoted}\"}}"),
                ("git_show", $"{{\"ref\":\"{quoted}\"}}"), ("git_blame", $"{{\"path\":\"{quoted}\"}}"), ("git_blame", $"{{\"path\":\"a.txt\",\"ref\":\"{quoted}\"}}"),
                ("git_branch", $"{{\"name\":\"{quoted}\",\"create\":true}}"), ("git_commit", $"{{\"message\":\"m\",\"files\":[\"{quoted}\"]}}"),
            ])
            {
                // Refused when it is described, so nobody is asked; and again when it runs.
                Assert.Throws<ToolException>(() => Tool(workspace, tool).Describe(Json(arguments)));
                await Assert.ThrowsAsync<ToolException>(() => RunAsync(workspace, tool, arguments));
            }
        }

        Assert.False(File.Exists(output));
        Assert.Empty(Directory.EnumerateFiles(project.Beside("data"), "planted", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("no-such-branch")]
    [InlineData("HEAD:a.txt")]
    [InlineData("HEAD..main")]
    [InlineData("HEAD main")]
    [InlineData("^HEAD")]
    [InlineData("HEAD^{tree}")]
    [InlineData("refs/heads/*")]
    public async Task Reference_that_names_no_commit_is_refused(string reference)
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        var refused = await Assert.ThrowsAsync<ToolException>(() => RunAsync(workspace, "git_log", $"{{\"ref\":\"{reference}\"}}"));
        Assert.Contains("There is no commit", refused.Message, StringComparison.Ordinal);
    }

    // R2
    [Fact]
    public async Task Content_of_a_denied_file_is_in_no_answer()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write(".env", Secret + "\n");
        project.Write("conf/[x]/.env", Secret + "\n");
        await project.CommitAsync("oops");
        await project.GitAsync(["mv", ".env", "plain.txt"]);
        await project.CommitAsync("renamed");
        await project.GitAsync(["mv", "plain.txt", ".env"]);
        await project.CommitAsync("and back");
        await using var workspace = await project.BeginAsync();
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, ".env"), Secret + "3\n", Stop);
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "fine\n", Stop);

        var all = new StringBuilder();
        foreach (var reference in (string[])["HEAD", "HEAD~1", "HEAD~2", "HEAD~3"])
        {
            all.Append(await RunAsync(workspace, "git_show", $"{{\"ref\":\"{reference}\"}}"));
            all.Append(await RunAsync(workspace, "git_show", $"{{\"ref\":\"{reference}\",\"path\":\"conf\"}}"));
        }

        // Not against HEAD~1: there the same words stood in a file that nobody denies.
        foreach (var reference in (string[])["HEAD", "HEAD~2", "HEAD~3"])
        {
            all.Append(await RunAsync(workspace, "git_diff", $"{{\"ref\":\"{reference}\"}}"));
        }

        all.Append(await RunAsync(workspace, "git_log", "{}")).Append(await RunAsync(workspace, "git_status", "{}"));
        var point = await workspace.SaveAsync("x", Stop);
        all.Append(await workspace.PatchAsync(workspace.Base.Tree, point.Tree, Stop));
        all.Append(JsonSerializer.Serialize(await workspace.ChangesAsync(workspace.Base.Tree, point.Tree, Stop)));
        foreach (var call in (string[])["git_blame {\"path\":\".env\"}", "git_show {\"path\":\"conf/[x]/.env\",\"content\":true}", "git_diff {\"path\":\".env\"}", "git_log {\"path\":\".env\"}"])
        {
            Assert.Contains("denied", (await Assert.ThrowsAsync<ToolException>(() => RunAsync(workspace, call.Split(' ')[0], call.Split(' ')[1]))).Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("hunter2", all.ToString(), StringComparison.Ordinal);
        Assert.Contains(".env differs; its content is denied", all.ToString(), StringComparison.Ordinal);
        Assert.Contains("+fine", all.ToString(), StringComparison.Ordinal);
        var change = Assert.Single((await workspace.ChangesAsync(workspace.Base.Tree, point.Tree, Stop)), c => c.Path == ".env");
        Assert.Equal("denied_file", (await Assert.ThrowsAsync<EdgeCoder.Agent.Repositories.RepositoryException>(() => workspace.VersionsAsync(workspace.Base.Tree, point.Tree, change, Stop))).Code);
    }

    // R10
    [Fact]
    public async Task Commit_holds_exactly_the_named_files_whatever_their_names()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        string[] named = ["with space.txt", " leading", "line\nend", "ünï", "*.txt", ":(glob)x", "quote\"s", "src/b.txt"];
        foreach (var name in (string[])[.. named, "with", "space.txt", "not named.txt"])
        {
            await File.WriteAllTextAsync(Path.Combine(workspace.Directory, name), "x\n", Stop);
        }

        File.Delete(Path.Combine(workspace.Directory, "a.txt"));
        named = [.. named, "a.txt"];
        await RunAsync(workspace, "git_commit", $"{{\"message\":\"second\",\"files\":[{string.Join(',', named.Select(n => $"\"{JsonEncodedText.Encode(n)}\""))}]}}");

        var committed = await GitAsync(workspace.Directory, ["diff-tree", "-r", "-z", "--name-only", "--no-commit-id", "HEAD"]);
        Assert.Equal(named.Order(StringComparer.Ordinal), committed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Equal("edgecoder/" + project.SessionId, (await GitAsync(workspace.Directory, ["branch", "--show-current"])).Trim());
        var status = await RunAsync(workspace, "git_status", "{}");
        Assert.Contains("A not named.txt", status, StringComparison.Ordinal);
        Assert.DoesNotContain("quote", status, StringComparison.Ordinal);
        Assert.Equal("first\n", await project.GitAsync(["log", "--format=%s"]));
    }

    [Theory]
    [InlineData("[\"src\"]")]
    [InlineData("[\".\"]")]
    [InlineData("[\"*\"]")]
    [InlineData("[\"a.txt\"]")]
    [InlineData("[\"../x\"]")]
    [InlineData("[]")]
    public async Task Commit_of_directories_patterns_or_unchanged_files_is_refused(string files)
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "src/b.txt"), "x\n", Stop);
        await Assert.ThrowsAsync<ToolException>(() => RunAsync(workspace, "git_commit", $"{{\"message\":\"m\",\"files\":{files}}}"));
        Assert.Equal("first\n", await GitAsync(workspace.Directory, ["log", "--format=%s"]));
    }

    [Fact]
    public async Task Undo_of_a_save_point_takes_a_commit_of_the_session_back()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "x\n", Stop);
        await RunAsync(workspace, "git_commit", "{\"message\":\"m\",\"files\":[\"a.txt\"]}");
        await workspace.RestoreAsync(workspace.Base, Stop);
        Assert.Contains("Nothing differs", await RunAsync(workspace, "git_status", "{}"), StringComparison.Ordinal);
        Assert.Equal("first\n", await GitAsync(workspace.Directory, ["log", "--format=%s"]));
    }

    [Fact]
    public async Task Tools_show_history_branches_lines_and_changes()
    {
        using var project = await RepositoryAsync(fixture);
        await project.GitAsync(["tag", "v1"]);
        project.Write("a.txt", "one\nzwei\nthree\n");
        await project.CommitAsync("second\n\nwith a body");
        await using var workspace = await project.BeginAsync();

        Assert.Contains("Person: second", await RunAsync(workspace, "git_log", "{\"count\":1}"), StringComparison.Ordinal);
        Assert.DoesNotContain("first", await RunAsync(workspace, "git_log", "{\"count\":1}"), StringComparison.Ordinal);
        Assert.Contains("-two\n+zwei", await RunAsync(workspace, "git_show", "{\"ref\":\"main\"}"), StringComparison.Ordinal);
        Assert.Contains("with a body", await RunAsync(workspace, "git_show", "{}"), StringComparison.Ordinal);
        Assert.Equal("one\ntwo\nthree", await RunAsync(workspace, "git_show", "{\"ref\":\"v1\",\"path\":\"a.txt\",\"content\":true}"));
        Assert.Contains("+b", await RunAsync(workspace, "git_show", "{\"ref\":\"v1\",\"path\":\"src\"}"), StringComparison.Ordinal);
        var blame = (await RunAsync(workspace, "git_blame", "{\"path\":\"a.txt\",\"offset\":2,\"limit\":1}")).Split(' ');
        Assert.Equal(["Person", "2:", "zwei"], blame[2..]);
        var branches = await RunAsync(workspace, "git_branches", "{}");
        Assert.Contains("  main ", branches, StringComparison.Ordinal);
        Assert.Contains("* edgecoder/", branches, StringComparison.Ordinal);
        Assert.Contains("tags/v1", branches, StringComparison.Ordinal);
        Assert.Contains("No difference", await RunAsync(workspace, "git_diff", "{}"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "new file"), "x\n", Stop);
        Assert.Contains("+++ b/new file", await RunAsync(workspace, "git_diff", "{}"), StringComparison.Ordinal);
        Assert.Contains("new branch topic/x.y", await RunAsync(workspace, "git_branch", "{\"name\":\"topic/x.y\",\"create\":true}"), StringComparison.Ordinal);
        await Assert.ThrowsAsync<ToolException>(() => RunAsync(workspace, "git_branch", "{\"name\":\"main\",\"create\":true}"));
        Assert.Equal("main\n", await project.GitAsync(["branch", "--format=%(refname:short)"]));
    }

    [Fact]
    public async Task Schemas_are_checkable_and_read_tools_run_side_by_side()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        Assert.Equal(10, new ToolSet(workspace.Tools).Tools.Count);
        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "x\n", Stop);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => (string[])["git_status", "git_diff"]).Select(tool => RunAsync(workspace, tool, "{}")).Append(Task.Run(async () => (await workspace.SaveAsync("meanwhile", Stop)).Tree)));
        Assert.Equal(3, answers.Distinct().Count());
    }

    private static ITool Tool(Workspace workspace, string name) => workspace.Tools.Single(t => t.Name == name);

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private static async Task<string> RunAsync(Workspace workspace, string tool, string arguments) =>
        (await Tool(workspace, tool).RunAsync(new ToolCall("1", Json(arguments), _ => { }), Stop)).Text;
}
