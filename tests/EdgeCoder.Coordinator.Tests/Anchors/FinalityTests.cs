using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Tests.Anchors;

/// <summary>The tables of economy-and-ledger 12 and 13.2, row by row.</summary>
public sealed class FinalityTests
{
    private static readonly CoveringAnchor Pending = new(AnchorStatus.Pending, 0);
    private static readonly CoveringAnchor Failed = new(AnchorStatus.Failed, 0);
    private static readonly CoveringAnchor Sent = new(AnchorStatus.Broadcast, 0);

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void The_first_rule_that_fits_is_the_state(int minimum)
    {
        CoveringAnchor deep = new(AnchorStatus.Anchored, minimum), shallow = new(AnchorStatus.Anchored, minimum - 1), deeper = new(AnchorStatus.Anchored, minimum + 100);
        (FinalityState Wanted, FinalityFacts Facts)[] table =
        [
            (FinalityState.StaleFederation, Facts(minimum, members: 3, threshold: 2, heard: 1, anchors: deep)),
            (FinalityState.StaleFederation, Facts(minimum, members: 3, threshold: 2, heard: 3, equivocates: true, anchors: deep)),
            (FinalityState.StaleFederation, Facts(minimum, members: 3, threshold: 2, heard: 0, checkpoint: false)),
            (FinalityState.SoftFinalized, Facts(minimum, members: 1, threshold: 1, heard: 0, equivocates: true)),
            (FinalityState.NoCheckpoint, Facts(minimum, checkpoint: false)),
            (FinalityState.NoCheckpoint, Facts(minimum, checkpoint: false, anchors: deep)),
            (FinalityState.NoCheckpoint, Facts(minimum, members: 3, threshold: 2, heard: 2, checkpoint: false)),
            (FinalityState.AnchoredConfirmed, Facts(minimum, anchors: deep)),
            (FinalityState.AnchoredConfirmed, Facts(minimum, anchors: deeper)),
            (FinalityState.AnchoredConfirmed, Facts(minimum, anchors: [Failed, Sent, shallow, deep])),
            (FinalityState.AnchoredConfirmed, Facts(minimum, members: 3, threshold: 2, heard: 2, anchors: deep)),
            (FinalityState.AnchoredPending, Facts(minimum, anchors: Sent)),
            (FinalityState.AnchoredPending, Facts(minimum, anchors: shallow)),
            (FinalityState.AnchoredPending, Facts(minimum, anchors: [Pending, Failed, Sent])),
            (FinalityState.AnchoredPending, Facts(minimum, anchors: new CoveringAnchor(AnchorStatus.Broadcast, minimum + 5))),
            (FinalityState.SoftFinalized, Facts(minimum)),
            (FinalityState.SoftFinalized, Facts(minimum, anchors: [Pending, Failed])),
        ];

        foreach (var (wanted, facts) in table)
        {
            Assert.Equal(wanted, Finality.Of(facts));
        }
    }

    [Fact]
    public void The_leader_is_the_smallest_id_that_was_heard()
    {
        var heard = new Dictionary<string, long> { ["coord-b"] = 70_000, ["coord-a"] = 60_000, ["coord-B"] = 10 };
        Assert.Equal("coord-a", Leader("coord-c", 90_000));
        Assert.Equal("coord-b", Leader("coord-c", 90_001));
        Assert.Equal("coord-c", Leader("coord-c", 200_000));
        Assert.Equal("coord-B", Leader("coord-c", 30_010));
        Assert.Equal("coord-0", Leader("coord-0", 90_000));

        string Leader(string self, long now) => AnchorLeader.Of(self, heard, now, TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("Pending", true, "Failed")]
    [InlineData("Broadcast", true, "Failed")]
    [InlineData("Anchored", true, "Anchored")]
    [InlineData("Failed", true, "Failed")]
    [InlineData("Pending", false, "Pending")]
    [InlineData("Broadcast", false, "Broadcast")]
    [InlineData("Anchored", false, "Anchored")]
    public void Only_bytes_that_were_refused_for_good_fail(string before, bool permanent, string after)
    {
        var change = AnchorMachine.Failed(Row(Enum.Parse<AnchorStatus>(before)), new AnchorException("code", "code: said", permanent), 5);
        Assert.Equal((after, "code: said"), (change.Status.ToString(), change.Error));
    }

    [Theory]
    [InlineData(null, "Anchored", "block-1")]
    [InlineData("other", "Broadcast", null)]
    [InlineData("unseen", "Broadcast", null)]
    public void Other_bytes_in_a_block_are_no_anchor(string? data, string after, string? block)
    {
        var seen = new ChainSighting { IsKnown = true, Confirmations = 3, BlockHash = "block-1", DataHex = data switch { null => "payload", "unseen" => null, _ => data } };
        var change = AnchorMachine.Seen(Row(AnchorStatus.Broadcast), seen, "payload", 1, 7, TimeSpan.FromSeconds(1));
        Assert.Equal((after, block, data is not null), (change.Status.ToString(), change.BlockHash, change.Error is not null));
    }

    [Theory]
    [InlineData(null, "Anchored")]
    [InlineData(false, "Anchored")]
    [InlineData(true, "Pending")]
    public void Only_proof_takes_a_row_out_of_its_block(bool? left, string after)
    {
        var row = Row(AnchorStatus.Anchored);
        (row.BlockHash, row.Confirmations, row.AnchoredAtMs) = ("block-1", 4, 3);
        foreach (var seen in new ChainSighting[] { new() { NamedBlockLeft = left }, new() { IsKnown = true, NamedBlockLeft = left }, new() { IsKnown = true, Confirmations = 2, BlockHash = "block-2", DataHex = "payload", NamedBlockLeft = left } })
        {
            var change = AnchorMachine.Seen(row, seen, "payload", 1, 7, TimeSpan.FromSeconds(1));
            Assert.Equal((after, left == true ? null : "block-1", left != true), (change.Status.ToString(), change.BlockHash, change.Error is not null));
        }
    }

    private static FinalityFacts Facts(int minimum, int members = 1, int threshold = 1, int heard = 1, bool equivocates = false, bool checkpoint = true, params CoveringAnchor[] anchors) =>
        new(members, threshold, heard, equivocates, checkpoint, anchors, minimum);

    private static AnchorRecordRow Row(AnchorStatus status) => new()
    {
        AnchorId = "a", Kind = "stats", CheckpointHash = new string('c', 64), CheckpointHeight = 1, AnchorNetwork = "signet", TxRef = "t", Status = status, Confirmations = 0, CreatedAtMs = 1, NextAtMs = 1,
    };
}
