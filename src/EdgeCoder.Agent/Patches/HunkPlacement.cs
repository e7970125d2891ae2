using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Patches;

/// <summary>Puts the hunks of a patch into the lines of a file. Pure. Exact matches come first; where there is none, white space may differ, and that is reported.</summary>
internal sealed class HunkPlacement
{
    private readonly string _path;
    private readonly List<string> _lines;
    private readonly string _lineEnd;
    private readonly List<string> _notes = [];
    private int _cursor;
    private int _shift;

    private HunkPlacement(string path, string text)
    {
        _path = path;
        _lines = LineEnds.Split(text);
        _lineEnd = LineEnds.Of(text);
    }

    /// <summary>How lines are compared, the strictest first.</summary>
    private enum Tolerance
    {
        Exact,
        TrailingSpace,
        Space,
    }

    /// <summary>The new text, and what had to be tolerated. Throws <see cref="ToolException"/> for a hunk that fits nowhere or in several places.</summary>
    public static (string Text, IReadOnlyList<string> Notes) Apply(string path, string text, IReadOnlyList<PatchHunk> hunks)
    {
        var placement = new HunkPlacement(path, text);
        for (var i = 0; i < hunks.Count; i++)
        {
            placement.Apply(hunks[i], i + 1);
        }

        return (string.Concat(placement._lines), placement._notes);
    }

    private void Apply(PatchHunk hunk, int number)
    {
        var from = hunk.Anchor is { } anchor ? AfterAnchor(anchor, number) : _cursor;
        if (hunk.Old.Count == 0)
        {
            Put(hunk, hunk.Anchor is not null ? from : hunk.OldStart is { } line ? Math.Clamp(line - 1 + _shift, 0, _lines.Count) : _lines.Count, Tolerance.Exact);
            return;
        }

        foreach (var tolerance in Enum.GetValues<Tolerance>())
        {
            if (Find(hunk, from, tolerance, number) is { } at)
            {
                if (tolerance != Tolerance.Exact)
                {
                    _notes.Add($"change {number} of {_path} fits line {at + 1} only when white space is not compared");
                }

                Put(hunk, at, tolerance);
                return;
            }
        }

        throw new ToolException($"Change {number} of {_path} was not found. {NearestLines.Describe(string.Concat(_lines), string.Join('\n', hunk.Old))} Nothing was changed in any file.");
    }

    /// <summary>The line behind the anchor; the anchor may be cut or indented otherwise.</summary>
    private int AfterAnchor(string anchor, int number)
    {
        foreach (var begin in new[] { _cursor, 0 })
        {
            var at = _lines.FindIndex(begin, line => LineEnds.Body(line).Trim().SequenceEqual(anchor.Trim()));
            at = at < 0 ? _lines.FindIndex(begin, line => LineEnds.Body(line).Trim().StartsWith(anchor.Trim(), StringComparison.Ordinal)) : at;
            if (at >= 0)
            {
                return at + 1;
            }
        }

        throw new ToolException($"The line '@@ {anchor}' of change {number} was not found in {_path}. {NearestLines.Describe(string.Concat(_lines), anchor)} Nothing was changed in any file.");
    }

    private int? Find(PatchHunk hunk, int from, Tolerance tolerance, int number)
    {
        var found = Enumerable.Range(from, Math.Max(0, _lines.Count - hunk.Old.Count - from + 1)).Where(at => Fits(hunk.Old, at, tolerance)).ToList();
        found = hunk.AtEnd && found.Contains(_lines.Count - hunk.Old.Count) ? [_lines.Count - hunk.Old.Count] : found;
        if (found.Count <= 1)
        {
            return found.Count == 0 ? null : found[0];
        }

        if (hunk.OldStart is { } line)
        {
            return found.MinBy(at => Math.Abs(at - (line - 1 + _shift)));
        }

        return hunk.Anchor is not null ? found[0] : throw new ToolException(
            $"Change {number} of {_path} fits in several places: lines {string.Join(", ", found.Take(20).Select(at => at + 1))}. Add lines around it or '@@' with a line before it. Nothing was changed in any file.");
    }

    private bool Fits(IReadOnlyList<string> old, int at, Tolerance tolerance)
    {
        for (var i = 0; i < old.Count; i++)
        {
            var line = LineEnds.Body(_lines[at + i]);
            var same = tolerance switch
            {
                Tolerance.Exact => line.SequenceEqual(old[i]),
                Tolerance.TrailingSpace => line.TrimEnd().SequenceEqual(old[i].AsSpan().TrimEnd()),
                _ => line.Trim().SequenceEqual(old[i].AsSpan().Trim()),
            };
            if (!same)
            {
                return false;
            }
        }

        return true;
    }

    private void Put(PatchHunk hunk, int at, Tolerance tolerance)
    {
        var endedBare = _lines.Count > 0 && !_lines[^1].EndsWith('\n');
        var (patchIndent, fileIndent) = tolerance == Tolerance.Space ? Indents(hunk, at) : ("", "");
        var result = new List<string>();
        var old = at;
        foreach (var (mark, text) in hunk.Lines)
        {
            if (mark == '+')
            {
                var body = text.StartsWith(patchIndent, StringComparison.Ordinal) && text.Length > 0 ? fileIndent + text[patchIndent.Length..] : text;
                result.Add(body + (old < _lines.Count && _lines[old].EndsWith('\n') ? EndOf(_lines[old]) : old > 0 && _lines[old - 1].EndsWith('\n') ? EndOf(_lines[old - 1]) : _lineEnd));
            }
            else
            {
                if (mark == ' ')
                {
                    result.Add(_lines[old]); // As the file has it.
                }

                old++;
            }
        }

        _lines.RemoveRange(at, old - at);
        _lines.InsertRange(at, result);
        _cursor = at + result.Count;
        _shift += result.Count - (old - at);
        MendEnd(hunk, endedBare);
    }

    /// <summary>Only the last line may lack its end, and it lacks it when the patch says so, or when the patch says nothing and the file was so before.</summary>
    private void MendEnd(PatchHunk hunk, bool endedBare)
    {
        for (var i = 0; i < _lines.Count - 1; i++)
        {
            _lines[i] += _lines[i].EndsWith('\n') ? "" : _lineEnd;
        }

        if (_lines.Count > 0)
        {
            var bare = _cursor == _lines.Count ? hunk.NewEndsBare ?? endedBare : endedBare;
            _lines[^1] = LineEnds.Body(_lines[^1]).ToString() + (bare ? "" : _lines[^1].EndsWith('\n') ? EndOf(_lines[^1]) : _lineEnd);
        }
    }

    private (string Patch, string File) Indents(PatchHunk hunk, int at)
    {
        var index = hunk.Old.ToList().FindIndex(line => line.AsSpan().Trim().Length > 0);
        return index < 0 ? ("", "") : (Indent(hunk.Old[index]), Indent(_lines[at + index]));
    }

    private static string Indent(string line) => line[..^line.AsSpan().TrimStart().Length] is var indent && line.AsSpan().Trim().Length > 0 ? indent : "";

    private static string EndOf(string line) => line.EndsWith("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
}
