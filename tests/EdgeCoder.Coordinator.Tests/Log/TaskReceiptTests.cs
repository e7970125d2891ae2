using System.Text.Json;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.Queue.Running;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Verdicts;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCoder.Coordinator.Tests.Log;

/// <summary>A task goes through the queue; what the coordinator hands out of it is proven by two verifiers that never saw the coordinator (economy-and-ledger 11).</summary>
public sealed class TaskReceiptTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SigningKey _key = SigningKey.Generate();
    private RunningQueue? _queue;
    private CoordinatorIdentity? _identity;
    private ServiceProvider? _parts;
    private LogKeeper? _keeper;
    private LogProofs? _proofs;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RunningQueue Queue => _queue!;

    private TrustedKeys Trust => new([NoteKey.Of("edgecoder/coord-test", NoteKeyType.Ed25519, _key.PublicKey)], 0);

    public async ValueTask InitializeAsync()
    {
        _queue = await RunningQueue.StartAsync();
        _identity = new("coord-test", SigningKey.FromPem(_key.ToPem()), "http://127.0.0.1:4301");
        var services = Queue.Services;
        _parts = new ServiceCollection().AddLogging()
            .AddSingleton<TimeProvider>(Queue.Time).AddSingleton(_identity).AddSingleton(Queue.Writer)
            .AddSingleton(services.GetRequiredService<IStoreWatch>()).AddSingleton(services.GetRequiredService<IDbContextFactory<CoordinatorContext>>())
            .AddPeers(new()).AddLog(new() { Directory = _directory["ledger"] }).BuildServiceProvider();
        (_keeper, _proofs) = (_parts.GetRequiredService<LogKeeper>(), _parts.GetRequiredService<LogProofs>());
        await _keeper.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _keeper!.StopAsync(CancellationToken.None);
        await _parts!.DisposeAsync();
        _identity!.Dispose();
        await Queue.DisposeAsync();
        _key.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task An_accepted_attempt_has_a_receipt_that_both_verifiers_prove()
    {
        await WorkAsync("t-1", VerdictKind.Accepted, VerdictReasons.Ok);
        var receipt = Assert.Single(await ReceiptsAsync("t-1"));

        var verdict = ReceiptVerifier.Check(JsonSerializer.SerializeToUtf8Bytes(receipt, LedgerJson.Default.ReceiptFile), Trust);
        Assert.Equal((ReceiptStanding.Proven, null), (verdict.Standing, verdict.Reason));
        var payload = verdict.Record!.PayloadJson!.Value;
        Assert.Equal(("accepted", "worker-a", "coord-test"), (payload.GetProperty("verdict").GetString(), payload.GetProperty("agentId").GetString(), payload.GetProperty("verifierId").GetString()));
        Assert.Equal((await Queue.ChargesAsync("t-1")).Posted, payload.GetProperty("priceMc").GetInt64());
        Assert.Equal("post", await Queue.ReadAsync("SELECT phase FROM transfers WHERE transfer_id = $1", payload.GetProperty("transferId").GetString()));
        Assert.Equal("ok", await AskPythonAsync(receipt));
    }

    [Fact]
    public async Task A_rejected_attempt_has_one_that_costs_nothing()
    {
        await WorkAsync("t-2", VerdictKind.Rejected, VerdictReasons.CheckFailed);
        var receipt = Assert.Single(await ReceiptsAsync("t-2"));
        var payload = ReceiptVerifier.Check(JsonSerializer.SerializeToUtf8Bytes(receipt, LedgerJson.Default.ReceiptFile), Trust).Record!.PayloadJson!.Value;
        Assert.Equal(("rejected", 0), (payload.GetProperty("verdict").GetString(), payload.GetProperty("priceMc").GetInt64()));
        Assert.False(payload.TryGetProperty("transferId", out _));
    }

    [Fact]
    public async Task The_log_tells_the_life_of_a_task_and_holds_the_signed_verdict()
    {
        await WorkAsync("t-3", VerdictKind.Accepted, VerdictReasons.Ok);
        await _keeper!.SettleAsync(Stop);
        var rows = await Queue.Writer.WriteAsync(batch => batch.Query("SELECT leaf FROM log_leaves ORDER BY sequence", row => row.Bytes(0)), Stop);
        var records = rows.ConvertAll(row => RecordLeaf.TryRead(row, out var leaf) is null ? leaf!.Record : throw new InvalidDataException());
        Assert.Equal(
            ["key_rotation", "task_enqueue", "task_claim", "verdict", "earnings_accrual", "receipt", "task_complete"],
            records.Where(record => record.EventType is not "credit_transfer").Select(record => record.EventType));
        var signed = records.Single(record => record.EventType == RecordTypes.Verdict).PayloadJson!.Value;
        Assert.Null(SignedDocument.Verify(DocumentContexts.Verdict, System.Text.Encoding.UTF8.GetBytes(signed.GetRawText()), Queue.PublicKey));
        Assert.Equal("worker-a", records[^1].ActorId);
        Assert.All(records, record => Assert.Equal("coord-test", record.CoordinatorId));
    }

    [Fact]
    public async Task Books_find_in_leaves_and_waiting_events_what_was_posted()
    {
        await WorkAsync("t-5", VerdictKind.Accepted, VerdictReasons.Ok);
        await _keeper!.SettleAsync(Stop);
        await WorkAsync("t-6", VerdictKind.Accepted, VerdictReasons.Ok);
        var report = await ActivatorUtilities.CreateInstance<BookCheck>(Queue.Services).RunAsync(Stop);
        Assert.DoesNotContain(report.Differences, difference => difference.Source == "log");
        await Queue.Writer.WriteAsync(batch => batch.Execute("DELETE FROM log_leaves WHERE event_type = 'earnings_accrual'"), Stop);
        report = await ActivatorUtilities.CreateInstance<BookCheck>(Queue.Services).RunAsync(Stop);
        Assert.Contains(report.Differences, difference => difference.Source == "log");
    }

    [Fact]
    public async Task A_receipt_without_a_checkpoint_is_told_as_pending()
    {
        await WorkAsync("t-4", VerdictKind.Accepted, VerdictReasons.Ok);
        var before = await _proofs!.ReceiptsAsync("t-4", Stop);
        Assert.Equal((0, 1), (before.Receipts.Count, before.Pending));
        await _keeper!.SettleAsync(Stop);
        var after = await _proofs.ReceiptsAsync("t-4", Stop);
        Assert.Equal((1, 0), (after.Receipts.Count, after.Pending));
    }

    private async Task WorkAsync(string task, VerdictKind kind, string reason)
    {
        var agent = Queue.Enrol("worker-a", "acct-worker");
        await Queue.FundAsync("acct-worker", 1);
        await Queue.SubmitAsync(RunningQueue.Text(task, t => t with { DataClass = "mesh" }));
        var work = await agent.WorkAsync();
        Queue.Time.Advance(TimeSpan.FromSeconds(3));
        await agent.PostAsync(agent.Report(work));
        await Queue.JudgeAsync(kind, reason);
    }

    private async Task<IReadOnlyList<ReceiptFile>> ReceiptsAsync(string task)
    {
        await _keeper!.SettleAsync(Stop);
        return (await _proofs!.ReceiptsAsync(task, Stop)).Receipts;
    }

    private async Task<string> AskPythonAsync(ReceiptFile receipt)
    {
        var file = _directory.Write("receipt.json", JsonSerializer.Serialize(receipt, LedgerJson.Default.ReceiptFile));
        var keys = _directory.Write("trust.txt", _identity!.VerifierKey + "\n");
        var result = await ProgramRun.ToEndAsync(
            "python3",
            ["-I", Path.Combine(AppContext.BaseDirectory, "Receipts", "verify.py"), file, keys],
            new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin" });
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Trim();
    }
}
