namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Default times of subtasks and deadlines of leases (coordinator-and-mesh 4.1, 4.4). Pure.</summary>
internal static class AttemptTimes
{
    /// <summary>A lease lives this long without a heartbeat.</summary>
    public const long LeaseMs = 60_000;

    /// <summary>Time for hand-over and report beyond the attempt.</summary>
    public const long GraceMs = 30_000;

    /// <summary>Limit of one run by the length of its input: min(5000 + ⌊length/50⌋·1000, 60,000).</summary>
    public static int TimeoutMs(int inputLength) => (int)Math.Min(5000L + (inputLength / 50 * 1000L), 60_000);

    /// <summary>Limit of an attempt: clamp(20 × timeoutMs, 120,000, 1,800,000).</summary>
    public static int AttemptTimeoutMs(int timeoutMs) => (int)Math.Clamp(20L * timeoutMs, 120_000, 1_800_000);

    /// <summary>Nothing extends a lease beyond this.</summary>
    public static long HardDeadlineMs(long grantedAtMs, int attemptTimeoutMs) => grantedAtMs + attemptTimeoutMs + GraceMs;

    /// <summary>Deadline at a grant or a heartbeat.</summary>
    public static long DeadlineMs(long nowMs, long hardDeadlineMs) => Math.Min(nowMs + LeaseMs, hardDeadlineMs);
}
