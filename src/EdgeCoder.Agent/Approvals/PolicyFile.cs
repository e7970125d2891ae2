using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Agent.Approvals;

/// <summary>A policy as it stands in a file. Everything is optional; a list that is absent is empty (the generated reader knows no defaults).</summary>
internal sealed record PolicyFile
{
    /// <summary>The file; not part of it.</summary>
    [JsonIgnore]
    public string Source { get; init; } = "";

    /// <summary>The widest mode that is allowed.</summary>
    public ApprovalMode? Mode { get; init; }

    /// <summary>The widest data class that is allowed.</summary>
    public string? DataClass { get; init; }

    /// <summary>Rules.</summary>
    public IReadOnlyList<PolicyRule> Rules { get => field ?? []; init; }

    /// <summary>Hosts that may be reached in mode full.</summary>
    public IReadOnlyList<string> Hosts { get => field ?? []; init; }

    /// <summary>Data classes of paths.</summary>
    public IReadOnlyList<PathLabel> Labels { get => field ?? []; init; }

    /// <summary>Files that may not be changed, as globs.</summary>
    public IReadOnlyList<string> Protected { get => field ?? []; init; }

    /// <summary>More files whose content is denied, as globs.</summary>
    public IReadOnlyList<string> SecretFiles { get => field ?? []; init; }

    /// <summary>Test commands whose first use was approved, of the file that remembers a person's answers.</summary>
    public IReadOnlyList<IReadOnlyList<string>> TestCommands { get => field ?? []; init; }

    /// <summary>Everything that is wrong with it.</summary>
    /// <param name="canOnlyNarrow">Whether it is the project's own policy, which may forbid and ask but not allow.</param>
    public IEnumerable<string> Problems(bool canOnlyNarrow)
    {
        for (var i = 0; i < Rules.Count; i++)
        {
            if (Rules[i].Problem is { } problem)
            {
                yield return $"rule {i + 1} {problem}";
            }
            else if (canOnlyNarrow && Rules[i].Effect == RuleEffect.Allow)
            {
                yield return $"rule {i + 1} allows something; the policy of a project can only ask or deny";
            }
        }

        if (DataClass is { } own && !DataClasses.IsKnown(own))
        {
            yield return $"dataClass is {own}; known are local, team and mesh";
        }

        foreach (var label in Labels.Where(l => !DataClasses.IsKnown(l.Class)))
        {
            yield return $"the label of {label.Path} is {label.Class}; known are local, team and mesh";
        }

        if (canOnlyNarrow && (Hosts.Count > 0 || TestCommands.Count > 0))
        {
            yield return "it names hosts or testCommands; the policy of a project can only ask or deny";
        }
    }
}

/// <summary>The data class of some paths.</summary>
/// <param name="Path">Glob, relative to the root.</param>
/// <param name="Class"><c>local</c>, <c>team</c> or <c>mesh</c>.</param>
internal sealed record PathLabel(string Path, string Class);

/// <summary>JSON of policies. A member that is not known is a fault, not a rule that is silently lost.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(PolicyFile))]
[JsonSerializable(typeof(PolicyRule))]
internal sealed partial class PolicyJson : JsonSerializerContext;
