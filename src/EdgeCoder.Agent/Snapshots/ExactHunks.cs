namespace EdgeCoder.Agent.Snapshots;

/// <summary>Applies hunks at exactly the lines that they name, byte for byte: no fuzz, no offset. Pure.</summary>
internal static class ExactHunks
{
    /// <summary>The new content; null when a line, its end or a position differs.</summary>
    public static byte[]? Apply(ReadOnlyMemory<byte> old, IReadOnlyList<DiffHunk> hunks)
    {
        var lines = Lines(old);
        using var result = new MemoryStream(old.Length);
        var (at, written) = (0, 0);
        foreach (var hunk in hunks)
        {
            var begin = hunk.OldCount == 0 ? hunk.OldStart : hunk.OldStart - 1;
            if (begin < at || begin + hunk.OldCount > lines.Count)
            {
                return null;
            }

            for (; at < begin; at++, written++)
            {
                result.Write(lines[at].Span);
            }

            if (written != (hunk.NewCount == 0 ? hunk.NewStart : hunk.NewStart - 1))
            {
                return null;
            }

            foreach (var line in hunk.Lines)
            {
                if (line.Mark != '+' && !lines[at++].Span.SequenceEqual(line.Text.Span))
                {
                    return null;
                }

                if (line.Mark != '-')
                {
                    result.Write(line.Text.Span);
                    written++;
                }
            }
        }

        for (; at < lines.Count; at++)
        {
            result.Write(lines[at].Span);
        }

        return IsWhole(result.ToArray(), lines, hunks);
    }

    // A line without an end can only be the last: lines that were joined by one would make another file than the diff shows.
    private static byte[]? IsWhole(byte[] result, List<ReadOnlyMemory<byte>> lines, IReadOnlyList<DiffHunk> hunks)
    {
        var expected = lines.Count + hunks.Sum(hunk => hunk.NewCount - hunk.OldCount);
        return Lines(result).Count == expected ? result : null;
    }

    private static List<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> text)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        while (!text.IsEmpty)
        {
            var end = text.Span.IndexOf((byte)'\n');
            var length = end < 0 ? text.Length : end + 1;
            lines.Add(text[..length]);
            text = text[length..];
        }

        return lines;
    }
}
