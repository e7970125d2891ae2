using System.Security.Cryptography;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Workers;

/// <summary>The work of one lease: real loops and a scripted model, with blobs that the test keeps.</summary>
internal sealed class WorkScene : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly BlobHome _home = new();
    private readonly ScriptedChatClient _client;
    private readonly SubtaskWorkParts _parts;

    public WorkScene(ICodeExecutor executor, IProjectSandbox projects, int window, bool callsTools, WorkerSandbox? sandbox, params IEnumerable<ScriptedReply> replies)
    {
        _client = new(replies);
        var agent = new AgentModel
        {
            Client = _client,
            Identity = new ModelIdentity { Id = "coder:1b", Provider = "openai-compatible", Digest = "sha256:abc" },
            Window = window,
            CountTokens = (text, _) => ValueTask.FromResult((text.Length + 3) / 4),
            OnThisMachine = true,
            CallsTools = callsTools,
        };
        _parts = new()
        {
            Directory = Attempts,
            ConfigDirectory = _directory["config"],
            Executor = executor,
            Projects = projects,
            Sandbox = sandbox ?? new("namespaces", "d1", [SnippetLanguage.Python, SnippetLanguage.JavaScript], null),
            Models = new OneModel(new(agent, new("coder:1b", "sha256:abc", window, "text", null), "openai-compatible", null)),
            Time = TimeProvider.System,
        };
    }

    public ScriptedChatClient Client => _client;

    public string Attempts => _directory["work"];

    public AgentPolicy Policy { get; set; } = new();

    public string AddBlob(byte[] content)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        _home.Blobs[digest] = content;
        return digest;
    }

    /// <summary>Serves other bytes for a digest.</summary>
    public void Spoil(string digest) => _home.Blobs[digest] = "spoiled"u8.ToArray();

    public Task<WorkOutcome> RunAsync(SubtaskOrder order) => new SubtaskWork(_parts).RunAsync(
        new()
        {
            Lease = new()
            {
                LeaseId = "lease-1",
                SubtaskId = order.Id,
                Attempt = 1,
                Purpose = LeasePurpose.Work,
                AgentId = "node-test",
                HomeCoordinatorId = "coord-1",
                GrantedAtMs = 1,
                DeadlineMs = 2,
                HardDeadlineMs = 3,
                Price = new(1, 1, 1, 1),
                InputHash = "",
                AuditWindowId = "w",
                Cv = 0,
            },
            Subtask = order,
            Policy = Policy,
            Coordinator = _home,
        },
        static _ => { },
        TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _client.Dispose();
        _home.Dispose();
        _directory.Dispose();
    }

    private sealed class OneModel(WorkerModel model) : IWorkerModels
    {
        public WorkerModel Active => model;

        public IReadOnlyList<WorkerModel> Proven => [model];

        public Task<WorkerModel?> ForAsync(string? requested, bool required, CancellationToken cancellationToken) =>
            Task.FromResult(requested is null || !required || model.Is(requested) ? model : null);
    }

    private sealed class BlobHome : ICoordinator
    {
        public Dictionary<string, byte[]> Blobs { get; } = [];

        public FoundCoordinator Who => throw new NotSupportedException();

        public async Task<long> GetBlobAsync(string sha256, Stream destination, long limit, CancellationToken cancellationToken)
        {
            var bytes = Blobs.GetValueOrDefault(sha256) ?? throw new CoordinatorFault(404, "blob_not_found", "It is not there.");
            await destination.WriteAsync(bytes, cancellationToken);
            return bytes.Length;
        }

        public Task<RegisterAnswer> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<HeartbeatAnswer> HeartbeatAsync(HeartbeatRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PullAnswer> PullAsync(PullRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ResultAnswer> PostResultAsync(ReadOnlyMemory<byte> report, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReleaseAsync(string leaseId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task PutBlobAsync(string sha256, Func<Stream> open, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
