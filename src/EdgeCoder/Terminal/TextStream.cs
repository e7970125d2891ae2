using System.Text;

namespace EdgeCoder.Terminal;

/// <summary>Text that comes in pieces, given on in lines that are safe for a terminal. What is not a line yet waits.</summary>
/// <param name="width">Columns to break at; null: only line ends break.</param>
internal sealed class TextStream(Func<int>? width)
{
    private readonly StringBuilder _rest = new();

    /// <summary>The line that has begun, safe to show.</summary>
    public string Rest => SafeText.ForTerminal(_rest.ToString());

    /// <summary>Takes a piece and gives the lines that are whole now.</summary>
    public IReadOnlyList<string> Add(string piece)
    {
        var lines = new List<string>();
        _rest.Append(piece);
        var text = _rest.ToString();
        var end = text.LastIndexOf('\n');
        if (end >= 0)
        {
            // CR LF may have come in two pieces, so a whole line with its end is what is made safe.
            lines.AddRange(SafeText.ForTerminal(text[..(end + 1)])[..^1].Split('\n').SelectMany(Broken));
            text = text[(end + 1)..];
        }

        if (width is not null && Broken(SafeText.ForTerminal(text)) is { Count: > 1 } broken && !text.EndsWith('\r'))
        {
            lines.AddRange(broken.SkipLast(1));
            text = broken[^1];
        }

        _rest.Clear().Append(text);
        return lines;
    }

    /// <summary>Gives what is left.</summary>
    public IReadOnlyList<string> Finish()
    {
        var rest = Rest.TrimEnd();
        _rest.Clear();
        return rest.Length == 0 ? [] : Broken(rest);
    }

    private List<string> Broken(string line) => width is null ? [line] : [.. TextColumns.Wrap(line, width() - 1)];
}
