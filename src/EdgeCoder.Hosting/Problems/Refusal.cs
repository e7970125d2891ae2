using System.Text.Json;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Hosting.Problems;

/// <summary>A request that is refused. Thrown inside, translated once at the edge to a problem document; state is unchanged.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="error">Stable code.</param>
/// <param name="detail">For a person: what is wrong and what to do next.</param>
public sealed class Refusal(int status, string error, string detail) : Exception(detail)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Stable code.</summary>
    public string Error { get; } = error;

    /// <summary>Narrower stable code.</summary>
    public string? Reason { get; init; }

    /// <summary>Faults of fields.</summary>
    public IReadOnlyList<FieldIssue>? Issues { get; init; }

    /// <summary>Seconds until a try may succeed: <c>Retry-After</c>.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Task that was given away for the request and that its owner can still look at.</summary>
    public string? TaskId { get; init; }

    /// <summary>Members that this code adds to the answer, as <c>maxBytes</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? More { get; init; }

    /// <summary>400 <c>validation_failed</c>.</summary>
    public static Refusal Invalid(IReadOnlyList<FieldIssue> issues) =>
        new(400, "validation_failed", "Correct these members: " + string.Join("; ", issues.Select(i => $"{i.Path}: {i.Rule}")) + ".") { Issues = issues };
}
