using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Why an attempt ended without being accepted.</summary>
internal enum AttemptEnd
{
    /// <summary>Deadline passed.</summary>
    Expired,

    /// <summary>Given back by the agent.</summary>
    Released,

    /// <summary>Never arrived at the agent.</summary>
    Undelivered,

    /// <summary>Taken from the agent.</summary>
    Revoked,

    /// <summary>The agent said so itself.</summary>
    ReportedFailure,

    /// <summary>By a verdict.</summary>
    Rejected,

    /// <summary>No verifier could tell.</summary>
    Inconclusive,
}

/// <summary>What becomes of a subtask after an attempt.</summary>
/// <param name="State"><see cref="SubtaskState.Queued"/>, or <see cref="SubtaskState.Rejected"/> for good.</param>
/// <param name="Attempts">Attempts spent now.</param>
/// <param name="Releases">Releases and non-deliveries counted now.</param>
/// <param name="Inconclusive">Closings without an answer now.</param>
/// <param name="DelayMs">Pause before the next try.</param>
/// <param name="FailedByAgent">Whether the agent counts as one that failed this subtask.</param>
internal readonly record struct AfterAttempt(SubtaskState State, int Attempts, int Releases, int Inconclusive, long DelayMs, bool FailedByAgent);

/// <summary>The state table of coordinator-and-mesh 4.2 and the attempts of 4.6. Pure.</summary>
internal static class SubtaskMachine
{
    /// <summary>Releases and non-deliveries that cost one attempt.</summary>
    public const int ReleasesPerAttempt = 10;

    /// <summary>Closings without an answer that escalate.</summary>
    public const int InconclusiveLimit = 2;

    /// <summary>Whether a subtask may go from one state to another.</summary>
    public static bool Allows(SubtaskState from, SubtaskState to) => (from, to) switch
    {
        (SubtaskState.Blocked, SubtaskState.Queued or SubtaskState.Cancelled) => true,
        (SubtaskState.Queued, SubtaskState.Leased or SubtaskState.Cancelled) => true,
        (SubtaskState.Leased, SubtaskState.Reported or SubtaskState.Queued or SubtaskState.Rejected or SubtaskState.Cancelled) => true,
        (SubtaskState.Reported, SubtaskState.Verifying) => true,
        (SubtaskState.Verifying, SubtaskState.Reported or SubtaskState.Accepted or SubtaskState.Rejected or SubtaskState.Queued or SubtaskState.Cancelled) => true,
        (SubtaskState.Accepted, SubtaskState.Rejected) => true,
        (SubtaskState.Rejected, SubtaskState.Queued or SubtaskState.Reported or SubtaskState.Cancelled) => true,
        _ => false,
    };

    /// <summary>Whether nothing but an audit or a person changes it any more.</summary>
    public static bool IsFinal(SubtaskState state) => state is SubtaskState.Accepted or SubtaskState.Rejected or SubtaskState.Cancelled;

    /// <summary>What follows an attempt that was not accepted.</summary>
    public static AfterAttempt After(AttemptEnd end, int attempts, int maxAttempts, int releases, int inconclusive)
    {
        var spends = end is AttemptEnd.Expired or AttemptEnd.ReportedFailure or AttemptEnd.Rejected;
        if (end is AttemptEnd.Released or AttemptEnd.Undelivered && ++releases >= ReleasesPerAttempt)
        {
            (spends, releases) = (true, 0);
        }

        if (end is AttemptEnd.Inconclusive)
        {
            inconclusive++;
        }

        // A candidate of an escalation is judged after the last attempt was spent, and spends none.
        attempts += spends && attempts < maxAttempts ? 1 : 0;
        var over = attempts >= maxAttempts || inconclusive >= InconclusiveLimit;
        var failed = end is AttemptEnd.Expired or AttemptEnd.ReportedFailure or AttemptEnd.Rejected;
        return new(over ? SubtaskState.Rejected : SubtaskState.Queued, attempts, releases, inconclusive, spends ? BackOff(attempts) : 0, failed);
    }

    /// <summary>Pause after the given number of spent attempts: min(1000·2^(attempt−1), 30,000) ms.</summary>
    public static long BackOff(int attempt) => attempt <= 0 ? 0 : attempt > 5 ? 30_000 : Math.Min(1000L << (attempt - 1), 30_000);
}
