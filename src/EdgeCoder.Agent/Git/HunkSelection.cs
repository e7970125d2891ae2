namespace EdgeCoder.Agent.Git;

/// <summary>A file of which only some hunks of a change were kept.</summary>
internal static class HunkSelection
{
    /// <summary>The old content with the chosen hunks made.</summary>
    /// <param name="old">Old content.</param>
    /// <param name="hunks">All hunks of the change, in order.</param>
    /// <param name="chosen">Numbers of those that are kept, from 0.</param>
    public static byte[] Apply(byte[] old, IReadOnlyList<PatchHunk> hunks, IReadOnlySet<int> chosen)
    {
        var lines = Lines(old);
        var result = new List<byte[]>();
        var at = 0;
        foreach (var (hunk, _) in hunks.Select((h, i) => (h, i)).Where(p => chosen.Contains(p.i)))
        {
            // A hunk without old lines stands after its line; one with old lines begins at it.
            var start = hunk.OldLines == 0 ? hunk.OldStart : hunk.OldStart - 1;
            result.AddRange(lines.Skip(at).Take(start - at));
            result.AddRange(NewLines(hunk));
            at = start + hunk.OldLines;
        }

        result.AddRange(lines.Skip(at));
        return [.. result.SelectMany(l => l)];
    }

    private static IEnumerable<byte[]> NewLines(PatchHunk hunk)
    {
        for (var i = 0; i < hunk.Lines.Count; i++)
        {
            var line = hunk.Lines[i];
            if (line[0] is (byte)' ' or (byte)'+')
            {
                var unended = i + 1 < hunk.Lines.Count && hunk.Lines[i + 1][0] == (byte)'\\';
                yield return unended ? line[1..^1] : line[1..];
            }
        }
    }

    private static List<byte[]> Lines(byte[] content)
    {
        var lines = new List<byte[]>();
        for (var at = 0; at < content.Length;)
        {
            var end = Array.IndexOf(content, (byte)'\n', at);
            var next = end < 0 ? content.Length : end + 1;
            lines.Add(content[at..next]);
            at = next;
        }

        return lines;
    }
}
