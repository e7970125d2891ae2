using System.Text.Json.Nodes;

namespace EdgeCoder.IdeProvider.Tests.Agentic;

/// <summary>Which directories may be a project here (agent-executor-models 2.1, 6.6; 10 S4).</summary>
public sealed class ProjectTests(SandboxFixture sandbox)
{
    public static TheoryData<string> NoProjects => new("/", "", "relative/path", "/no/such/directory", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "/home", "/home/somebody", "/etc/hostname", "/tmp/\0");

    [Theory]
    [MemberData(nameof(NoProjects))]
    public async Task What_is_no_project_is_refused_in_both_ways_in(string root)
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        var body = new JsonObject { ["projectRoot"] = root }.ToJsonString();
        Assert.Equal((400, "Not a valid directory"), Error(await AgentStage.Read(stage.PostAsync("/v1/ide/project", body))));
        Assert.Equal((400, "Not a valid directory"), Error(await AgentStage.Read(stage.PostAsync("/v1/ide/chat", stage.Body("alpha", rest: body)))));
        Assert.Empty(stage.Endpoint.Inference.Bodies);
    }

    [Fact]
    public async Task Our_own_data_is_no_project()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        var own = Directory.CreateDirectory(Path.Combine(stage.DataDirectory, "data", "sessions")).FullName;
        Assert.Equal((400, "Not a valid directory"), Error(await AgentStage.Read(stage.PostAsync("/v1/ide/project", new JsonObject { ["projectRoot"] = own }.ToJsonString()))));
    }

    [Fact]
    public async Task A_directory_that_nobody_trusts_is_refused_with_the_command_that_trusts_it()
    {
        await using var stage = await AgentStage.StartAsync(sandbox, trusted: false);
        var (status, refused) = await AgentStage.Read(stage.PostAsync("/v1/ide/project", new JsonObject { ["projectRoot"] = stage.Project.Root }.ToJsonString()));
        Assert.Equal((403, "root_not_trusted"), (status, (string?)refused["error"]));
        Assert.Contains($"edgecoder trust {stage.Project.Root}", (string?)refused["detail"], StringComparison.Ordinal);
        Assert.Equal((403, "root_not_trusted"), Error(await AgentStage.Read(stage.PostAsync("/v1/ide/chat", stage.Body("alpha")))));
    }

    [Fact]
    public async Task A_root_is_its_callers_own()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        await AgentStage.Read(stage.PostAsync("/v1/ide/project", new JsonObject { ["projectRoot"] = stage.Project.Root }.ToJsonString()));
        var other = stage.Endpoint.Role.Keys.Create("other", "acct", "mesh");
        Assert.Empty((await AgentStage.Read(stage.GetAsync("/v1/ide/project", other))).Document.AsObject());
        var (status, refused) = await AgentStage.Read(stage.PostAsync("/v1/ide/chat", stage.Body("alpha", withRoot: false), other));
        Assert.Equal(400, status);
        Assert.StartsWith("No project root set", (string?)refused["error"], StringComparison.Ordinal);
    }

    private static (int, string?) Error((int Status, JsonNode Document) answer) => (answer.Status, (string?)answer.Document["error"]);
}
