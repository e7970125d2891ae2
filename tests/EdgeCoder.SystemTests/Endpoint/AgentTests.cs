using System.Reflection;
using System.Text.Json.Nodes;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Endpoint;

/// <summary>
/// Coding agents from npm, unmodified and configured as <c>docs/clients.md</c> says, against a real <c>edgecoder up</c>: each is asked for a file in a
/// repository, its model calls a tool of the agent, the agent writes the file, and the model says so. They have no network but the way to the endpoint.
/// </summary>
public sealed class AgentTests(AgentStage stage) : IClassFixture<AgentStage>
{
    [Fact]
    public async Task Opencode_writes_a_file_that_the_model_asked_for()
    {
        using var agent = new AloneRun();
        agent.Write(".config/opencode/opencode.json", Documented("opencode.json"));
        agent.Environment["OPENCODE_DISABLE_MODELS_FETCH"] = "1";
        agent.Environment["npm_config_offline"] = "true";
        var (result, exchanges) = await stage.RunAsync(agent, "opencode", file => [Program("Opencode"), "run", CodingModel.Request(file, AgentStage.Line)]);
        Assert.Contains(CodingModel.Done, result.Output, StringComparison.Ordinal);
        Assert.All(exchanges, exchange => Assert.Equal("/v1/chat/completions", exchange.Path));
    }

    [Fact]
    public async Task Qwen_code_writes_a_file_that_the_model_asked_for()
    {
        using var agent = new AloneRun();
        agent.Write(".qwen/settings.json", Documented("settings.json"));
        agent.Environment["OPENAI_BASE_URL"] = AloneRun.Door + "v1";
        agent.Environment["OPENAI_API_KEY"] = "none";
        var (result, exchanges) = await stage.RunAsync(agent, "qwen-code", file => ["node", Program("Qwen"), "--approval-mode", "auto-edit", "-p", CodingModel.Request(file, AgentStage.Line)]);
        Assert.Contains(CodingModel.Done, result.Output, StringComparison.Ordinal);
        Assert.All(exchanges, exchange => Assert.Equal("/v1/chat/completions", exchange.Path));
    }

    [Fact]
    public async Task Codex_writes_a_file_that_the_model_asked_for()
    {
        using var agent = new AloneRun();
        agent.Write(".codex/config.toml", Documented("config.toml"));
        var (result, exchanges) = await stage.RunAsync(agent, "codex", file => [Program("Codex"), "exec", "--json", "--sandbox", "workspace-write", CodingModel.Request(file, AgentStage.Line)]);
        var said = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(CodingModel.Done, (string?)said.Last(line => (string?)line["item"]?["type"] == "agent_message")["item"]!["text"]);
        Assert.Contains(said, line => (string?)line["item"]?["type"] == "file_change" && (string?)line["item"]!["status"] == "completed");
        Assert.All(exchanges, exchange => Assert.Equal("/v1/responses", exchange.Path));

        // The client's own sum of what the answers counted.
        var used = Assert.Single(said, line => (string?)line["type"] == "turn.completed")["usage"]!;
        Assert.Equal(exchanges.Sum(exchange => AgentStage.Usage(exchange).Prompt), (int)used["input_tokens"]!);
        Assert.Equal(exchanges.Sum(exchange => AgentStage.Usage(exchange).Completion), (int)used["output_tokens"]!);
    }

    // A block of the guide, by the name of the file that it is: the configuration that people copy is the one tested..
    private static string Documented(string file)
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "clients.md"));
        var start = guide.IndexOf("```", guide.IndexOf($"/{file}`", StringComparison.Ordinal), StringComparison.Ordinal);
        var block = guide[(guide.IndexOf('\n', start) + 1)..guide.IndexOf("```", start + 3, StringComparison.Ordinal)];
        Assert.Contains("edgecoder-local", block, StringComparison.Ordinal);
        return block;
    }

    private static string Program(string name) => typeof(AgentTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == name + "Program").Value!;
}
