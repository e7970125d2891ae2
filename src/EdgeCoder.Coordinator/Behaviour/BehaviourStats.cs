namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>Figures of <see cref="BehaviourFacts"/>; the names are those of economy-and-ledger 15. Times are milliseconds, the rate is in basis points.</summary>
internal sealed record BehaviourStats(
    int TotalTasks, int SuccessCount, int SuccessRateBps, int EmptyOutputCount, int IdenticalOutputCount, long AvgOutputLength, long AvgDurationMs, long MinDurationMs, long DurationStdDevMs, int SuspiciouslyFastCount,
    int RegistrationCount, int TaskClaimCount, int RequeueCount, int ConcurrentClaimCount, int ProtocolViolationCount, long HeartbeatGapMaxMs)
{
    /// <summary>A lease that took less is suspiciously fast.</summary>
    public const long FastMs = 500;

    /// <summary>Counts.</summary>
    public static BehaviourStats Of(BehaviourFacts facts)
    {
        var results = facts.Results;
        var accepted = results.Count(r => r.Accepted);
        return new(
            results.Count,
            accepted,
            results.Count == 0 ? 0 : accepted * 10_000 / results.Count,
            results.Count(r => r.OutputLength == 0),
            LastRun(results).Count,
            Average(results, r => r.OutputLength),
            Average(results, r => r.LeaseMs),
            results.Count == 0 ? 0 : results.Min(r => r.LeaseMs),
            Deviation(results),
            results.Count(r => r.LeaseMs < FastMs),
            facts.KeyBindings.Count,

            // A lease is reported, expired or held; the few that were given back or taken away are nobody's doing here.
            facts.Reported + facts.Expiries.Count + facts.Live.Count,
            facts.Expiries.Count,
            facts.Live.Count,
            facts.Violations.Sum(v => v.Count),
            facts.Gaps.Count == 0 ? 0 : facts.Gaps.Max(g => g.GapMs));
    }

    /// <summary>The longest newest run of equal non-empty false outputs for different inputs.</summary>
    public static IReadOnlyList<BehaviourResult> LastRun(IReadOnlyList<BehaviourResult> results)
    {
        List<BehaviourResult> best = [];
        List<BehaviourResult> run = [];
        foreach (var result in results)
        {
            var goesOn = result is { IsFalse: true, OutputLength: > 0 } && (run.Count == 0 || run[^1].Output == result.Output);
            if (!goesOn)
            {
                run = [];
            }

            if (result is { IsFalse: true, OutputLength: > 0 } && run.TrueForAll(r => r.Input != result.Input))
            {
                run.Add(result);
            }

            if (run.Count >= best.Count)
            {
                best = [.. run];
            }
        }

        return best;
    }

    /// <summary>Average of a figure, rounded down; 0 of none.</summary>
    public static long Average(IReadOnlyCollection<BehaviourResult> results, Func<BehaviourResult, long> figure) => results.Count == 0 ? 0 : results.Sum(figure) / results.Count;

    private static long Deviation(IReadOnlyList<BehaviourResult> results)
    {
        if (results.Count == 0)
        {
            return 0;
        }

        var mean = results.Average(r => (double)r.LeaseMs);
        return (long)Math.Sqrt(results.Average(r => (r.LeaseMs - mean) * (r.LeaseMs - mean)));
    }
}
