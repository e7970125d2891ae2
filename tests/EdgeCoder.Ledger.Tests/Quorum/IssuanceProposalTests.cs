using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Tests.Issuance;

namespace EdgeCoder.Ledger.Tests.Quorum;

/// <summary>What a member does before it votes: everything is calculated again (economy-and-ledger 8.2).</summary>
public sealed class IssuanceProposalTests
{
    private static readonly Contribution[] Work = [.. Enumerable.Range(0, 7).Select(n => IssuanceFiguresTests.Of($"acct-{n}", 1_000 + n))];

    public static TheoryData<string, Func<IssuanceProposal, IssuanceProposal>> Lies => new()
    {
        { "a larger pool", one => one with { SlotPoolMc = one.SlotPoolMc + 1 } },
        { "another load", one => one with { Load = one.Load + 1 } },
        { "more work", one => one with { TotalWeightMicro = one.TotalWeightMicro + 1 } },
        { "an account more", one => one with { AllocationCount = one.AllocationCount + 1 } },
        { "another split", one => one with { Allocations = [one.Allocations![0] with { IssuedMc = one.Allocations[0].IssuedMc + 1 }, .. one.Allocations.Skip(1)] } },
        { "a split that is left out", one => one with { Allocations = null } },
        { "hash of another split", one => one with { AllocationsHash = new('0', 64) } },
        { "another window", one => one with { WindowStartMs = one.WindowStartMs - 1 } },
        { "an end that is no slot's", one => one with { WindowEndMs = one.WindowEndMs + 1, WindowStartMs = one.WindowStartMs + 1 } },
        { "a load before it that cannot be", one => one with { PreviousLoad = 7_000_000 } },
        { "fewer than nobody", one => one with { Agents = -1 } },
        { "members out of order", one => one with { Members = [.. one.Members.Reverse()] } },
    };

    [Fact]
    public void An_honest_proposal_is_come_to_again() => Assert.True(Honest(Work).IsRecomputed(IssuanceFiguresTests.Terms, Work.Reverse()));

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_lie_is_not_come_to(string lie, Func<IssuanceProposal, IssuanceProposal> tell) =>
        Assert.False(tell(Honest(Work)).IsRecomputed(IssuanceFiguresTests.Terms, Work), lie);

    [Fact]
    public void Other_work_or_other_rules_come_to_something_else()
    {
        Assert.False(Honest(Work).IsRecomputed(IssuanceFiguresTests.Terms, Work.Skip(1)));
        Assert.False(Honest(Work).IsRecomputed(IssuanceFiguresTests.Terms with { AlphaBps = 3_501 }, Work));
    }

    [Fact]
    public void More_accounts_than_a_leaf_holds_are_named_by_their_hash()
    {
        Contribution[] many = [.. Enumerable.Range(0, 2_000).Select(n => IssuanceFiguresTests.Of($"acct-{n}", 1_000 + n))];
        var proposal = Honest(many);

        Assert.Null(proposal.Allocations);
        Assert.Equal(2_000, proposal.AllocationCount);
        Assert.True(proposal.IsRecomputed(IssuanceFiguresTests.Terms, many));
        Assert.False(proposal.IsRecomputed(IssuanceFiguresTests.Terms, [.. many.Skip(1), many[0] with { AccountId = "acct-x" }]));
    }

    private static IssuanceProposal Honest(IEnumerable<Contribution> work) => IssuanceProposal.Of(
        IssuanceFiguresTests.Terms, IssuanceFiguresTests.Inputs, IssuanceFiguresTests.SlotEnd, ["coord-2", "coord-1"], [new("coord-1", 12)],
        IssuanceFigures.Of(IssuanceFiguresTests.Terms, IssuanceFiguresTests.Inputs, IssuanceFiguresTests.SlotEnd, work)!);
}
