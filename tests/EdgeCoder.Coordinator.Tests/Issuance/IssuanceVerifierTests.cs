using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Tests.Issuance;

/// <summary>Issuance is checked from the logs alone (economy-and-ledger 8.2, F8): logs of real coordinators, and what somebody might do to them.</summary>
public sealed class IssuanceVerifierTests
{
    [Fact]
    public async Task Epochs_of_an_honest_log_are_come_to_again()
    {
        await using var bench = await IssuedAsync();
        var finding = Assert.Single(Check(bench, await bench.LeavesAsync()));
        Assert.Equal(("ep-1700002800000", null, 1), (finding.EpochId, finding.Reason, finding.Approvals));
        var (a, b, c, _, _) = await bench.BooksAsync();
        Assert.Equal(a + b + c, finding.SlotPoolMc);
    }

    [Fact]
    public async Task What_does_not_follow_is_named()
    {
        await using var bench = await IssuedAsync();
        var leaves = await bench.LeavesAsync();
        var stranger = SigningKey.Generate();
        using (stranger)
        {
            // Nobody's key is trusted for it: there is no epoch, and so nothing that issued.
            Assert.All(IssuanceVerifier.Check(Logs(leaves), _ => [stranger.PublicKey]), one => Assert.Equal(IssuanceVerifier.IssuedWithoutEpoch, one.Reason));
        }

        var proposal = leaves.FindIndex(leaf => TypeOf(leaf) == QuorumRecordTypes.Proposal);
        var vote = leaves.FindIndex(leaf => TypeOf(leaf) == QuorumRecordTypes.Vote);
        var paid = leaves.FindIndex(leaf => leaf.Record.EventType == RecordTypes.CreditTransfer);
        var work = leaves.FindIndex(leaf => leaf.Record.EventType == RecordTypes.EarningsAccrual);
        Assert.Equal(IssuanceVerifier.ProposalMissing, Check(bench, Without(leaves, proposal))[0].Reason);
        Assert.Equal(IssuanceVerifier.QuorumNotReached, Check(bench, Without(leaves, vote))[0].Reason);
        Assert.Equal(IssuanceVerifier.TransferMissing, Check(bench, Without(leaves, paid))[0].Reason);
        Assert.Equal(IssuanceVerifier.TransferDiffers, Check(bench, [.. leaves, leaves[paid]])[0].Reason);
        Assert.Equal(IssuanceVerifier.RecomputationMismatch, Check(bench, [.. leaves[..work], leaves[0], .. leaves[(work + 1)..]])[0].Reason);
        Assert.Equal(
            IssuanceVerifier.LogMissing,
            IssuanceVerifier.Check(new Dictionary<string, IReadOnlyList<RecordLeaf>> { ["coord-2"] = leaves }, id => id == "coord-1" ? [bench.Identity.Key.PublicKey] : [])[0].Reason);
    }

    [Fact]
    public async Task Credits_that_no_epoch_issues_are_found()
    {
        await using var bench = await IssuedAsync();
        await bench.DoAsync(batch =>
        {
            LogOutbox.Append(
                batch, RecordTypes.CreditTransfer, "account:A", null, "coord-1",
                EventData.Of(("amount", 1L), ("code", TransferCodes.Issuance), ("creditAccountId", "A"), ("debitAccountId", "mint:issuance"), ("reason", "issuance:ep-1"), ("transferId", TransferId.Of("issuance", "ep-1\nA")), ("unit", "credit")), 1);
            return true;
        });
        await bench.SettleAsync();
        Assert.Equal([null, IssuanceVerifier.IssuedWithoutEpoch], Check(bench, await bench.LeavesAsync()).Select(one => one.Reason));
    }

    private static async Task<IssuanceBench> IssuedAsync()
    {
        var bench = await IssuanceBench.StartAsync();
        await bench.ExampleAsync();
        bench.ToSlotEnd();
        await bench.TickAsync();
        await bench.TickAsync();
        return bench;
    }

    private static string? TypeOf(RecordLeaf leaf) =>
        leaf.Record is { EventType: "quorum_record", PayloadJson: { } payload } && SignedQuorumRecord.TryRead(payload, out var signed) is null ? signed!.Record.RecordType : null;

    private static List<RecordLeaf> Without(List<RecordLeaf> leaves, int at) => [.. leaves[..at], leaves[0], .. leaves[(at + 1)..]];

    private static Dictionary<string, IReadOnlyList<RecordLeaf>> Logs(IReadOnlyList<RecordLeaf> leaves) => new(StringComparer.Ordinal) { ["coord-1"] = leaves };

    private static IReadOnlyList<IssuanceFinding> Check(IssuanceBench bench, IReadOnlyList<RecordLeaf> leaves) =>
        IssuanceVerifier.Check(Logs(leaves), id => id == "coord-1" ? [bench.Identity.Key.PublicKey] : []);
}
