using System.Text;

namespace EdgeCoder.Agent.Feedback;

/// <summary>Head and tail of an output, with the count of dropped bytes between them.</summary>
internal static class OutputExcerpt
{
    /// <summary>
    /// At most about <paramref name="most"/> characters of <paramref name="text"/>, two thirds of them from the head.
    /// <paramref name="alreadyDropped"/> bytes were cut before; they are counted in.
    /// </summary>
    public static string Of(string text, int most, long alreadyDropped = 0)
    {
        if (text.Length <= most)
        {
            return alreadyDropped > 0 ? $"{text.TrimEnd()}\n[{alreadyDropped} bytes dropped]" : text.TrimEnd();
        }

        var head = Boundary(text, most * 2 / 3);
        var tail = Boundary(text, text.Length - (most - head));
        var dropped = Encoding.UTF8.GetByteCount(text.AsSpan(head, tail - head)) + alreadyDropped;
        return $"{text[..head]}\n[{dropped} bytes dropped]\n{text[tail..].TrimEnd()}";
    }

    /// <summary>A surrogate pair is not cut in two.</summary>
    private static int Boundary(string text, int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) ? at - 1 : at;
}
