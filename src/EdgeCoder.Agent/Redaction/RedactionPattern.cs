using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Redaction;

/// <summary>Told of a secret: its kind, where it starts and where it ends.</summary>
internal delegate void SecretFound(RedactionKind kind, int start, int end);

/// <summary>Patterns that take linear time.</summary>
internal static class RedactionPattern
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>A pattern that cannot backtrack.</summary>
    public static Regex Of(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Longest);

    /// <summary>Finds the group <c>v</c> of each match, or the whole match where the pattern has no such group.</summary>
    public static void Find(Regex pattern, string text, RedactionKind kind, SecretFound found)
    {
        for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
        {
            var value = match.Groups["v"] is { Success: true } group ? group : (Capture)match;
            found(kind, value.Index, value.Index + value.Length);
        }
    }
}
