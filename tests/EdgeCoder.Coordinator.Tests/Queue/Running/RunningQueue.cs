using System.Collections.Concurrent;
using System.Text.Json;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Silo;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Envelopes;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using EdgeCoder.TestKit.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans;

namespace EdgeCoder.Coordinator.Tests.Queue.Running;

/// <summary>The queue with a real silo and a real SQLite store; agents are keys in this process, the clock is the test's.</summary>
internal sealed class RunningQueue : IAsyncDisposable
{
    public const string Account = "acct-owner";
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentDictionary<string, TestAgent> _agents = new(StringComparer.Ordinal);
    private readonly SigningKey _key;
    private readonly EnvelopeKey _envelopeKey;
    private IHost? _host;
    private string? _database;

    private RunningQueue(SigningKey? key = null, EnvelopeKey? envelopeKey = null) => (_key, _envelopeKey) = (key ?? SigningKey.Generate(), envelopeKey ?? EnvelopeKey.Generate());

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public bool Paused { get; set; }

    public VerifyingKey PublicKey => _key.PublicKey;

    /// <summary>What the draw says of agents' verdicts.</summary>
    public AuditDrawing Drawing { get; set; }

    public ITaskQueue Queue => _host!.Services.GetRequiredService<ITaskQueue>();

    public IStoreWriter Writer => _host!.Services.GetRequiredService<IStoreWriter>();

    public IServiceProvider Services => _host!.Services;

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static Caller Owner { get; } = new() { Kind = CallerKinds.Submitter, Name = "key", Accounts = [Account] };

    /// <summary>Starts on a store of its own; <paramref name="database"/> is a PostgreSQL database that several silos may share.</summary>
    public static async Task<RunningQueue> StartAsync(QueueOptions? options = null, string? database = null)
    {
        var queue = new RunningQueue { _database = database };
        await queue.OpenAsync(options ?? new());
        await queue.FundAsync(Account, 1_000_000_000);
        return queue;
    }

    /// <summary>Ends the process's parts and begins again on the same store.</summary>
    public async Task RestartAsync(QueueOptions? options = null)
    {
        await CloseAsync();
        await OpenAsync(options ?? new());
    }

    public TestAgent Enrol(string id, string owner = Account, Func<AgentFacts, AgentFacts>? change = null)
    {
        var key = SigningKey.Generate();
        var facts = QueueStates.Worker(id) with { OwnerAccountId = owner, RewardAccountId = owner, EnvelopeKey = _envelopeKey.PublicKey, KeyId = key.PublicKey.KeyId };
        return _agents[id] = new(this, (change ?? (f => f))(facts), key, _envelopeKey);
    }

    /// <summary>Knows an agent that was enrolled at another silo; it goes on there and here.</summary>
    public TestAgent Enrol(TestAgent elsewhere)
    {
        return _agents[elsewhere.Id] = new(this, elsewhere.Facts, elsewhere.Key, elsewhere.EnvelopeKey);
    }

    /// <summary>The same coordinator in another silo.</summary>
    public async Task<RunningQueue> SecondAsync(QueueOptions options)
    {
        var second = new RunningQueue(_key, _envelopeKey) { _database = _database };
        await second.OpenAsync(options);
        return second;
    }

    public void Change(TestAgent agent, Func<AgentFacts, AgentFacts> change) => agent.Facts = change(agent.Facts);

    public Task<TaskAccepted> SubmitAsync(TaskSubmission task, Caller? caller = null) =>
        Queue.SubmitAsync(task, JsonSerializer.SerializeToUtf8Bytes(task, MeshJson.Default.TaskSubmission), caller ?? Owner, TimeSpan.Zero, Stop);

    public static TaskSubmission Text(string id, Func<TaskSubmission, TaskSubmission>? change = null) =>
        (change ?? (t => t))(new() { TaskId = id, Prompt = "Say hello.", Kind = SubtaskKind.SingleStep, Plan = TaskPlan.Single });

    /// <summary>Waits until one pull is parked.</summary>
    public async Task ParkedAsync()
    {
        while (await Services.GetRequiredService<IGrainFactory>().GetGrain<IQueuePartitionGrain>(0).ParkedAsync() != 1)
        {
            await Task.Yield();
        }
    }

    public Task SweepAsync(int partition = 0) => Services.GetRequiredService<IGrainFactory>().GetGrain<IQueuePartitionGrain>(partition).SweepAsync();

    public async Task AdvanceAsync(TimeSpan time)
    {
        Time.Advance(time);
        await SweepAsync();
    }

    /// <summary>Claims the next result and gives it a verdict.</summary>
    public async Task<VerificationJob> JudgeAsync(VerdictKind kind, string reason, bool audit = false, string verifier = "verifier-1")
    {
        var job = await Queue.ClaimVerificationAsync(verifier, Stop);
        Assert.True(await Queue.ConcludeAsync(verifier, Conclusion(job, kind, reason, audit), Stop));
        return job;
    }

    public ConcludedVerification Conclusion(VerificationJob job, VerdictKind kind, string reason, bool audit = false)
    {
        var verdict = new Verdict
        {
            VerdictId = Guid.NewGuid().ToString(),
            Purpose = LeasePurpose.Verify,
            LeaseId = job.Lease.LeaseId,
            SubtaskId = job.Lease.SubtaskId,
            Attempt = job.Lease.Attempt,
            Kind = kind,
            ReasonCode = reason,
            InputHash = job.Lease.InputHash,
            ResultDigest = job.Report.ResultDigest!,
            VerifierId = "coord-test",
            AuditWindowId = job.Lease.AuditWindowId,
            Cv = job.Lease.Cv,
            StartedAtMs = NowMs,
            EndedAtMs = NowMs,
        };
        return new(verdict, SignedDocument.Sign(DocumentContexts.Verdict, verdict, MeshJson.Default.Verdict, _key), audit);
    }

    /// <summary>One value of one row.</summary>
    public Task<string?> ReadAsync(string sql, params object?[] values) => Writer.WriteAsync(batch => batch.Query(sql, row => row.TextOrNull(0), values).FirstOrDefault(), Stop);

    public Task<long> CountAsync(string sql, params object?[] values) => Writer.WriteAsync(batch => batch.Query(sql, row => row.Number(0), values)[0], Stop);

    public Task<(long Reserved, long Posted, long Voided)> ChargesAsync(string taskId) => Writer.WriteAsync(batch => TaskCharges.Of(batch, taskId), Stop);

    public Task<string?> StateAsync(string taskId) => ReadAsync("SELECT state FROM tasks WHERE task_id = $1", taskId);

    public Task<string?> SubtaskStateAsync(string subtaskId) => ReadAsync("SELECT state FROM subtasks WHERE subtask_id = $1", subtaskId);

    /// <summary>The account holds a blob of this digest.</summary>
    public Task HoldAsync(string sha256) => Writer.WriteAsync(
        batch =>
        {
            BlobRecords.Hold(batch, sha256, 1, BlobRecords.Account(Account), 0);
            return true;
        },
        Stop);

    public Task FundAsync(string account, long mc) => Writer.WriteAsync(
        batch =>
        {
            TransferBook.Open(batch, account, "user", 0);
            return TransferChain.Run(batch, "test", new TransferRow
            {
                TransferId = Guid.NewGuid().ToString("n"),
                Phase = TransferPhases.Posted,
                DebitAccountId = SystemAccounts.FaucetMint,
                CreditAccountId = account,
                Amount = mc,
                Code = TransferCodes.Faucet,
                Reason = "faucet",
                CreatedAtMs = 0,
            });
        },
        Stop);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _host?.Dispose();
        _key.Dispose();
        _envelopeKey.Dispose();
        _directory.Dispose();
    }

    private async Task OpenAsync(QueueOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddLogging();

        // No silo dies here: one that a busy machine keeps waiting must not be taken for dead.
        builder.AddSilo(new SiloSettings { Clustered = _database is not null, Probe = TimeSpan.FromSeconds(20) });
        builder.Services.AddStore(_database is { } server ? StoreSettings.OnServer(server) : StoreSettings.InFile(_directory["coordinator.db"]));
        builder.Services.AddBlobs(_directory["data"]);
        builder.Services.AddSingleton(new AgentOptions()).AddSingleton<AgentSightings>().AddSingleton<Blacklist>().AddSingleton<CoordinatorSwitches>().AddSingleton<AgentDirectory>().AddSingleton(new SecurityLog("coord-test")).AddSingleton<AgentStanding>();
        builder.Services.AddSingleton(new QueueClock(Time));
        builder.Services.AddSingleton(new QueueSurroundings
        {
            PeerId = "coord-test",
            Signer = () => _key,
            AgentKey = (id, _) => ValueTask.FromResult(_agents.TryGetValue(id, out var agent) ? agent.Key.PublicKey : null),
            Agents = _ => Task.FromResult<IReadOnlyList<AgentFacts>>([.. _agents.Values.Select(a => a.Facts).OrderBy(a => a.AgentId, StringComparer.Ordinal)]),
            Paused = _ => ValueTask.FromResult(Paused),
            AuditWindow = _ => ValueTask.FromResult("window-1"),
            Draw = (_, _, _, _) => Drawing,
            MayLease = (_, id, _) => _agents.TryGetValue(id, out var agent) && agent.Facts.Status is AgentStatus.Active,
        });
        builder.Services.AddQueue(options);
        _host = builder.Build();
        await _host.StartAsync(Stop);
    }

    private async Task CloseAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }
    }
}

/// <summary>An enrolled agent.</summary>
internal sealed class TestAgent(RunningQueue queue, AgentFacts facts, SigningKey key, EnvelopeKey envelopeKey)
{
    public AgentFacts Facts { get; set; } = facts;

    public SigningKey Key { get; } = key;

    public EnvelopeKey EnvelopeKey => envelopeKey;

    public string Id => Facts.AgentId;

    public Task<PullAnswer> PullAsync(int waitMs = 0, int? most = null) => queue.Queue.PullAsync(Facts, new() { AgentId = Id, WaitMs = waitMs, MaxSubtasks = most }, RunningQueue.Stop);

    /// <summary>Pulls, and opens what comes.</summary>
    public async Task<(Lease Lease, SubtaskOrder Order, SealedEnvelope Envelope)> WorkAsync(int waitMs = 0)
    {
        var answer = await PullAsync(waitMs);
        return Open(Assert.Single(answer.Assignments));
    }

    /// <summary>Opens what came.</summary>
    public (Lease Lease, SubtaskOrder Order, SealedEnvelope Envelope) Open(Assignment assignment)
    {
        return (assignment.Lease, JsonSerializer.Deserialize(EnvelopeOpener.Open(assignment.Envelope!, envelopeKey).Plaintext, MeshJson.Default.SubtaskOrder)!, assignment.Envelope!);
    }

    public ResultReport Report((Lease Lease, SubtaskOrder Order, SealedEnvelope Envelope) work, bool ok = true, string output = "hello", Func<ResultReport, ResultReport>? change = null)
    {
        var report = new ResultReport { LeaseId = work.Lease.LeaseId, SubtaskId = work.Order.Id, AgentId = Id, TaskId = work.Order.TaskId, Ok = ok, Output = output, DurationMs = 5, ReportNonce = Convert.ToBase64String(new byte[16]) };
        report = (change ?? (r => r))(report);
        report = report with { ResultDigest = report.ResultDigest ?? ResultDigest.Of(report) };
        report = report with { ReportSignature = report.ReportSignature ?? ReportSignature.Sign(report, Key) };
        return SealedReply.Seal(EnvelopeOpener.Open(work.Envelope, envelopeKey).ExporterSecret, work.Envelope.EphemeralPublicKey, report);
    }

    public Task<ResultAnswer> PostAsync(ResultReport report) => queue.Queue.ReportAsync(Id, report, default, RunningQueue.Stop);
}
