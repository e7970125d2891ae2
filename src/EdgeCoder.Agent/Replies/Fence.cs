namespace EdgeCoder.Agent.Replies;

/// <summary>A fence line: three or more back-ticks or tildes, indented or behind a list mark, and what follows on the line.</summary>
internal sealed record Fence(int Indent, char Mark, int Length, string Info)
{
    /// <summary>Reads a line, with or without its line end; null when it is no fence line.</summary>
    public static Fence? Parse(string line)
    {
        var text = line.AsSpan().TrimEnd();
        var at = SkipBlank(text, 0);
        at = SkipListMark(text, at);
        if (at >= text.Length || text[at] is not ('`' or '~'))
        {
            return null;
        }

        var mark = text[at];
        var length = 0;
        while (at + length < text.Length && text[at + length] == mark)
        {
            length++;
        }

        return length < 3 ? null : new Fence(at, mark, length, text[(at + length)..].Trim().ToString());
    }

    /// <summary>Whether this line ends the block that <paramref name="open"/> began.</summary>
    public bool Closes(Fence open) => Mark == open.Mark && Length >= open.Length && Info.Length == 0;

    private static int SkipBlank(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t')
        {
            at++;
        }

        return at;
    }

    /// <summary>Models put blocks into lists: <c>- ```python</c>, <c>1. ```</c>.</summary>
    private static int SkipListMark(ReadOnlySpan<char> text, int at)
    {
        var end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        var marked = end > at ? end < text.Length && text[end] is '.' or ')' : end < text.Length && text[end] is '-' or '*' or '+' or '>';
        if (!marked || end + 1 >= text.Length || text[end + 1] is not (' ' or '\t'))
        {
            return at;
        }

        return SkipBlank(text, end + 1);
    }
}
