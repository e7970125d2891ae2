using System.Text.Json;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;
using static EdgeCoder.Agent.Tests.Workspaces.TestProject;

namespace EdgeCoder.Agent.Tests.Git;

/// <summary>R3: fetch and push, with a real server on the loopback.</summary>
[Collection(GitCollection.Name)]
public sealed class GitRemoteTests(GitFixture fixture)
{
    [Fact]
    public async Task Fetch_and_push_talk_to_a_named_remote_and_change_no_repository_of_the_person()
    {
        using var project = await RepositoryAsync(fixture);
        using var server = await ServeAsync(project);
        await project.GitAsync(["remote", "add", "origin", $"{server.Address.Replace("http://", "http://someone:hunter2@", StringComparison.Ordinal)}served.git"]);
        await using var workspace = await project.BeginAsync();

        var fetch = Tool(workspace, "git_fetch");
        var action = fetch.Describe(Json("{\"remote\":\"origin\"}"));
        Assert.Equal((ToolAccess.Network, "127.0.0.1"), (action.Access, action.Host));
        var fetched = await RunAsync(fetch, "{\"remote\":\"origin\"}");
        var log = await RunAsync(Tool(workspace, "git_log"), "{\"ref\":\"origin/main\"}");
        Assert.Contains("theirs", log, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "pushed\n", Stop);
        await RunAsync(Tool(workspace, "git_commit"), "{\"message\":\"for them\",\"files\":[\"a.txt\"]}");
        var pushed = await RunAsync(Tool(workspace, "git_push"), "{\"remote\":\"origin\",\"branch\":\"topic/one\"}");
        Assert.Equal("for them\n", await GitAsync(project.Beside("served.git"), ["log", "-1", "--format=%s", "topic/one"]));

        // Not by force: main there has a commit that is not here.
        var refused = await Assert.ThrowsAsync<ToolException>(() => RunAsync(Tool(workspace, "git_push"), "{\"remote\":\"origin\",\"branch\":\"main\"}"));
        Assert.Equal("theirs\n", await GitAsync(project.Beside("served.git"), ["log", "-1", "--format=%s", "main"]));

        Assert.All(server.Requests, r => Assert.Null(r.Authorization));
        Assert.DoesNotContain("hunter2", fetched + log + pushed + refused.Message + action + File.ReadAllText(Path.Combine(project.Data, "worktrees", project.SessionId, "workspace.json")), StringComparison.Ordinal);
        Assert.Equal("", await project.GitAsync(["branch", "-r"]));
    }

    [Fact]
    public async Task Redirection_is_not_followed_and_a_password_is_never_given()
    {
        using var project = await RepositoryAsync(fixture);
        using var server = await ServeAsync(project);
        using var other = GitServer.Start(project.Beside("."));
        await project.GitAsync(["remote", "add", "origin", server.Address + "served.git"]);
        await using var workspace = await project.BeginAsync();

        server.Redirect = other.Address;
        await Assert.ThrowsAsync<ToolException>(() => RunAsync(Tool(workspace, "git_fetch"), "{\"remote\":\"origin\"}"));
        Assert.NotEmpty(server.Requests);
        Assert.Empty(other.Requests);

        server.Guarded = true;
        var refused = await Assert.ThrowsAsync<ToolException>(() => RunAsync(Tool(workspace, "git_fetch"), "{\"remote\":\"origin\"}"));
        Assert.Contains("password", refused.Message, StringComparison.Ordinal);
        Assert.All(server.Requests, r => Assert.Null(r.Authorization));
    }

    [Theory]
    [InlineData("https://example.org/x.git")]
    [InlineData("ssh")]
    [InlineData("file")]
    [InlineData("ext")]
    [InlineData("plain")]
    [InlineData("missing")]
    [InlineData("--upload-pack=touch x")]
    public async Task Address_from_the_model_and_remote_that_is_not_https_are_refused_before_anybody_is_asked(string remote)
    {
        using var project = await RepositoryAsync(fixture);
        foreach (var (name, url) in new Dictionary<string, string> { ["ssh"] = "git@example.org:x.git", ["file"] = "file:///etc", ["ext"] = "ext::sh -c touch% x", ["plain"] = "http://example.org/x.git" })
        {
            await project.GitAsync(["config", $"remote.{name}.url", url]);
        }

        await using var workspace = await project.BeginAsync();
        Assert.Throws<ToolException>(() => Tool(workspace, "git_fetch").Describe(Json($"{{\"remote\":\"{remote}\"}}")));
        await Assert.ThrowsAsync<ToolException>(() => RunAsync(Tool(workspace, "git_push"), $"{{\"remote\":\"{remote}\",\"branch\":\"x\"}}"));
    }

    /// <summary>A server with one commit more than the project.</summary>
    private static async Task<GitServer> ServeAsync(TestProject project)
    {
        await project.GitAsync(["clone", "-q", "--bare", project.Root, project.Beside("served.git")]);
        await GitAsync(project.Beside("served.git"), ["config", "http.receivepack", "true"]);
        var tree = (await GitAsync(project.Beside("served.git"), ["rev-parse", "main^{tree}"])).Trim();
        var commit = (await GitAsync(project.Beside("served.git"), ["commit-tree", tree, "-p", "main", "-m", "theirs"])).Trim();
        await GitAsync(project.Beside("served.git"), ["update-ref", "refs/heads/main", commit]);
        return GitServer.Start(project.Beside("."));
    }

    private static ITool Tool(Workspace workspace, string name) => workspace.Tools.Single(t => t.Name == name);

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private static async Task<string> RunAsync(ITool tool, string arguments) => (await tool.RunAsync(new ToolCall("1", Json(arguments), _ => { }), Stop)).Text;
}
