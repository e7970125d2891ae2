namespace EdgeCoder.Agent.Coordinators;

/// <summary>A call that a coordinator did not answer, or answered with a refusal.</summary>
/// <param name="status">HTTP status; 0 when nothing answered.</param>
/// <param name="code">Stable code of the refusal; <c>coordinator_unreachable</c> when nothing answered.</param>
/// <param name="detail">For a person.</param>
public sealed class CoordinatorFault(int status, string code, string detail) : Exception(detail)
{
    /// <summary>HTTP status; 0 when nothing answered.</summary>
    public int Status { get; } = status;

    /// <summary>Stable code.</summary>
    public string Code { get; } = code;

    /// <summary>Narrower code.</summary>
    public string? Reason { get; init; }

    /// <summary>When to try again, if it was said.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request will be refused again: 4xx except 401, 408 and 429 (coordinator-and-mesh 10).</summary>
    public bool IsFinal => Status is >= 400 and < 500 and not (401 or 408 or 429);

    /// <summary>Whether the coordinator is not there or not well, as opposed to one that said no.</summary>
    public bool IsOutage => Status is 0 or 408 or >= 500;

    /// <summary>Code, and the narrower one when there is one.</summary>
    public string FullCode => Reason is null ? Code : $"{Code}/{Reason}";
}
