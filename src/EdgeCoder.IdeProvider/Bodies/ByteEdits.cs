namespace EdgeCoder.IdeProvider.Bodies;

/// <summary>Replaces pieces of a text of bytes; everything else stays as it was received.</summary>
internal sealed class ByteEdits
{
    private readonly List<(int Start, int End, byte[] Text)> _edits = [];

    /// <summary>Puts a text in the place of the bytes from <paramref name="start"/> to before <paramref name="end"/>. Edits may not overlap.</summary>
    public void Replace(int start, int end, ReadOnlySpan<byte> text) => _edits.Add((start, end, text.ToArray()));

    /// <summary>The edited bytes; the received ones where nothing is edited.</summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> received)
    {
        if (_edits.Count == 0)
        {
            return received;
        }

        // What is put in at a place stands before what is cut out from there on.
        _edits.Sort((one, other) => (one.Start, one.End).CompareTo((other.Start, other.End)));
        var edited = new byte[received.Length + _edits.Sum(edit => edit.Text.Length - (edit.End - edit.Start))];
        var source = received.Span;
        int from = 0, to = 0;
        foreach (var (start, end, text) in _edits)
        {
            source[from..start].CopyTo(edited.AsSpan(to));
            to += start - from;
            text.CopyTo(edited.AsSpan(to));
            to += text.Length;
            from = end;
        }

        source[from..].CopyTo(edited.AsSpan(to));
        return edited;
    }

    /// <summary>Where a member of an object ends when it is cut out: with the comma after it, or with the one before it.</summary>
    public static (int Start, int End) Member(ReadOnlySpan<byte> json, int start, int end)
    {
        var after = end;
        while (after < json.Length && json[after] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            after++;
        }

        if (after < json.Length && json[after] == (byte)',')
        {
            return (start, after + 1);
        }

        var before = start;
        while (before > 0 && json[before - 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            before--;
        }

        return before > 0 && json[before - 1] == (byte)',' ? (before - 1, end) : (start, end);
    }
}
