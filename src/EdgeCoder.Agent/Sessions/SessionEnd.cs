using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>How a session ended, before it is told.</summary>
internal sealed record SessionEnd
{
    /// <summary>The outcome.</summary>
    public required SessionOutcome Outcome { get; init; }

    /// <summary>Why it did not succeed, for a person; absent when it did.</summary>
    public string? Message { get; init; }

    /// <summary>Why the work would be handed on; absent when there is nothing to hand on.</summary>
    public EscalationReason? Reason { get; init; }

    /// <summary>Code of the error that stopped it; absent when none did.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>What to do next.</summary>
    public string? Hint { get; init; }

    /// <summary>Whether a resume can go on from here.</summary>
    public bool Resumable { get; init; }

    /// <summary>The run that was refused; absent when none was.</summary>
    public RunResult? Refused { get; init; }

    /// <summary>Every counted test passed.</summary>
    public static SessionEnd Succeeded { get; } = new() { Outcome = SessionOutcome.Succeeded };

    /// <summary>It ran, but nothing could prove it.</summary>
    public static SessionEnd Unverified(string why) => new() { Outcome = SessionOutcome.Unverified, Message = why };

    /// <summary>The person stopped it.</summary>
    public static SessionEnd Cancelled { get; } = new()
    {
        Outcome = SessionOutcome.Cancelled,
        Message = "Stopped by you. What was done is kept; a resume goes on with it.",
        Resumable = true,
    };

    /// <summary>The loop gave up.</summary>
    public static SessionEnd GivenUp(EscalationReason reason, string message) => new() { Outcome = SessionOutcome.Failed, Reason = reason, Message = message };

    /// <summary>The budget is used up.</summary>
    public static SessionEnd OutOfBudget(string message) => new() { Outcome = SessionOutcome.BudgetExhausted, Reason = EscalationReason.BudgetExhausted, Message = message };

    /// <summary>Something that is not the code's fault stopped it.</summary>
    public static SessionEnd Stopped(string code, string message, string? hint, EscalationReason? reason = null, bool resumable = false) =>
        new() { Outcome = SessionOutcome.Failed, ErrorCode = code, Message = message, Hint = hint, Reason = reason, Resumable = resumable };
}
