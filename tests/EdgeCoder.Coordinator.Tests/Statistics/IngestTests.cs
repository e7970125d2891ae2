using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Tests.Issuance;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Statistics;

/// <summary>Records that a peer pushes (economy-and-ledger 12, F13, F14).</summary>
public sealed class IngestTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(IssuanceBench.SlotEnd - IssuanceBench.Slot + 1_000));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Everything_one_exports_another_takes_in_once_in_any_order(StoreKind kind)
    {
        await using var from = await IssuanceBench.StartAsync(clock: _clock);
        await using var to = await IssuanceBench.StartAsync(kind, "coord-2", 32, _clock);
        await to.ApproveAsync([from]);
        await from.ExampleAsync();
        var all = Texts(await from.LeavesAsync());

        Assert.Equal((all.Count, 0, all.Count + 1, 0), Said(await IngestAsync(to, [.. all.AsEnumerable().Reverse()])));
        Assert.Equal((0, all.Count, all.Count + 1, 0), Said(await IngestAsync(to, all)));
        Assert.Equal((0, 2 * all.Count, all.Count + 1, 0), Said(await IngestAsync(to, [.. all, .. all])));
        Assert.Equal(all, await to.DoAsync(batch => batch.Query("SELECT leaf FROM mirror_leaves ORDER BY sequence", row => Convert.ToBase64String(row.Bytes(0)))));

        // They count when a checkpoint covers them.
        await to.Get<LogProjections>().CatchUpAsync(Stop);
        Assert.Equal(0, await to.CountAsync("SELECT count(*) FROM projected_accruals"));
        await to.KeepLogOfAsync(from);
        await to.Get<LogProjections>().CatchUpAsync(Stop);
        Assert.Equal(3, await to.CountAsync("SELECT count(*) FROM projected_accruals"));
    }

    [Fact]
    public async Task A_bad_record_is_refused_with_its_reason_and_holds_up_its_own_source_alone()
    {
        await using var from = await IssuanceBench.StartAsync(clock: _clock);
        await using var other = await IssuanceBench.StartAsync(peerId: "coord-2", seed: 32, clock: _clock);
        await using var to = await IssuanceBench.StartAsync(peerId: "coord-3", seed: 64, clock: _clock);
        await to.ApproveAsync([from, other]);
        await from.ExampleAsync();
        var leaves = await from.LeavesAsync();
        var theirs = Texts(await other.LeavesAsync());
        var good = Texts(leaves);
        var second = leaves[1].Record;

        foreach (var (record, reason) in new[]
        {
            (Sign(from, second with { IssuedAtMs = 4_102_444_800_000 }), "future_dated"),
            (Sign(from, second with { PrevHash = new('0', 64) }), "invalid_prev_hash"),
            (Sign(from, second with { IssuedAtMs = 1 }), "invalid_sequence"),
            (Sign(other, second), "invalid_signature"),
            (good[2], "sequence_gap"),
        })
        {
            var answer = await IngestAsync(to, [good[0], record, .. theirs]);
            Assert.Equal(reason, Assert.Single(answer.Refused).Reason);
            Assert.Equal(2, answer.NextSequence);
        }

        Assert.Equal(theirs.Count, await to.CountAsync("SELECT count(*) FROM mirror_leaves WHERE source = 'coord-2'"));
        var unread = await IngestAsync(to, ["no base64", Convert.ToBase64String("{}"u8), null]);
        Assert.Equal(["not_canonical", "not_canonical", "not_canonical"], unread.Refused.Select(one => one.Reason));
        await using var stranger = await IssuanceBench.StartAsync(peerId: "coord-9", seed: 99, clock: _clock);
        Assert.All((await IngestAsync(to, Texts(await stranger.LeavesAsync()))).Refused, one => Assert.Equal("coordinator_not_approved", one.Reason));
        Assert.Equal("validation_failed", (await Assert.ThrowsAsync<Refusal>(() => IngestAsync(to, []))).Error);
    }

    [Fact]
    public async Task Another_record_of_a_known_place_is_evidence_and_not_taken_in()
    {
        await using var from = await IssuanceBench.StartAsync(clock: _clock);
        await using var to = await IssuanceBench.StartAsync(peerId: "coord-2", seed: 32, clock: _clock);
        await to.ApproveAsync([from]);
        await from.ExampleAsync();
        var leaves = await from.LeavesAsync();
        await IngestAsync(to, Texts(leaves));

        // The same content under a new id, signed by the same key.
        var twin = Sign(from, leaves[1].Record with { Id = Guid.NewGuid().ToString() });
        Assert.Equal("equivocation", Assert.Single((await IngestAsync(to, [twin])).Refused).Reason);
        Assert.Equal("coordinator_not_approved", Assert.Single((await IngestAsync(to, [twin])).Refused).Reason);
        Assert.Equal(1, await to.CountAsync("SELECT count(*) FROM peers WHERE status = 'suspended' AND reason = 'log_equivocation'"));
        Assert.Equal(leaves.Count, await to.CountAsync("SELECT count(*) FROM mirror_leaves"));
    }

    private static Task<IngestAnswer> IngestAsync(IssuanceBench to, IReadOnlyList<string?> records) => to.Get<MirrorPull>().IngestAsync("coord-1", records, Stop);

    private static (long Ingested, long Skipped, long Next, int Refused) Said(IngestAnswer answer) => (answer.Ingested, answer.Skipped, answer.NextSequence, answer.Refused.Count);

    private static List<string> Texts(List<RecordLeaf> leaves) => leaves.ConvertAll(leaf => Convert.ToBase64String(leaf.Bytes));

    private static string Sign(IssuanceBench author, OrderingRecord record) => Convert.ToBase64String(RecordLeaf.Sign(record, author.Identity.Key).Bytes);
}
