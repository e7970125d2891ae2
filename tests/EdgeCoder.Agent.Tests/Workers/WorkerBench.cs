using System.Threading.Channels;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Power;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Clocks;
using EdgeCoder.TestKit.Coordinators;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Workers;

/// <summary>A worker with its own directory, in front of scripted coordinators; a second one over the same directory is the restarted process.</summary>
internal sealed class WorkerBench : IAsyncDisposable
{
    public const string AgentId = "node-test";

    // What a worker that stops may take for its last words: tests are of the words.
    private static readonly PatientTime Time = new(LeaseRunner.LastReleaseTime, WorkerRuntime.ShortFlushTime);

    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly PowerSampler _power;
    private Task? _running;

    public WorkerBench(TemporaryDirectory directory, ISubtaskWork work, IReadOnlyList<string> bootstrap, string? token = null, int slots = 1, int retries = 0, PowerTelemetry? power = null)
    {
        Keys = WorkerKeys.Open(directory["keys"], AgentId);
        State = new(directory["worker.json"]);
        Outbox = new(directory["outbox"], Time);
        var settings = new CoordinatorSettings { Bootstrap = bootstrap, CacheFile = directory["cache.json"], CallTime = TimeSpan.FromMinutes(2), Retries = retries };
        var backOff = new BackOff(static () => 0.02);
        _power = new(new FixedPower(power ?? new() { DeviceType = "server" }), new(), Time);
        Parts = new()
        {
            Settings = new() { AgentId = AgentId, RegistrationToken = token, Os = "linux", Version = "1.0.0", Slots = slots, HeartbeatPace = TimeSpan.FromSeconds(2), PullWait = TimeSpan.FromSeconds(20) },
            Keys = Keys,
            State = State,
            Outbox = Outbox,
            FindAsync = new CoordinatorSearch(settings, _http, new(settings.CacheFile, Time), new Random(1), Time).FindAsync,
            Connect = (found, key) => new CoordinatorClient(found, AgentId, key, settings, Time),
            Models = new FixedModels(),
            Sandbox = new("namespaces", "d1", [SnippetLanguage.Python], null),
            Power = _power,
            Work = work,
            BackOff = backOff,
            Time = Time,
            Tell = told => Told.Writer.TryWrite(told),
        };
    }

    public WorkerKeys Keys { get; }

    public WorkerState State { get; }

    public ResultOutbox Outbox { get; }

    public WorkerParts Parts { get; init; }

    /// <summary>What it told.</summary>
    public Channel<WorkerEvent> Told { get; } = Channel.CreateUnbounded<WorkerEvent>();

    /// <summary>An order of plain text.</summary>
    public static SubtaskOrder Order(string id, string input = "add two numbers", SubtaskKind kind = SubtaskKind.MicroLoop) => new()
    {
        Id = id,
        TaskId = "t-1",
        Kind = kind,
        Language = "python",
        Input = input,
        InputSalt = "",
        TimeoutMs = 5_000,
        AttemptTimeoutMs = 120_000,
        DataClass = SharedDataClass.Mesh,
        ProjectMeta = new("default", null, ResourceClass.Cpu, 50),
    };

    /// <summary>Starts; gives the run.</summary>
    public Task Start() => _running = new WorkerRuntime(Parts).RunAsync(_drain.Token, _stop.Token);

    /// <summary>Starts; whatever ends it is seen when this is disposed.</summary>
    public void Begin() => Start();

    public void Drain() => _drain.Cancel();

    public void Stop() => _stop.Cancel();

    /// <summary>The next thing told of a type.</summary>
    public async Task<WorkerEvent> ToldAsync(string type, string? code = null)
    {
        await foreach (var told in Told.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (told.Type == type && (code is null || told.Code == code))
            {
                return told;
            }
        }

        throw new InvalidOperationException("The worker ended without telling it.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await (_running ?? Task.CompletedTask);
        }
        catch (WorkerException)
        {
            // The test has seen it.
        }

        Keys.Dispose();
        _power.Dispose();
        _http.Dispose();
        _drain.Dispose();
        _stop.Dispose();
    }

    private sealed class FixedPower(PowerTelemetry telemetry) : IPowerSource
    {
        public PowerTelemetry Read() => telemetry;
    }
}

/// <summary>One proven model.</summary>
internal sealed class FixedModels(ScriptedChatClient? client = null) : IWorkerModels
{
    public WorkerModel Active { get; } = new(
        new AgentModel
        {
            Client = client ?? new ScriptedChatClient(),
            Identity = new ModelIdentity { Id = "coder:1b", Provider = "openai-compatible", Digest = "sha256:abc" },
            Window = 4_096,
            CountTokens = (text, _) => ValueTask.FromResult(text.Length / 4),
            OnThisMachine = true,
        },
        new("coder:1b", "sha256:abc", 4_096, "text", 20),
        "openai-compatible",
        1_000_000_000);

    public IReadOnlyList<WorkerModel> Proven => [Active];

    public Task<WorkerModel?> ForAsync(string? requested, bool required, CancellationToken cancellationToken) =>
        Task.FromResult(requested is null || !required || Active.Is(requested) ? Active : null);
}

/// <summary>A coordinator with the node enrolled and, unless told otherwise, approved.</summary>
internal static class Enrolled
{
    public static async Task<(ScriptedCoordinator Coordinator, string Token)> StartAsync(string peerId = "coord-scripted")
    {
        var coordinator = await ScriptedCoordinator.StartAsync(peerId);
        return (coordinator, coordinator.Enrol(WorkerBench.AgentId));
    }
}
