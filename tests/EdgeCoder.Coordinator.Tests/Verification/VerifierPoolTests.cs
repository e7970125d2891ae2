using System.Text;
using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using EdgeCoder.TestKit.Execution;
using EdgeCoder.TestKit.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Verification;

/// <summary>The pool on a real store with real blobs and signatures; the queue and the executor say what the test tells them.</summary>
public sealed class VerifierPoolTests : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000));
    private readonly ScriptedQueue queue = new();
    private readonly SigningKey key = SigningKey.Generate();
    private readonly ServiceProvider services;
    private readonly BlobStore blobs;
    private readonly AuditWindows windows;
    private Func<RunRequest, CancellationToken, Task<RunResult>> rule = (_, _) => Task.FromResult(Runs.Passed("test_a", "test_b"));
    private VerifierPool? pool;

    public VerifierPoolTests()
    {
        services = new ServiceCollection().AddLogging().AddStore(StoreSettings.From(null, directory.Path)).BuildServiceProvider();
        blobs = new BlobStore(directory.Path);
        windows = new AuditWindows(services.GetRequiredService<IStoreWriter>(), services.GetRequiredService<IDbContextFactory<CoordinatorContext>>(), time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await services.DisposeAsync();
        key.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task Verdict_is_signed_over_what_was_received_with_the_verifiers_own_counts()
    {
        var job = await JobAsync(cv: 20);
        await StartAsync();
        queue.Add(job);
        var concluded = await queue.Concluded.Reader.ReadAsync(Token);
        var verdict = concluded.Verdict;
        Assert.Equal((VerdictKind.Accepted, VerdictReasons.Ok, 2, 2, "coord-1"), (verdict.Kind, verdict.ReasonCode, verdict.TestsRun, verdict.TestsPassed, verdict.VerifierId));
        Assert.Equal((job.Lease.LeaseId, job.Lease.InputHash, job.Report.ResultDigest, 20), (verdict.LeaseId, verdict.InputHash, verdict.ResultDigest, verdict.Cv));
        Assert.Null(SignedDocument.Verify(DocumentContexts.Verdict, concluded.Signed.Span, key.PublicKey));
        Assert.Equal(verdict, SignedDocument.Read(concluded.Signed.Span, MeshJson.Default.Verdict)! with { Signature = null });
        var tampered = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(concluded.Signed.Span).Replace("\"testsPassed\":2", "\"testsPassed\":9", StringComparison.Ordinal));
        Assert.Equal(DocumentFault.SignatureInvalid, SignedDocument.Verify(DocumentContexts.Verdict, tampered, key.PublicKey));
    }

    [Fact]
    public async Task What_a_run_printed_is_kept_for_the_submitter_alone()
    {
        await StartAsync();
        queue.Add(await JobAsync());
        var digest = (await queue.Concluded.Reader.ReadAsync(Token)).Verdict.LogsDigest!;
        Assert.True(blobs.Exists(digest));
        var holders = await services.GetRequiredService<IStoreWriter>().WriteAsync(batch => (BlobRecords.Use(batch, digest, "requester", 0), BlobRecords.Use(batch, digest, "worker", 0)), Token);
        Assert.Equal((true, false), holders);
    }

    [Fact]
    public async Task Draw_of_the_window_decides_on_the_audit_and_own_work_has_none()
    {
        await StartAsync();
        queue.Add(await JobAsync(cv: 9));
        Assert.True((await queue.Concluded.Reader.ReadAsync(Token)).AuditDrawn);
        var trusted = await JobAsync(cv: 1_000_000);
        queue.Add(trusted);
        Assert.Equal(
            windows.Drawn(trusted.Lease.AuditWindowId, trusted.Lease.LeaseId, trusted.Report.ResultDigest!, 1_000_000),
            (await queue.Concluded.Reader.ReadAsync(Token)).AuditDrawn);
        queue.Add(await JobAsync(cv: 0) with { WorkerAccountId = "requester" });
        Assert.False((await queue.Concluded.Reader.ReadAsync(Token)).AuditDrawn);
    }

    [Fact]
    public async Task Rejected_work_is_never_audited()
    {
        rule = (_, _) => Task.FromResult(Runs.Failed());
        await StartAsync();
        queue.Add(await JobAsync(cv: 0));
        var concluded = await queue.Concluded.Reader.ReadAsync(Token);
        Assert.Equal((VerdictReasons.CheckFailed, false), (concluded.Verdict.ReasonCode, concluded.AuditDrawn));
    }

    [Fact]
    public async Task Claim_is_renewed_while_a_run_goes_on()
    {
        var go = new TaskCompletionSource();
        rule = async (_, token) =>
        {
            await go.Task.WaitAsync(token);
            return Runs.Passed("test_a");
        };
        await StartAsync();
        queue.Add(await JobAsync());
        await TickAsync();
        await TickAsync();
        go.SetResult();
        Assert.Equal(VerdictKind.Accepted, (await queue.Concluded.Reader.ReadAsync(Token)).Verdict.Kind);
    }

    [Fact]
    public async Task Pool_that_lost_its_claim_ends_the_run_and_concludes_nothing()
    {
        var cancelled = new TaskCompletionSource();
        var job = await JobAsync();
        rule = async (_, token) =>
        {
            await using var registration = token.Register(cancelled.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, token);
            return Runs.Passed("test_a");
        };
        await StartAsync();
        queue.Add(job);
        await TickAsync();
        queue.Take(job.Lease.LeaseId);

        // Not by counting renewals: one from before may still wait to be read.
        while (!cancelled.Task.IsCompleted)
        {
            Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        // The slot is free again, and what it concludes first is the next result.
        rule = (_, _) => Task.FromResult(Runs.Passed("test_a"));
        var next = await JobAsync();
        queue.Add(next);
        Assert.Equal(next.Lease.LeaseId, (await queue.Concluded.Reader.ReadAsync(Token)).Verdict.LeaseId);
    }

    [Fact]
    public async Task Pool_that_dies_in_the_middle_leaves_its_claim_and_the_next_one_does_the_work()
    {
        var begun = new TaskCompletionSource();
        rule = async (_, token) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, time, token);
            return Runs.Passed("test_a");
        };
        var job = await JobAsync();
        await StartAsync();
        queue.Add(job);
        await begun.Task.WaitAsync(Token);
        var dead = queue.HolderOf(job.Lease.LeaseId);
        await StopAsync();
        Assert.False(queue.Concluded.Reader.TryRead(out _));
        Assert.Equal(dead, queue.HolderOf(job.Lease.LeaseId));

        rule = (_, _) => Task.FromResult(Runs.Passed("test_a"));
        await StartAsync();
        queue.Add(job);
        Assert.Equal(VerdictKind.Accepted, (await queue.Concluded.Reader.ReadAsync(Token)).Verdict.Kind);
        Assert.NotEqual(dead, queue.HolderOf(job.Lease.LeaseId));
    }

    [Fact]
    public async Task Run_that_never_ends_is_a_time_out_of_the_verifier_and_nobodys_fault()
    {
        var begun = new TaskCompletionSource();
        rule = async (_, token) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, time, token);
            return Runs.Passed("test_a");
        };
        await StartAsync(new VerificationOptions { Slots = 1, Renewal = TimeSpan.FromHours(1) });
        queue.Add(await JobAsync());
        await begun.Task.WaitAsync(Token);
        time.Advance(TimeSpan.FromMinutes(3));
        var verdict = (await queue.Concluded.Reader.ReadAsync(Token)).Verdict;
        Assert.Equal((VerdictKind.Inconclusive, VerdictReasons.VerifierTimeout), (verdict.Kind, verdict.ReasonCode));
    }

    [Fact]
    public async Task Fault_of_the_verifier_is_no_verdict_about_the_worker()
    {
        rule = (_, _) => throw new InvalidOperationException("a fault of this program");
        await StartAsync();
        queue.Add(await JobAsync());
        var verdict = (await queue.Concluded.Reader.ReadAsync(Token)).Verdict;
        Assert.Equal((VerdictKind.Inconclusive, VerdictReasons.VerifierUnavailable), (verdict.Kind, verdict.ReasonCode));
    }

    [Fact]
    public async Task Queue_that_fails_is_asked_again_after_a_pause()
    {
        queue.FailClaims = 2;
        await StartAsync();
        queue.Add(await JobAsync());
        while (queue.Concluded.Reader.Count == 0)
        {
            Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        Assert.Equal((VerdictKind.Accepted, 0), ((await queue.Concluded.Reader.ReadAsync(Token)).Verdict.Kind, queue.FailClaims));
    }

    [Fact]
    public async Task Check_is_tried_on_a_stub_and_its_failure_named()
    {
        await StartAsync();
        var check = await CheckAsync();
        queue.Add(new BaselineJob("t", "s", SubtaskKind.MicroLoop, "python", 5_000, check, null));
        Assert.Equal((BaselineFailures.AlreadyPasses, 2), await queue.Baselines.Reader.ReadAsync(Token));
        rule = (_, _) => Task.FromResult(Runs.Failed());
        queue.Add(new BaselineJob("t", "s", SubtaskKind.MicroLoop, "python", 5_000, check, null));
        Assert.Equal((null, 1), await queue.Baselines.Reader.ReadAsync(Token));
    }

    [Fact]
    public async Task Trees_that_a_killed_pool_left_are_removed_and_young_ones_are_not()
    {
        var (old, young) = (Directory.CreateDirectory(directory["scratch/verify-old"]), Directory.CreateDirectory(directory["scratch/verify-young"]));
        old.LastWriteTimeUtc = time.GetUtcNow().UtcDateTime.AddDays(-2);
        young.LastWriteTimeUtc = time.GetUtcNow().UtcDateTime.AddMinutes(-5);
        await StartAsync();
        while (Directory.Exists(old.FullName))
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal([young.FullName], Directory.EnumerateDirectories(directory["scratch"]));
    }

    // Steps until the pool has renewed once: its timer is made on another thread.
    private async Task TickAsync()
    {
        while (!queue.Renewals.Reader.TryRead(out _))
        {
            Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
    }

    private Task StartAsync(VerificationOptions? options = null)
    {
        options ??= new VerificationOptions { Slots = 1, Overhead = TimeSpan.FromDays(40) };
        var recheck = new Recheck
        {
            Executor = new ScriptedExecutor((request, token) => rule(request, token)),
            Sandbox = new ProjectSandbox(new ExecutorOptions { DataDirectory = directory.Path }),
            Blobs = new FrozenBlobs(blobs.Open),
            Scratch = directory["scratch"],
        };
        var verifier = new ResultVerifier(recheck, blobs, services.GetRequiredService<IStoreWriter>(), options, time);
        pool = new VerifierPool(queue, verifier, new VerdictSigner("coord-1", key), windows, options, time, NullLogger<VerifierPool>.Instance);
        return pool.StartAsync(Token);
    }

    private async Task StopAsync()
    {
        if (pool is not null)
        {
            await pool.StopAsync(CancellationToken.None);
            pool.Dispose();
            pool = null;
        }
    }

    private async Task<AcceptanceCheck> CheckAsync() => new()
    {
        Command = ["runner"],
        TimeoutMs = 5_000,
        Report = CheckReport.Runner,
        Files = [new("test_solution.py", await blobs.PutBytesAsync("from solution import f\ndef test_a():\n    assert f() == 1\n"u8.ToArray(), Token))],
    };

    private async Task<VerificationJob> JobAsync(int cv = 0)
    {
        var report = new ResultReport { Ok = true, Output = "def f():\n    return 1\n", CheckDigest = "c" };
        return new VerificationJob
        {
            Lease = new Lease
            {
                LeaseId = Guid.NewGuid().ToString("N"),
                SubtaskId = "s",
                Attempt = 1,
                Purpose = LeasePurpose.Work,
                AgentId = "agent-1",
                HomeCoordinatorId = "coord-1",
                GrantedAtMs = 1,
                DeadlineMs = 2,
                HardDeadlineMs = 3,
                Price = new(1, 1, 1, 1),
                InputHash = new string('a', 64),
                CheckDigest = "c",
                AuditWindowId = await windows.CurrentIdAsync(Token),
                Cv = cv,
            },
            Purpose = LeasePurpose.Verify,
            Kind = SubtaskKind.MicroLoop,
            Language = "python",
            TimeoutMs = 5_000,
            Report = report with { ResultDigest = ResultDigest.Of(report) },
            Check = await CheckAsync(),
            RequesterAccountId = "requester",
            WorkerAccountId = "worker",
        };
    }
}
