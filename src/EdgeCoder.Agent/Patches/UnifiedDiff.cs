using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Patches;

/// <summary>Reads a unified diff, with or without git's headers. Counts in hunk headers are believed only as far as the lines bear them out.</summary>
internal sealed partial class UnifiedDiff
{
    private const string Nothing = "/dev/null";

    private readonly string[] _lines;
    private int _at;

    private UnifiedDiff(string[] lines) => _lines = lines;

    private string? Current => _at < _lines.Length ? _lines[_at] : null;

    public static List<PatchSection> Parse(string[] lines)
    {
        var diff = new UnifiedDiff(lines);
        var sections = new List<PatchSection>();
        while (diff.Current is { } line)
        {
            if (line.StartsWith("diff --git ", StringComparison.Ordinal) || diff.IsFileHeader())
            {
                sections.Add(diff.Section());
            }
            else if (line.StartsWith("@@", StringComparison.Ordinal))
            {
                throw diff.Bad("a hunk comes before the '--- ' and '+++ ' lines that name its file");
            }
            else
            {
                diff._at++; // What mail and models write around a diff.
            }
        }

        return sections;
    }

    private PatchSection Section()
    {
        var header = new Header();
        while (Current is { } line && !IsFileHeader() && !line.StartsWith("@@", StringComparison.Ordinal))
        {
            if (!header.Read(line))
            {
                if (line.StartsWith("GIT binary patch", StringComparison.Ordinal) || line.StartsWith("Binary files ", StringComparison.Ordinal))
                {
                    throw Bad("binary changes are not applied");
                }

                break;
            }

            _at++;
            if (Current is { } next && next.StartsWith("diff --git ", StringComparison.Ordinal))
            {
                break;
            }
        }

        if (IsFileHeader())
        {
            header.Old = Name(_lines[_at][4..]);
            header.New = Name(_lines[_at + 1][4..]);
            _at += 2;
        }

        var hunks = new List<PatchHunk>();
        while (Current is { } line && line.StartsWith("@@", StringComparison.Ordinal))
        {
            hunks.Add(Hunk());
        }

        return header.ToSection(hunks) ?? throw Bad("the section names no file and changes nothing");
    }

    private bool IsFileHeader() =>
        _at + 1 < _lines.Length && _lines[_at].StartsWith("--- ", StringComparison.Ordinal) && _lines[_at + 1].StartsWith("+++ ", StringComparison.Ordinal);

    private PatchHunk Hunk()
    {
        var match = HunkHeader().Match(_lines[_at++]);
        var oldLeft = match.Success ? Count(match.Groups[2]) : 0;
        var newLeft = match.Success ? Count(match.Groups[4]) : 0;
        int? start = match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
        var lines = new List<(char Mark, string Text)>();
        bool oldBare = false, newBare = false;
        while (Current is { } line && !IsEnd(line, oldLeft > 0 || newLeft > 0))
        {
            _at++;
            if (line.StartsWith('\\'))
            {
                oldBare |= lines.Count > 0 && lines[^1].Mark != '+';
                newBare |= lines.Count > 0 && lines[^1].Mark != '-';
                continue;
            }

            var mark = line.Length == 0 ? ' ' : line[0];
            if (mark is not (' ' or '-' or '+'))
            {
                _at--;
                throw Bad("each line of a hunk begins with a space, '-' or '+'");
            }

            oldLeft -= mark != '+' ? 1 : 0;
            newLeft -= mark != '-' ? 1 : 0;
            lines.Add((mark, line.Length == 0 ? "" : line[1..]));
        }

        // Empty lines behind the counted ones are the model's, not the file's.
        while (lines.Count > 0 && lines[^1] == (' ', "") && oldLeft < 0 && newLeft < 0)
        {
            lines.RemoveAt(lines.Count - 1);
            oldLeft++;
            newLeft++;
        }

        return lines.Any(line => line.Mark != ' ')
            ? new(lines, null, start is { } at && lines.All(line => line.Mark == '+') ? at + 1 : start, AtEnd: false, oldBare, newBare ? true : oldBare ? false : null)
            : throw Bad("a hunk has no '-' or '+' line");
    }

    private bool IsEnd(string line, bool open) =>
        line.StartsWith("@@", StringComparison.Ordinal) || line.StartsWith("diff --git ", StringComparison.Ordinal) || (!open && IsFileHeader())
        || (!open && line.Length == 0 && OnlyEmptyUntilNext()) || line.StartsWith("```", StringComparison.Ordinal);

    private bool OnlyEmptyUntilNext()
    {
        for (var i = _at; i < _lines.Length; i++)
        {
            if (_lines[i].Length > 0)
            {
                return _lines[i] is not [' ' or '-' or '+' or '\\', ..] || _lines[i].StartsWith("--- ", StringComparison.Ordinal) || _lines[i].StartsWith("-- ", StringComparison.Ordinal);
            }
        }

        return true;
    }

    private static int Count(Group group) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 1;

    /// <summary>A file name of a header: without time stamp, unquoted.</summary>
    private static string Name(string text)
    {
        text = text.Split('\t')[0].TrimEnd();
        return text.Length > 1 && text[0] == '"' && text[^1] == '"' ? Unquote(text[1..^1]) : text;
    }

    private static string Unquote(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
            }
            else if (text[i + 1] is >= '0' and <= '3' && i + 3 < text.Length)
            {
                bytes.Add((byte)(((text[i + 1] - '0') * 64) + ((text[i + 2] - '0') * 8) + (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add((byte)(text[++i] switch { 't' => '\t', 'n' => '\n', var other => other }));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private ToolException Bad(string why) => new($"Line {_at + 1} of the patch does not parse: {why}. Nothing was changed.");

    [GeneratedRegex(@"^@@ -(\d{1,8})(?:,(\d{1,8}))? \+(\d{1,8})(?:,(\d{1,8}))? @@", RegexOptions.CultureInvariant)]
    private static partial Regex HunkHeader();

    /// <summary>What comes before the hunks.</summary>
    private sealed class Header
    {
        private string? _from;
        private string? _to;
        private bool _new;
        private bool _deleted;
        private int? _mode;

        public string? Old { get; set; }

        public string? New { get; set; }

        /// <summary>Reads a line of git's extended header; false for any other line.</summary>
        public bool Read(string line)
        {
            if (line.StartsWith("diff --git ", StringComparison.Ordinal))
            {
                ReadNames(line["diff --git ".Length..]);
            }
            else if (After(line, "rename from ") is { } from)
            {
                _from = Name(from);
            }
            else if (After(line, "rename to ") is { } to)
            {
                _to = Name(to);
            }
            else if (After(line, "new file mode ") is { } mode)
            {
                _new = true;
                _mode = mode.Trim() == "100755" ? 0b111_101_101 : mode.Trim() == "100644" ? null : throw new ToolException($"A new file of mode {mode.Trim()} is not created: only regular files are.");
            }
            else if (line.StartsWith("deleted file mode ", StringComparison.Ordinal))
            {
                _deleted = true;
            }
            else if (line.StartsWith("new mode ", StringComparison.Ordinal))
            {
                throw new ToolException("The patch changes the mode of a file; apply_patch changes content and names only.");
            }
            else
            {
                return line.StartsWith("index ", StringComparison.Ordinal) || line.StartsWith("similarity ", StringComparison.Ordinal)
                    || line.StartsWith("dissimilarity ", StringComparison.Ordinal) || line.StartsWith("old mode ", StringComparison.Ordinal);
            }

            return true;
        }

        public PatchSection? ToSection(List<PatchHunk> hunks)
        {
            if (_from is not null && _to is not null)
            {
                return new(PatchKind.Update, _from, _to, hunks);
            }

            if (Old is null || New is null)
            {
                return null;
            }

            var (old, @new) = Stripped(Old, New);
            return Old == Nothing || _new ? hunks.Count <= 1 ? new(PatchKind.Add, @new, null, hunks.Count == 0 ? [new([], null, null, true)] : hunks, _mode) : null
                : New == Nothing || _deleted ? new(PatchKind.Delete, old, null, hunks)
                : hunks.Count == 0 ? null
                : new(PatchKind.Update, old, old == @new ? null : @new, hunks);
        }

        private void ReadNames(string names)
        {
            // Only for files without lines; with them the '---' and '+++' lines say it without doubt.
            var half = names.Length / 2;
            if (names.StartsWith("a/", StringComparison.Ordinal) && half < names.Length && names[half] == ' ' && names[2..half] == names[(half + 3)..])
            {
                Old = names[..half];
                New = names[(half + 1)..];
            }
        }

        private static string? After(string line, string start) => line.StartsWith(start, StringComparison.Ordinal) ? line[start.Length..] : null;

        /// <summary>The prefixes <c>a/</c> and <c>b/</c> go when they are git's: each on its side.</summary>
        private static (string Old, string New) Stripped(string old, string @new)
        {
            var prefixed = (old == Nothing || old.StartsWith("a/", StringComparison.Ordinal)) && (@new == Nothing || @new.StartsWith("b/", StringComparison.Ordinal));
            return prefixed ? (old == Nothing ? old : old[2..], @new == Nothing ? @new : @new[2..]) : (old, @new);
        }
    }
}
