using EdgeCoder.Coordinator.OperatorAudit;
using EdgeCoder.Coordinator.Tests.Issuance;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;

namespace EdgeCoder.Coordinator.Tests.OperatorAudit;

/// <summary>Heads of the portal's audit log in the coordinator's log (economy-and-ledger 10, audit_head).</summary>
public sealed class AuditHeadTests
{
    private static readonly string Hash = new('a', 64);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task A_head_is_a_record_once_and_never_goes_back(StoreKind kind)
    {
        await using var bench = await IssuanceBench.StartAsync(kind);
        var heads = bench.Get<AuditHeads>();
        Assert.True((await heads.TakeAsync(new(5, Hash), Stop)).Logged);
        Assert.False((await heads.TakeAsync(new(5, Hash), Stop)).Logged);
        Assert.True((await heads.TakeAsync(new(9, new('b', 64)), Stop)).Logged);

        Assert.Equal("audit_head_conflict", (await Assert.ThrowsAsync<Refusal>(() => heads.TakeAsync(new(9, Hash), Stop))).Error);
        Assert.Equal("audit_head_went_back", (await Assert.ThrowsAsync<Refusal>(() => heads.TakeAsync(new(8, Hash), Stop))).Error);
        Assert.Equal("audit_head_went_back", (await Assert.ThrowsAsync<Refusal>(() => heads.TakeAsync(new(5, Hash), Stop))).Error);

        await bench.SettleAsync();
        var records = (await bench.LeavesAsync()).Select(leaf => leaf.Record).Where(record => record.EventType == RecordTypes.AuditHead).ToList();
        Assert.Equal([5, 9], records.Select(record => record.PayloadJson!.Value.GetProperty("seq").GetInt64()));
        Assert.All(records, record => Assert.Equal(("audit", bench.PeerId), (record.TaskId, record.ActorId)));
    }

    [Theory]
    [InlineData(0L, 64)]
    [InlineData(-1L, 64)]
    [InlineData(null, 64)]
    [InlineData(1L, 63)]
    [InlineData(1L, null)]
    public async Task What_is_no_head_is_refused(long? seq, int? digits)
    {
        await using var bench = await IssuanceBench.StartAsync();
        Assert.Equal(400, (await Assert.ThrowsAsync<Refusal>(() => bench.Get<AuditHeads>().TakeAsync(new(seq, digits is { } count ? new('a', count) : null), Stop))).Status);
    }
}
