using System.Text.Json.Nodes;
using EdgeCoder.SystemTests.Coordination;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;
using EdgeCoder.TestKit.Wires;

namespace EdgeCoder.SystemTests.Endpoint;

/// <summary>One <c>edgecoder up</c> for all agents of a class, with a model server of this machine whose model works like one of a coding agent.</summary>
public sealed class AgentStage : IAsyncLifetime
{
    /// <summary>What stands in the file in the end.</summary>
    internal const string Line = "made-here";

    private readonly RunningCoordinator _up = new(selfAgent: false);
    private ScriptedOpenAI? _server;

    private Uri Address => new($"http://127.0.0.1:{_up.Run.Environment["IDE_PROVIDER_PORT"]}");

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "scripted", Window = 65536, Acts = CodingModel.Answer, Answer = _ => "A short title" });
        _up.Run.Write(".config/edgecoder/models.json", $$$"""{"servers":[{"name":"scripted","address":"{{{_server.BaseAddress}}}","reach":"this-machine","contextWindow":65536}]}""");
        await _up.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _up.DisposeAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>
    /// Runs an agent in a repository of its own: the file is written and the run ends well; every answer says where it ran and what it used, as the model
    /// counted it; and nobody else was asked for anything, but <paramref name="alsoAsks"/>.
    /// </summary>
    internal async Task<(ProgramResult Result, List<Exchange> Exchanges)> RunAsync(AloneRun agent, string name, Func<string, string[]> command, string? alsoAsks = null)
    {
        using var repository = new TemporaryDirectory();
        await ProgramRun.ToEndAsync("git", ["init", "-q", repository.Path], agent.Environment);
        await using var recorded = await RecordedExchanges.StartAsync(Address, agent.Socket);
        var file = repository["notes.txt"];
        var line = command(file);
        var result = await agent.ToEndAsync(repository.Path, line[0], line[1..]);
        await recorded.EndAsync();
        var exchanges = recorded.Exchanges.ToList();
        Assert.True(result.ExitCode == 0 && File.Exists(file), $"{name}: {result}\n{string.Join('\n', exchanges.Select(exchange => $"{exchange.Method} {exchange.Path} {exchange.Status}: {exchange.Answer}"))}\n{_up.Errors}");
        Assert.Equal(Line + "\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(agent.Attempts, asked => alsoAsks is null || !asked.Contains(alsoAsks, StringComparison.Ordinal));
        Assert.True(exchanges.Count >= 2);
        Assert.All(exchanges, exchange =>
        {
            Assert.Equal((200, "openai-compatible"), (exchange.Status, exchange.AnswerHeaders.GetValueOrDefault("X-EdgeCoder-Route")));
            var (prompt, completion) = Usage(exchange);
            Assert.True(prompt > 0 && completion > 0, exchange.Answer);
            Assert.Contains("\"ranOn\":\"this-machine\"", exchange.Answer, StringComparison.Ordinal);
        });
        ExchangeTrace.Record(name, exchanges, (repository.Path, "/repository"), (agent.Home, "~"));
        return (result, exchanges);
    }

    /// <summary>What the one event of a stream that counts says; of a response, the last one.</summary>
    internal static (int Prompt, int Completion) Usage(Exchange exchange)
    {
        var events = exchange.Answer.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line["data: ".Length..])!);
        var usage = Assert.Single(events.Select(said => said["usage"] ?? said["response"]?["usage"]).OfType<JsonObject>());
        return ((int)(usage["prompt_tokens"] ?? usage["input_tokens"])!, (int)(usage["completion_tokens"] ?? usage["output_tokens"])!);
    }
}
