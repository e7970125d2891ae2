using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Patches;

/// <summary>Reads the form between <c>*** Begin Patch</c> and <c>*** End Patch</c>.</summary>
internal sealed class EnvelopePatch
{
    /// <summary>First line.</summary>
    public const string Begin = "*** Begin Patch";

    private const string End = "*** End Patch";
    private const string Add = "*** Add File:";
    private const string Delete = "*** Delete File:";
    private const string Update = "*** Update File:";
    private const string Move = "*** Move to:";
    private const string EndOfFile = "*** End of File";

    private readonly string[] _lines;
    private int _at;

    private EnvelopePatch(string[] lines)
    {
        _lines = lines;
        _at = Array.FindIndex(lines, line => line.Trim() == Begin) + 1;
    }

    private string? Current => _at < _lines.Length ? _lines[_at] : null;

    public static List<PatchSection> Parse(string[] lines)
    {
        var patch = new EnvelopePatch(lines);
        var sections = new List<PatchSection>();
        while (patch.Current is { } line)
        {
            if (line.Trim() == End)
            {
                return sections;
            }

            if (line.Trim().Length == 0)
            {
                patch._at++;
                continue;
            }

            sections.Add(patch.Section(line));
        }

        throw new ToolException($"The patch has no '{End}' line; it may have been cut. Send it whole.");
    }

    private PatchSection Section(string line)
    {
        _at++;
        if (Path(line, Add) is { } added)
        {
            return new(PatchKind.Add, added, null, [Content(added)]);
        }

        if (Path(line, Delete) is { } deleted)
        {
            return new(PatchKind.Delete, deleted, null, []);
        }

        return Path(line, Update) is { } updated ? Changed(updated) : throw Bad(_at, $"expected '{Add}', '{Update}', '{Delete}' or '{End}'");
    }

    private PatchHunk Content(string path)
    {
        var lines = new List<(char, string)>();
        while (Current is { } line && !line.StartsWith("*** ", StringComparison.Ordinal))
        {
            lines.Add(line.StartsWith('+') ? ('+', line[1..]) : line.Length == 0 ? ('+', "") : throw Bad(_at + 1, $"each line of the new file {path} begins with '+'"));
            _at++;
        }

        // An empty line without its mark before the next section belongs to no file.
        while (lines.Count > 0 && lines[^1] == ('+', "") && _lines[_at - 1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
            _at--;
        }

        while (Current is { Length: 0 })
        {
            _at++;
        }

        return new(lines, null, null, AtEnd: true);
    }

    private PatchSection Changed(string path)
    {
        string? target = null;
        if (Current is { } line && Path(line, Move) is { } moved)
        {
            target = moved;
            _at++;
        }

        var hunks = new List<PatchHunk>();
        while (Current is { } next && (next.Trim() == EndOfFile || !next.StartsWith("*** ", StringComparison.Ordinal)))
        {
            if (next.Trim().Length == 0 && IsBeforeSection())
            {
                _at++;
                continue;
            }

            hunks.Add(Hunk());
        }

        return hunks.Count > 0 || target is not null ? new(PatchKind.Update, path, target, hunks) : throw Bad(_at + 1, $"the section of {path} has no changes");
    }

    private PatchHunk Hunk()
    {
        string? anchor = null;
        while (Current is { } header && header.StartsWith("@@", StringComparison.Ordinal))
        {
            var text = header[2..].Trim().TrimEnd('@').Trim();
            anchor = text.Length > 0 && !text.StartsWith('-') ? text : anchor;
            _at++;
        }

        var lines = new List<(char Mark, string Text)>();
        while (Current is { } line && !line.StartsWith("@@", StringComparison.Ordinal) && !line.StartsWith("*** ", StringComparison.Ordinal))
        {
            if (line.Length == 0 && IsBeforeSection())
            {
                break;
            }

            lines.Add(line switch
            {
                "" => (' ', ""),
                [' ' or '-' or '+', ..] => (line[0], line[1..]),
                _ => throw Bad(_at + 1, "each line of a change begins with a space, '-' or '+'"),
            });
            _at++;
        }

        var atEnd = Current?.Trim() == EndOfFile;
        _at += atEnd ? 1 : 0;
        return lines.Any(line => line.Mark != ' ') ? new(lines, anchor, null, atEnd) : throw Bad(_at, "a change has no '-' or '+' line");
    }

    private bool IsBeforeSection()
    {
        var next = _at;
        while (next < _lines.Length && _lines[next].Trim().Length == 0)
        {
            next++;
        }

        return next >= _lines.Length || (_lines[next].StartsWith("*** ", StringComparison.Ordinal) && _lines[next].Trim() != EndOfFile);
    }

    private static string? Path(string line, string header) =>
        line.StartsWith(header, StringComparison.Ordinal) ? line[header.Length..].Trim() is { Length: > 0 } path ? path : throw new ToolException($"'{header}' names no file.") : null;

    private static ToolException Bad(int line, string why) => new($"Line {line} of the patch does not parse: {why}. Nothing was changed.");
}
