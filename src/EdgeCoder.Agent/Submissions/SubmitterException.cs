namespace EdgeCoder.Agent.Submissions;

/// <summary>What a coordinator refused, or that it could not be reached.</summary>
/// <param name="code">Stable code: the coordinator's own, or <see cref="Unreachable"/>, <see cref="TimedOut"/>, <see cref="Fault"/>.</param>
/// <param name="message">For a person; the coordinator's own words where it had some.</param>
/// <param name="hint">What to do next.</param>
/// <param name="status">HTTP status of the refusal; null where no answer came.</param>
public sealed class SubmitterException(string code, string message, string? hint = null, int? status = null) : Exception(message)
{
    /// <summary>No connection.</summary>
    public const string Unreachable = "coordinator_unreachable";

    /// <summary>No answer in time.</summary>
    public const string TimedOut = "coordinator_timeout";

    /// <summary>An answer that is not a coordinator's.</summary>
    public const string Fault = "coordinator_fault";

    /// <summary>Stable code.</summary>
    public string Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;

    /// <summary>HTTP status of the refusal; null where no answer came.</summary>
    public int? Status { get; } = status;
}
