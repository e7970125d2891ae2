using System.Globalization;
using EdgeCoder.Ledger.Blacklists;

namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>How much a finding weighs.</summary>
internal enum BehaviourSeverity
{
    /// <summary>Informs.</summary>
    Warn,

    /// <summary>One strike.</summary>
    High,

    /// <summary>Two strikes.</summary>
    Critical,
}

/// <summary>A rule that applies.</summary>
/// <param name="RuleId"><c>BHV001</c> to <c>BHV010</c>.</param>
/// <param name="Name">In words.</param>
/// <param name="Severity">Weight.</param>
/// <param name="ReasonCode">The code of the blacklist that it would be.</param>
/// <param name="Description">With its figures.</param>
/// <param name="Stats">The figures.</param>
/// <param name="FactMs">Time of the newest fact that contributes: the rule applies anew only with a newer one.</param>
internal sealed record BehaviourFinding(
    string RuleId, string Name, BehaviourSeverity Severity, string ReasonCode, string Description, IReadOnlyList<(string Name, long Value)> Stats, long FactMs)
{
    /// <summary>Strikes.</summary>
    public int Weight => Severity switch { BehaviourSeverity.Critical => 2, BehaviourSeverity.High => 1, _ => 0 };
}

/// <summary>
/// The rules of economy-and-ledger 15, over facts of 60 minutes. Pure. Where the table says "not accepted" it is a success that was claimed and not found: a
/// worker whose tasks honestly fail, however fast and empty, breaks none of them (F22).
/// </summary>
internal static class BehaviourRules
{
    private const long GapMs = 300_000;

    /// <summary>Every rule that applies.</summary>
    public static IReadOnlyList<BehaviourFinding> Of(BehaviourFacts facts)
    {
        List<BehaviourFinding> found = [];
        Results(found, facts.Results);
        Traffic(found, facts);
        return found;
    }

    private static void Results(List<BehaviourFinding> found, IReadOnlyList<BehaviourResult> results)
    {
        var wrong = results.Where(r => r.IsFalse).ToList();
        var claimed = results.Where(r => r.Claimed).ToList();
        var fast = wrong.Count(r => r.LeaseMs < BehaviourStats.FastMs);
        var average = BehaviourStats.Average(wrong, r => r.LeaseMs);
        if (fast >= 3 && average < 1000)
        {
            found.Add(new("BHV001", "Too fast to be work", BehaviourSeverity.Critical, BlacklistReasons.ForgedResults, Say($"{fast} rejected results in less than 500 ms, {average} ms on average"), [("suspiciouslyFastCount", fast), ("avgDurationMs", average)], Newest(wrong)));
        }

        var empty = wrong.Where(r => r.OutputLength == 0).ToList();
        if (empty.Count >= 5 && empty.Count * 100 > wrong.Count * 60)
        {
            found.Add(new("BHV002", "Empty results", BehaviourSeverity.High, BlacklistReasons.ForgedResults, Say($"{empty.Count} of {wrong.Count} rejected results are empty"), [("emptyOutputCount", empty.Count)], Newest(empty)));
        }

        var run = BehaviourStats.LastRun(results);
        if (run.Count >= 3)
        {
            found.Add(new("BHV003", "Duplicate forgery", BehaviourSeverity.Critical, BlacklistReasons.ForgedResults, Say($"{run.Count} consecutive identical output hashes"), [("identicalOutputCount", run.Count)], Newest(run)));
        }

        var accepted = claimed.Count - wrong.Count;
        if (claimed.Count >= 10 && accepted * 100 < claimed.Count * 15)
        {
            found.Add(new("BHV004", "Hardly any result accepted", BehaviourSeverity.High, BlacklistReasons.PolicyViolation, Say($"{accepted} of {claimed.Count} results accepted"), [("successCount", accepted), ("totalTasks", claimed.Count)], Newest(wrong)));
        }

        var stats = BehaviourStats.Of(new() { Results = results });
        if (results.Count >= 10 && stats.DurationStdDevMs < 50)
        {
            found.Add(new("BHV009", "Times without variation", BehaviourSeverity.Warn, BlacklistReasons.ForgedResults, Say($"{results.Count} results within {stats.DurationStdDevMs} ms of each other"), [("durationStdDevMs", stats.DurationStdDevMs), ("totalTasks", results.Count)], Newest(results)));
        }

        if (results.Count >= 5 && stats.AvgOutputLength < 10 && stats.SuccessCount * 100 > results.Count * 80)
        {
            found.Add(new("BHV010", "Very short results", BehaviourSeverity.Warn, BlacklistReasons.ForgedResults, Say($"{stats.AvgOutputLength} characters on average"), [("avgOutputLength", stats.AvgOutputLength), ("totalTasks", results.Count)], Newest(results)));
        }
    }

    private static void Traffic(List<BehaviourFinding> found, BehaviourFacts facts)
    {
        var violations = facts.Violations.Sum(v => v.Count);
        if (violations >= 5)
        {
            found.Add(new("BHV005", "Protocol violations", BehaviourSeverity.Critical, BlacklistReasons.CredentialAbuse, Say($"{violations} signed reports that break the protocol"), [("protocolViolationCount", violations)], facts.Violations.Max(v => v.AtMs)));
        }

        var gaps = facts.Gaps.Where(g => g.GapMs > GapMs).ToList();
        if (gaps.Count > 0)
        {
            found.Add(new("BHV006", "Silent with a lease", BehaviourSeverity.High, BlacklistReasons.DosBehavior, Say($"no heartbeat for {gaps.Max(g => g.GapMs) / 1000} s"), [("heartbeatGapMaxMs", gaps.Max(g => g.GapMs))], gaps.Max(g => g.AtMs)));
        }

        var hoards = facts.Live.Count > 2 * facts.MaxConcurrentTasks;
        if (hoards || facts.Expiries.Count >= 8)
        {
            found.Add(new(
                "BHV007", "Hoarding leases", BehaviourSeverity.High, BlacklistReasons.DosBehavior, Say($"{facts.Live.Count} leases held, {facts.Expiries.Count} expired"),
                [("concurrentClaimCount", facts.Live.Count), ("requeueCount", facts.Expiries.Count)], (hoards ? facts.Live.Concat(facts.Expiries) : facts.Expiries).Max()));
        }

        if (facts.KeyBindings.Count >= 10)
        {
            found.Add(new("BHV008", "Changing keys", BehaviourSeverity.High, BlacklistReasons.DosBehavior, Say($"{facts.KeyBindings.Count} keys bound"), [("registrationCount", facts.KeyBindings.Count)], facts.KeyBindings.Max()));
        }
    }

    private static long Newest(IEnumerable<BehaviourResult> results) => results.Max(r => r.AtMs);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
