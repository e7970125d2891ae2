using System.Text;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Coordinator.Tests.Queue.Running;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Verification;

/// <summary>Verify and audit leases through the worker's own work and its real sandbox, at the real queue.</summary>
public sealed class RecheckWorkTests
{
    private const string Visible = "from solution import total\n\ndef test_two():\n    assert total([1, 2]) == 3\n";
    private const string Hidden = "from solution import total\n\ndef test_hidden():\n    assert total([5, 6, 7]) == 18\n";

    [Theory]
    [InlineData("def total(numbers):\n    return sum(numbers)\n", "completed", "ok")]
    [InlineData("def total(numbers):\n    return 3\n", "planned", "check_failed")]
    public async Task Verifier_and_auditor_run_hidden_tests_in_their_own_sandbox_and_sign_what_they_saw(string code, string state, string reason)
    {
        using var directory = new TemporaryDirectory();
        await using var queue = await RunningQueue.StartAsync(new QueueOptions { OperatorAccountId = "acct-operator" });
        queue.Drawing = new AuditDrawing(true, 0);
        await using var executor = CodeExecutor.Create(new ExecutorOptions { DataDirectory = directory.Path });
        var parts = new SubtaskWorkParts
        {
            Directory = directory["attempts"],
            ConfigDirectory = directory["config"],
            Executor = executor,
            Projects = new ProjectSandbox(new ExecutorOptions { DataDirectory = directory.Path }),
            Sandbox = await WorkerSandbox.ProveAsync(executor, RunningQueue.Stop),
            Models = new NoModels(),
            Time = queue.Time,
        };
        var (worker, verifier, auditor) = (queue.Enrol("worker", "acct-operator"), queue.Enrol("verifier", "acct-v"), queue.Enrol("auditor", "acct-a"));
        await SubmitAsync(queue);
        await worker.PostAsync(worker.Report(await worker.WorkAsync(), output: code));

        await JudgeAsync(queue, parts, verifier, LeasePurpose.Verify);
        Assert.Equal(reason, await queue.ReadAsync("SELECT reason_code FROM verdicts WHERE verifier_id = 'verifier'"));
        if (reason == "ok")
        {
            Assert.Equal(0, (await queue.ChargesAsync("task-1")).Posted);
            await JudgeAsync(queue, parts, auditor, LeasePurpose.Audit);
            Assert.Equal(2, await queue.CountAsync("SELECT tests_passed FROM verdicts WHERE purpose = 'audit' AND verifier_id = 'auditor'"));
            Assert.Equal(0, (await queue.ChargesAsync("task-1")).Reserved);
            Assert.Equal(state, await queue.StateAsync("task-1"));
        }
        else
        {
            Assert.Equal("queued", await queue.ReadAsync("SELECT state FROM subtasks"));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(parts.Directory));
    }

    private static async Task JudgeAsync(RunningQueue queue, SubtaskWorkParts parts, TestAgent agent, LeasePurpose purpose)
    {
        queue.Time.Advance(TimeSpan.FromSeconds(2));
        var leased = await agent.WorkAsync();
        Assert.Equal(purpose, leased.Lease.Purpose);
        using var coordinator = new StoreCoordinator(queue, agent.Id);
        var order = new WorkOrder { Lease = leased.Lease, Subtask = leased.Order, Policy = new AgentPolicy(), Coordinator = coordinator, Key = agent.Key };
        var outcome = await new SubtaskWork(parts).RunAsync(order, _ => { }, RunningQueue.Stop);
        var done = Assert.IsType<WorkOutcome.Done>(outcome);
        await agent.PostAsync(agent.Report(leased, output: done.Output!));
    }

    private static async Task SubmitAsync(RunningQueue queue)
    {
        var blobs = queue.Services.GetRequiredService<BlobStore>();
        var (visible, hidden) = (await blobs.PutBytesAsync(Encoding.UTF8.GetBytes(Visible), RunningQueue.Stop), await blobs.PutBytesAsync(Encoding.UTF8.GetBytes(Hidden), RunningQueue.Stop));
        await queue.HoldAsync(visible);
        await queue.HoldAsync(hidden);
        await queue.SubmitAsync(RunningQueue.Text("task-1", t => t with
        {
            Kind = SubtaskKind.MicroLoop,
            DataClass = "mesh",
            AcceptanceCheck = new AcceptanceCheck { Command = ["runner"], TimeoutMs = 30_000, Report = CheckReport.Runner, Files = [new("test_solution.py", visible)], Overlay = [new("test_hidden.py", hidden)] },
        }));
        await queue.Queue.ConcludeBaselineAsync("b", await queue.Queue.ClaimBaselineAsync("b", RunningQueue.Stop), null, 2, RunningQueue.Stop);
    }

    private sealed class NoModels : IWorkerModels
    {
        public WorkerModel Active => throw new InvalidOperationException("A recheck needs no model.");

        public IReadOnlyList<WorkerModel> Proven => [];

        public Task<WorkerModel?> ForAsync(string? requested, bool required, CancellationToken cancellationToken) => throw new InvalidOperationException("A recheck needs no model.");
    }

    /// <summary>Gives blobs as the coordinator's routes do, by its own rules; nothing else is asked.</summary>
    private sealed class StoreCoordinator(RunningQueue queue, string agentId) : ICoordinator
    {
        public FoundCoordinator Who { get; } = new("coord-test", "http://127.0.0.1:1", queue.PublicKey, "public_mesh");

        public async Task<long> GetBlobAsync(string sha256, Stream destination, long limit, CancellationToken cancellationToken)
        {
            var found = await queue.Services.GetRequiredService<BlobReaders>().FindAsync(new() { Kind = CallerKinds.Agent, Name = agentId }, sha256, cancellationToken);
            var copy = await queue.Services.GetRequiredService<SealedBlobs>().SealAsync(found!.SealedFor!, found.Digest, cancellationToken);
            await destination.WriteAsync(copy!.Value.Bytes, cancellationToken);
            return destination.Length;
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
