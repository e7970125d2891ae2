using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Redaction;

/// <summary>
/// Runs that are too random to be words: 20 or more base64-like characters with letters and digits at 4.0 bits per character or more (Shannon's entropy of
/// the run's own characters), or 32 or more hexadecimal ones at 3.0. UUIDs stay, and so do 40 or 64 hexadecimal digits where a digest or a commit is named.
/// </summary>
internal static class HighEntropyRuns
{
    private const int Shortest = 20;
    private const int ShortestHex = 32;
    private const double Bits = 4.0;
    private const double HexBits = 3.0;

    private static readonly Lazy<Regex> Run = new(() => RedactionPattern.Of("""[A-Za-z0-9+/_=-]{20,}"""));
    private static readonly Lazy<Regex> Uuid = new(() => RedactionPattern.Of("""^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"""));
    private static readonly Lazy<Regex> Digest = new(() => RedactionPattern.Of("""(?i)(sha|digest|commit|tree|parent|hash|checksum|revision|\brev\b|merge|object|blob|\boid\b|\bindex\b|\bfrom\b|\bhead\b|\bref)"""));

    /// <summary>Finds them.</summary>
    public static void Find(string text, SecretFound found)
    {
        for (var match = Run.Value.Match(text); match.Success; match = match.NextMatch())
        {
            foreach (var (start, length) in Parts(text, match))
            {
                if (IsSecret(text, start, length))
                {
                    found(RedactionKind.HighEntropy, start, start + length);
                }
            }
        }
    }

    /// <summary>A name and its value (<c>X=…</c>) are two runs; padding at the end belongs to the second.</summary>
    private static IEnumerable<(int Start, int Length)> Parts(string text, Match run)
    {
        var start = run.Index;
        var end = run.Index + run.Length;
        for (var at = start; at < end; at++)
        {
            if (text[at] == '=' && at + 1 < end && text[at + 1] != '=')
            {
                yield return (start, at - start);
                start = at + 1;
            }
        }

        yield return (start, end - start);
    }

    private static bool IsSecret(string text, int start, int length)
    {
        var run = text.AsSpan(start, length);
        if (length < Shortest || Uuid.Value.IsMatch(run))
        {
            return false;
        }

        if (run.IndexOfAnyExcept("0123456789abcdefABCDEF") < 0)
        {
            return length >= ShortestHex && Entropy(run) >= HexBits && !(length is 40 or 64 && NamesDigest(text, start));
        }

        return run.IndexOfAny("0123456789") >= 0 && run.IndexOfAny("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") >= 0 && Entropy(run) >= Bits && !IsWords(run);
    }

    /// <summary>Whether a digest or a commit is named on the same line shortly before.</summary>
    private static bool NamesDigest(string text, int start)
    {
        var from = Math.Max(0, start - 48);
        var before = text.AsSpan(from, start - from);
        var line = before.LastIndexOf('\n');
        return Digest.Value.IsMatch(line < 0 ? before : before[(line + 1)..]);
    }

    /// <summary>
    /// Paths and identifiers are words with few changes between small letters, capitals and digits; random characters change at four of ten places.
    /// A capital before small letters begins a word and is no change.
    /// </summary>
    private static bool IsWords(ReadOnlySpan<char> run)
    {
        int changes = 0, pairs = 0, small = 0, longest = 0;
        for (var i = 0; i < run.Length; i++)
        {
            small = char.IsAsciiLetterLower(run[i]) ? small + 1 : 0;
            longest = Math.Max(longest, small);
            if (i > 0 && Kind(run[i]) is { } now && Kind(run[i - 1]) is { } before)
            {
                pairs++;
                changes += now != before && (before, now) is not ('A', 'a') ? 1 : 0;
            }
        }

        return longest >= 4 && run.IndexOfAny("+=") < 0 && changes <= 0.15 * pairs;
    }

    private static char? Kind(char c) => char.IsAsciiLetterLower(c) ? 'a' : char.IsAsciiLetterUpper(c) ? 'A' : char.IsAsciiDigit(c) ? '0' : null;

    /// <summary>C. E. Shannon, "A Mathematical Theory of Communication" (1948), section 6: H = −Σ p log₂ p over the run's characters.</summary>
    private static double Entropy(ReadOnlySpan<char> run)
    {
        Span<int> counts = stackalloc int[128];
        foreach (var c in run)
        {
            counts[c]++;
        }

        var entropy = 0.0;
        foreach (var n in counts)
        {
            if (n > 0)
            {
                var p = (double)n / run.Length;
                entropy -= p * Math.Log2(p);
            }
        }

        return entropy;
    }
}
