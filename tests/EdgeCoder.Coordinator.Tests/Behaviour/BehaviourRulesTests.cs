using EdgeCoder.Coordinator.Behaviour;

namespace EdgeCoder.Coordinator.Tests.Behaviour;

/// <summary>The rules of behaviour (economy-and-ledger 15; F22, F25).</summary>
public sealed class BehaviourRulesTests
{
    public static TheoryData<string, int> Rules => new()
    {
        { "BHV001", 2 }, { "BHV002", 1 }, { "BHV003", 2 }, { "BHV004", 1 }, { "BHV005", 2 }, { "BHV006", 1 }, { "BHV007", 1 }, { "BHV008", 1 }, { "BHV009", 0 }, { "BHV010", 0 },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_rule_applies_at_its_limit_and_not_below(string rule, int weight)
    {
        Assert.Equal(weight, Assert.Single(BehaviourRules.Of(At(rule, true)), f => f.RuleId == rule).Weight);
        Assert.DoesNotContain(BehaviourRules.Of(At(rule, false)), f => f.RuleId == rule);
    }

    [Fact]
    public void Honest_agents_break_no_rule_that_strikes()
    {
        // Tasks that fail with empty output, and fast; equal outputs that are right; fast and right.
        Assert.Empty(BehaviourRules.Of(new() { Results = [.. Enumerable.Range(0, 200).Select(n => Result(n, claimed: false, accepted: false, output: "", leaseMs: 100 + (n % 7 * 90)))] }));
        Assert.Empty(BehaviourRules.Of(new() { Results = [.. Enumerable.Range(0, 200).Select(n => Result(n, claimed: false, accepted: false, output: "error: no model", leaseMs: 100 + (n % 7 * 90)))] }));
        Assert.Empty(BehaviourRules.Of(new() { Results = [.. Enumerable.Range(0, 200).Select(n => Result(n, output: "print('the same for everybody')", leaseMs: 2_000 + (n % 7 * 90)))] }));
        Assert.All(BehaviourRules.Of(new() { Results = [.. Enumerable.Range(0, 200).Select(n => Result(n, leaseMs: 20 + n % 3))] }), f => Assert.Equal(0, f.Weight));

        // Asleep for six minutes is one strike, no quarantine.
        Assert.Equal(1, BehaviourRules.Of(new() { Gaps = [new(1, 360_000)] }).Sum(f => f.Weight));
    }

    [Fact]
    public void Evidence_of_the_specification_has_its_hash() => Assert.Equal(
        "216235b06ea0bee49b6a77c4313c309a61452d35fac683e383216fe3d00c2e81",
        BehaviourJudge.EvidenceHash([new("BHV003", "Duplicate forgery", BehaviourSeverity.Critical, "forged_results", "3 consecutive identical output hashes", [("identicalOutputCount", 3)], 1)]));

    private static BehaviourFacts At(string rule, bool reached) => rule switch
    {
        "BHV001" => new() { Results = [.. Enumerable.Range(0, reached ? 3 : 2).Select(n => Result(n, accepted: false, leaseMs: 499))] },
        "BHV002" => new() { Results = [.. Enumerable.Range(0, reached ? 5 : 4).Select(n => Result(n, accepted: false, output: ""))] },
        "BHV003" => new() { Results = [.. Enumerable.Range(0, 3).Select(n => Result(n, accepted: false, output: reached || n < 2 ? "same" : "other"))] },
        "BHV004" => new() { Results = [.. Enumerable.Range(0, 20).Select(n => Result(n, accepted: n < (reached ? 2 : 3)))] },
        "BHV005" => new() { Violations = [(1, 3), (2, reached ? 2 : 1)] },
        "BHV006" => new() { Gaps = [new(1, reached ? 300_001 : 300_000)] },
        "BHV007" => new() { Expiries = [.. Enumerable.Range(1, reached ? 8 : 7).Select(n => (long)n)], MaxConcurrentTasks = 2, Live = [1, 2, 3, 4] },
        "BHV008" => new() { KeyBindings = [.. Enumerable.Range(1, reached ? 10 : 9).Select(n => (long)n)] },
        "BHV009" => new() { Results = [.. Enumerable.Range(0, reached ? 10 : 9).Select(n => Result(n, leaseMs: 5_000 + n))] },
        _ => new() { Results = [.. Enumerable.Range(0, 5).Select(n => Result(n, output: reached ? "123456789" : "1234567890"))] },
    };

    private static BehaviourResult Result(int n, bool claimed = true, bool accepted = true, string? output = null, long leaseMs = 5_000)
    {
        var text = output ?? $"output {n} of this task";
        return new(n + 1, leaseMs, claimed, accepted, text.Length, text, $"input {n}");
    }
}
