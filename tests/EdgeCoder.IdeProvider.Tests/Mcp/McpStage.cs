using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.IdeProvider.Mcp;
using EdgeCoder.IdeProvider.Tests.Composition;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Execution;
using EdgeCoder.TestKit.Files;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace EdgeCoder.IdeProvider.Tests.Mcp;

/// <summary>The real endpoint with <c>/mcp</c>, whose parts do what the test says, and clients of it.</summary>
internal sealed class McpStage : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<McpClient> _clients = [];

    /// <summary>Parts whose every call is refused until the test sets one.</summary>
    public McpStage() => Parts = new()
    {
        Executor = new ScriptedExecutor(_ => Runs.ExitedZero("out")),
        Sessions = new SessionStore(_directory["data"]),
        Places = new(_directory["data"], _directory["config"], _directory["managed.json"]),
        ListModels = _ => Task.FromResult<IReadOnlyList<McpModel>>([Model("coder"), Model("other")]),
        Run = (_, _) => throw new InvalidOperationException("nothing is run in this test"),
        Diff = (_, _) => Task.FromResult("the diff"),
        OpenCoordinator = () => throw new SubmitterException("swarm_not_configured", "nobody named a coordinator"),
    };

    /// <summary>What the tools work with.</summary>
    public McpParts Parts { get; set; }

    /// <summary>The endpoint, once it is started.</summary>
    public RunningEndpoint Endpoint { get; private set; } = null!;

    /// <summary>Data, configuration and projects of the test.</summary>
    public TemporaryDirectory Files => _directory;

    /// <summary>Starts it.</summary>
    public async Task<McpStage> StartAsync()
    {
        Endpoint = await RunningEndpoint.StartAsync(settings => settings with { Mcp = Parts });
        return this;
    }

    /// <summary>A client with a key.</summary>
    public async Task<McpClient> ClientAsync(string key)
    {
        var transport = new HttpClientTransport(new()
        {
            Endpoint = new(Endpoint.Role.Url, "mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + key },
        });
        var client = await McpClient.CreateAsync(transport, new() { ProtocolVersion = "2025-11-25" }, cancellationToken: TestContext.Current.CancellationToken);
        _clients.Add(client);
        return client;
    }

    /// <summary>The text of an answer.</summary>
    public static string Text(CallToolResult answer) => Assert.IsType<TextContentBlock>(Assert.Single(answer.Content)).Text;

    /// <summary>The text of a failure.</summary>
    public static string Failure(CallToolResult answer)
    {
        Assert.True(answer.IsError, Text(answer));
        return Text(answer);
    }

    /// <summary>The last event of a session that went well.</summary>
    public static DoneEvent Done(long promptTokens = 0, long completionTokens = 0) => new()
    {
        Outcome = SessionOutcome.Succeeded,
        Verification = Verification.SelfTested,
        Usage = new(),
        Execution = new()
        {
            SessionId = "4a4a7f7e-0000-4000-8000-000000000001",
            Plan = [],
            GeneratedCode = "x = 1",
            Iterations = 1,
            History = [new() { Iteration = 1, Phase = "code", PromptVersion = "1", PromptHash = "h" }],
            Outcome = SessionOutcome.Succeeded,
            Escalated = false,
            RanOn = new() { Kind = "this-machine" },
            DataClass = "local",
            Egress = [],
            Verification = Verification.SelfTested,
            Usage = new() { PromptTokens = promptTokens, CompletionTokens = completionTokens },
        },
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            try
            {
                await client.DisposeAsync();
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException)
            {
                // Its key was revoked: it cannot say goodbye.
            }
        }

        await Endpoint.DisposeAsync();
        _directory.Dispose();
    }

    private static McpModel Model(string id) => new() { Id = id, Provider = "edgecoder-local", Installed = true, Active = false };
}
