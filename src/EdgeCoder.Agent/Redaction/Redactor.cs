using System.Text;
using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Redaction;

/// <summary>
/// Takes secrets and personal data out of text that is about to leave this machine (agent-executor-models 7.3). Every step takes time in proportion to the
/// text. What it cannot search it does not let pass.
/// </summary>
/// <param name="hostNames">Host names that the policy keeps private.</param>
/// <param name="userName">User name on this machine; null: the process's own.</param>
public sealed class Redactor(IReadOnlyList<string> hostNames, string? userName = null)
{
    private readonly PersonalData _personal = new(hostNames, userName ?? Environment.UserName);

    /// <summary>
    /// Looks at the text as it is and with its escapes undone for: 1. key blocks; 2. headers and tokens of a known form; 3. values of names that mean a secret;
    /// 4. personal data; 5. what is too random to be words. Throws <see cref="RedactionException"/> when any of it fails.
    /// </summary>
    public RedactedText Redact(string text)
    {
        try
        {
            var secrets = new List<(int Start, int End, RedactionKind Kind)>();
            Find(text, (kind, start, end) => secrets.Add((start, end, kind)));
            if (DecodedText.Of(text) is { } decoded)
            {
                Find(decoded.Text, (kind, start, end) => secrets.Add((decoded.Origin(start), decoded.Origin(end), kind)));
            }

            return Without(text, secrets);
        }
        catch (Exception fault) when (fault is RegexMatchTimeoutException or ArgumentException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new RedactionException(fault);
        }
    }

    private void Find(string text, SecretFound found)
    {
        PrivateKeyBlocks.Find(text, found);
        KnownSecrets.Find(text, found);
        AssignedValues.Find(text, found);
        _personal.Find(text, found);
        HighEntropyRuns.Find(text, found);
    }

    /// <summary>Secrets that overlap are one, of the kind that begins first.</summary>
    private static RedactedText Without(string text, List<(int Start, int End, RedactionKind Kind)> secrets)
    {
        var counts = new SortedDictionary<RedactionKind, int>();
        var kept = new StringBuilder(text.Length);
        var from = 0;
        foreach (var (start, end, kind) in secrets.Where(s => s.End > s.Start && !IsMark(text, s.Start, s.End)).OrderBy(s => s.Start).ThenByDescending(s => s.End).ThenBy(s => s.Kind))
        {
            if (start >= from)
            {
                kept.Append(text.AsSpan(from, start - from)).Append(RedactedText.Mark);
                counts[kind] = counts.GetValueOrDefault(kind) + 1;
            }

            from = Math.Max(from, end);
        }

        return new(kept.Append(text.AsSpan(from)).ToString(), counts);
    }

    /// <summary>Whether there is nothing left to take out here.</summary>
    private static bool IsMark(string text, int start, int end)
    {
        var value = text.AsSpan(start, end - start).Trim();
        return value.StartsWith(RedactedText.Mark) ? value.Length <= RedactedText.Mark.Length + 1 : RedactedText.Mark.AsSpan().StartsWith(value) && value.Length >= RedactedText.Mark.Length - 1;
    }
}
