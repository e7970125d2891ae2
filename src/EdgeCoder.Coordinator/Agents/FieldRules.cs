using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>Collects faults of members, so that one answer names them all.</summary>
internal static class FieldRules
{
    /// <summary>The grammar of ids, in words.</summary>
    public const string IdRule = "3 to 128 letters, digits, dots, underscores, colons or hyphens, beginning with a letter or digit, without two dots in a row";

    /// <summary>Notes a fault unless the rule holds.</summary>
    public static void Require(List<FieldIssue> issues, bool holds, string path, string rule)
    {
        if (!holds)
        {
            issues.Add(new(path, rule));
        }
    }

    /// <summary>Whether a text is there and has a length in a range.</summary>
    public static bool Length(string? text, int least, int most) => text is not null && text.Length >= least && text.Length <= most;

    /// <summary>Whether a number is absent or a finite one in a range.</summary>
    public static bool Within(double? number, double least, double most) => number is not { } value || (value >= least && value <= most);

    /// <summary>Throws 400 <c>validation_failed</c> when there is a fault.</summary>
    public static void ThrowIfAny(List<FieldIssue> issues)
    {
        if (issues.Count > 0)
        {
            throw Refusal.Invalid(issues);
        }
    }
}
