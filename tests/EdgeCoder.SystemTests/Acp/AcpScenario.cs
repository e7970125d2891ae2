using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.SystemTests.Repositories;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Acp;

/// <summary>An editor that does what a test says, by the protocol's official client library in node.</summary>
internal sealed class AcpScenario(RepositoryStage stage)
{
    private static readonly string Library = typeof(AcpScenario).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "AcpLibrary").Value!;

    private readonly JsonArray _steps = [];

    /// <summary>Options that the person chooses, in the order of the questions; <c>leave</c> closes the connection instead. Further questions are cancelled.</summary>
    public List<string> Answers { get; } = [];

    /// <summary>Options of <c>edgecoder serve --acp</c>.</summary>
    public List<string> Options { get; } = [];

    /// <summary>What the editor holds of files, by full path.</summary>
    public Dictionary<string, string> Buffers { get; } = [];

    /// <summary>Adds a request.</summary>
    public AcpScenario Ask(string method, object parameters, string? cancelOn = null, bool leaves = false)
    {
        _steps.Add(new JsonObject { ["method"] = method, ["params"] = JsonSerializer.SerializeToNode(parameters), ["cancelOn"] = cancelOn, ["leaves"] = leaves });
        return this;
    }

    /// <summary>Adds the usual beginning.</summary>
    public AcpScenario Begin(bool readsFiles = false) =>
        Ask("initialize", new { protocolVersion = 1, clientCapabilities = new { fs = new { readTextFile = readsFiles, writeTextFile = false } } })
        .Ask("session/new", new { cwd = stage.Project.Root, mcpServers = Array.Empty<object>() });

    /// <summary>Adds a prompt of text.</summary>
    public AcpScenario Prompt(string text, string? cancelOn = null, bool leaves = false) =>
        Ask("session/prompt", new { sessionId = "$session", prompt = new[] { new { type = "text", text } } }, cancelOn, leaves);

    /// <summary>Runs it to the end of the server.</summary>
    public async Task<AcpSeen> RunAsync()
    {
        var input = new JsonObject
        {
            ["steps"] = _steps.DeepClone(),
            ["answers"] = JsonSerializer.SerializeToNode(Answers),
            ["options"] = JsonSerializer.SerializeToNode(Options),
            ["buffers"] = JsonSerializer.SerializeToNode(Buffers),
        };
        var result = await ProgramRun.ToEndAsync("node", [Path.Combine(AppContext.BaseDirectory, "Acp", "client.mjs"), Library, Repository.Executable], stage.Run.Environment, input.ToJsonString(), stage.Project.Root);
        Assert.True(result.ExitCode == 0, result.ToString());

        // The library writes what does not fit the schema to standard error.
        Assert.Equal("", result.Error);
        return new AcpSeen(JsonNode.Parse(result.Output)!);
    }
}

/// <summary>What the editor saw.</summary>
internal sealed class AcpSeen(JsonNode seen)
{
    /// <summary>Results of the requests, in order.</summary>
    public JsonNode Result(int index) => seen["results"]![index]!["result"] ?? throw new InvalidOperationException(seen["results"]![index]!.ToJsonString());

    /// <summary>Code of an error.</summary>
    public int Error(int index) => (int)seen["results"]![index]!["error"]!["code"]!;

    /// <summary>Updates of a kind.</summary>
    public IReadOnlyList<JsonNode> Updates(string kind) => [.. seen["updates"]!.AsArray().Where(update => (string?)update!["sessionUpdate"] == kind).Select(update => update!)];

    /// <summary>Everything that the agent said.</summary>
    public string Said => string.Concat(Updates("agent_message_chunk").Select(update => (string)update["content"]!["text"]!));

    /// <summary>Questions that the person was asked.</summary>
    public IReadOnlyList<JsonNode> Permissions => [.. seen["permissions"]!.AsArray().Select(asked => asked!)];

    /// <summary>Exit code of the server.</summary>
    public int ExitCode => (int)seen["exitCode"]!;
}
