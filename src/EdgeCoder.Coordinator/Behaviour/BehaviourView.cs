namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>Figures as operators see them: of the last 60 minutes, and the counts of the present key. Times are milliseconds, the rate is a part of one.</summary>
internal sealed record BehaviourView(
    int ConsecutiveValid, int Faults, int TotalTasks, int SuccessCount, decimal SuccessRate, int EmptyOutputCount, int IdenticalOutputCount, long AvgOutputLength, long AvgDurationMs, long MinDurationMs,
    long DurationStdDevMs, int SuspiciouslyFastCount, int RegistrationCount, int TaskClaimCount, int RequeueCount, int ConcurrentClaimCount, int ProtocolViolationCount, long HeartbeatGapMaxMs)
{
    /// <summary>Makes it.</summary>
    public static BehaviourView Of(int consecutiveValid, int faults, BehaviourFacts facts)
    {
        var s = BehaviourStats.Of(facts);
        return new(
            consecutiveValid, faults, s.TotalTasks, s.SuccessCount, s.SuccessRateBps / 10_000m, s.EmptyOutputCount, s.IdenticalOutputCount, s.AvgOutputLength, s.AvgDurationMs, s.MinDurationMs, s.DurationStdDevMs,
            s.SuspiciouslyFastCount, s.RegistrationCount, s.TaskClaimCount, s.RequeueCount, s.ConcurrentClaimCount, s.ProtocolViolationCount, s.HeartbeatGapMaxMs);
    }
}
