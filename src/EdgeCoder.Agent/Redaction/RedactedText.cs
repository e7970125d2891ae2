namespace EdgeCoder.Agent.Redaction;

/// <summary>A text without its secrets.</summary>
/// <param name="Text">The text; every secret is <see cref="Mark"/>.</param>
/// <param name="Counts">How many were taken out, by kind; kinds without any are not in it.</param>
public sealed record RedactedText(string Text, IReadOnlyDictionary<RedactionKind, int> Counts)
{
    /// <summary>Stands where a secret was.</summary>
    public const string Mark = "[REDACTED]";
}
