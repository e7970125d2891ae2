using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Problems;

/// <summary>An RFC 9457 problem document, as every role answers an error.</summary>
public sealed record Problem
{
    /// <summary><c>about:blank</c>: <see cref="Error"/> is what programs read.</summary>
    public string Type { get; set; } = "about:blank";

    /// <summary>Name of the status.</summary>
    public required string Title { get; init; }

    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>For a person: what is wrong and what to do next. Never a stack trace, SQL, a secret or what the caller sent.</summary>
    public string? Detail { get; init; }

    /// <summary>Stable code.</summary>
    public required string Error { get; init; }

    /// <summary>Narrower stable code.</summary>
    public string? Reason { get; init; }

    /// <summary>Faults of fields, with <c>validation_failed</c>.</summary>
    public IReadOnlyList<FieldIssue>? Issues { get; init; }

    /// <summary>Members that one code adds.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; set; }
}

/// <summary>A field that breaks a rule.</summary>
/// <param name="Path">Member, as a dotted path: <c>subtasks[2].prompt</c>.</param>
/// <param name="Rule">The rule, in words.</param>
public sealed record FieldIssue(string Path, string Rule);
