using System.Text;
using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Replies;

/// <summary>Removes thinking line by line, as a reply arrives; the rules are those of <see cref="ThinkingBlocks"/>.</summary>
internal sealed partial class ThinkingFilter
{
    private FenceState _fence = new();
    private string? _thinking;
    private bool _thought;

    /// <summary>Whether the next line begins within thinking.</summary>
    public bool Thinking => _thinking is not null;

    /// <summary>What is kept of a line, its line end included; <paramref name="cleared"/>: all kept before it was thinking too.</summary>
    public string Read(string line, out bool cleared)
    {
        cleared = false;
        var kept = new StringBuilder(line.Length);
        var at = 0;
        foreach (Match tag in Tag().Matches(line))
        {
            var name = tag.Groups["name"].Value.ToLowerInvariant();
            var closes = tag.Groups["slash"].Success;
            if (_thinking is not null)
            {
                if (closes && name == _thinking)
                {
                    _thinking = null;
                    _thought = true;
                    at = tag.Index + tag.Length;
                }
            }
            else if (!Counts(line, tag, _fence.Inside, closes && !_thought))
            {
                continue;
            }
            else if (closes)
            {
                // A close without an opening: all before it was thinking.
                cleared = true;
                kept.Clear();
                _fence = new FenceState();
                at = tag.Index + tag.Length;
            }
            else
            {
                kept.Append(line, at, tag.Index - at);
                _thinking = name;
            }
        }

        if (_thinking is null)
        {
            kept.Append(line, at, line.Length - at);
            if (at == 0)
            {
                _fence.Read(line);
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
