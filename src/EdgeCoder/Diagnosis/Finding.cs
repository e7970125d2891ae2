using System.Text.Json.Serialization;
using EdgeCoder.Protocol;

namespace EdgeCoder.Diagnosis;

/// <summary>State of one thing that doctor looks at.</summary>
[JsonConverter(typeof(SnakeCaseEnum<FindingState>))]
internal enum FindingState
{
    /// <summary>It works.</summary>
    Ok,

    /// <summary>It works less well than it could, or will not for long.</summary>
    Warning,

    /// <summary>It does not work and the job needs it.</summary>
    Fault,
}

/// <summary>One thing that doctor looked at.</summary>
/// <param name="Name">What, for instance <c>sandbox</c>.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What was found, exactly.</param>
/// <param name="Remedy">What to do, when something is wrong.</param>
internal sealed record Finding(string Name, FindingState State, string Detail, string? Remedy = null);
