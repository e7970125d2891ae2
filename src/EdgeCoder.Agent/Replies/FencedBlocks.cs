using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Replies;

/// <summary>Reads the fenced blocks of a reply, however a model writes them.</summary>
internal static partial class FencedBlocks
{
    /// <summary>The blocks, in order. Thinking must be removed before.</summary>
    public static IReadOnlyList<FencedBlock> Read(string reply)
    {
        var lines = reply.ReplaceLineEndings("\n").Split('\n');
        var blocks = new List<FencedBlock>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (Fence.Parse(lines[i]) is not { } open)
            {
                continue;
            }

            var above = i > 0 ? lines[i - 1] : "";
            if (open.Info.EndsWith(new string(open.Mark, open.Length), StringComparison.Ordinal))
            {
                // A block on one line: ```x = 1```
                blocks.Add(Block("", above, [open.Info[..^open.Length].Trim()], closed: true));
                continue;
            }

            if (open.Mark == '`' && open.Info.Contains('`'))
            {
                continue;
            }

            var content = new List<string>();
            var closed = false;
            for (i++; i < lines.Length; i++)
            {
                if (Fence.Parse(lines[i])?.Closes(open) == true)
                {
                    closed = true;
                    break;
                }

                content.Add(Unindent(lines[i], open.Indent));
            }

            blocks.Add(Block(open.Info, above, content, closed));
        }

        return blocks;
    }

    private static FencedBlock Block(string info, string above, IReadOnlyList<string> content, bool closed)
    {
        var words = info.Split((char[])[' ', '\t', ',', '{', '}', ':'], StringSplitOptions.RemoveEmptyEntries);
        var tag = words.Length == 0 ? "" : words[0].TrimStart('.').ToLowerInvariant();
        return new FencedBlock
        {
            Tag = FileName().IsMatch(tag) ? "" : tag,
            File = NameIn(info) ?? NameIn(Bare(above)) ?? CommentName(content),
            Text = string.Join('\n', content),
            Closed = closed,
        };
    }

    private static string? NameIn(string text) => FileName().Match(text) is { Success: true } match ? match.Value : null;

    /// <summary>A line above names a file only when it says little else: <c>**solution.py**</c>, <c>File: `a.js`</c>, <c>### a.py</c>.</summary>
    private static string Bare(string above)
    {
        var text = above.Trim().Trim('#', '*', '`', ':', ' ', '_', '-');
        return text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Length <= 3 ? text : "";
    }

    private static string? CommentName(IReadOnlyList<string> content)
    {
        var first = content.Count == 0 ? "" : content[0].Trim();
        return first.StartsWith('#') || first.StartsWith("//", StringComparison.Ordinal) ? NameIn(Bare(first.TrimStart('/'))) : null;
    }

    private static string Unindent(string line, int indent)
    {
        var at = 0;
        while (at < indent && at < line.Length && line[at] is ' ' or '\t')
        {
            at++;
        }

        return line[at..];
    }

    [GeneratedRegex(@"(?<![\w./\\-])[A-Za-z_][\w.-]*\.(py|js|mjs|cjs|ts)(?![\w/\\-])", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
