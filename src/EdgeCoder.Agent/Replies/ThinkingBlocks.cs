using System.Text;
using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Replies;

/// <summary>
/// Removes what a model thinks aloud: <c>&lt;think&gt;</c>, <c>&lt;thinking&gt;</c>, <c>&lt;reasoning&gt;</c>, in any letter case, closed or not,
/// and a close without an opening. What is inside is never read as code, fences and all.
/// </summary>
internal static partial class ThinkingBlocks
{
    /// <summary>The reply without its thinking.</summary>
    public static string Remove(string reply)
    {
        var kept = new StringBuilder(reply.Length);
        var fence = new FenceState();
        string? thinking = null;
        var thought = false;

        foreach (var line in Lines(reply))
        {
            var at = 0;
            foreach (Match tag in Tag().Matches(line))
            {
                var name = tag.Groups["name"].Value.ToLowerInvariant();
                var closes = tag.Groups["slash"].Success;
                if (thinking is not null)
                {
                    if (closes && name == thinking)
                    {
                        thinking = null;
                        thought = true;
                        at = tag.Index + tag.Length;
                    }
                }
                else if (!Counts(line, tag, fence.Inside, closes && !thought))
                {
                    continue;
                }
                else if (closes)
                {
                    // A close without an opening: all before it was thinking.
                    kept.Clear();
                    fence = new FenceState();
                    at = tag.Index + tag.Length;
                }
                else
                {
                    kept.Append(line, at, tag.Index - at);
                    thinking = name;
                }
            }

            if (thinking is null)
            {
                kept.Append(line, at, line.Length - at);
                if (at == 0)
                {
                    fence.Read(line);
                }
            }
        }

        return kept.ToString();
    }

    /// <summary>
    /// A reply may speak of such marks (a program that strips them): in quotes a tag never counts, inside a fence only alone on its line,
    /// and a close without an opening only at the start or the end of its line, except that of a nested block.
    /// </summary>
    private static bool Counts(string line, Match tag, bool insideFence, bool headlessClose)
    {
        if (tag.Index > 0 && line[tag.Index - 1] is '`' or '"' or '\'')
        {
            return false;
        }

        var before = line.AsSpan(0, tag.Index).IsWhiteSpace();
        var after = line.AsSpan(tag.Index + tag.Length).IsWhiteSpace();
        return insideFence ? before && after : !headlessClose || before || after;
    }

    private static IEnumerable<string> Lines(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            yield return text[start..end];
            start = end;
        }
    }

    [GeneratedRegex(@"<(?<slash>/)?(?<name>think|thinking|reasoning)(\s[^<>]*)?>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    /// <summary>Whether a line stands inside a fence.</summary>
    private sealed class FenceState
    {
        private Fence? _open;

        public bool Inside => _open is not null;

        public void Read(string line)
        {
            if (Fence.Parse(line) is not { } fence)
            {
                return;
            }

            if (_open is null)
            {
                _open = fence.Info.Contains(fence.Mark) ? null : fence;
            }
            else if (fence.Closes(_open))
            {
                _open = null;
            }
        }
    }
}
