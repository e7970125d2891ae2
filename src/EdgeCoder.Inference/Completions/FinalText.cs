using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EdgeCoder.Inference.Completions;

/// <summary>Reads the text of <c>{"final": "…"}</c> while it is written, however it is cut into pieces.</summary>
internal sealed partial class FinalText
{
    // The longest beginning with white space between its signs that is waited for.
    private const int LongestBeginning = 128;

    private readonly StringBuilder _held = new();
    private bool _ended;

    /// <summary>Whether the answer is a final text.</summary>
    public bool Found { get; private set; }

    /// <summary>Takes a piece and gives what of the text is whole; half of an escape waits.</summary>
    public string Feed(string piece)
    {
        if (_ended || (!Found && _held.Length > LongestBeginning))
        {
            return "";
        }

        _held.Append(piece);
        if (!Found)
        {
            var begin = Beginning().Match(_held.ToString());
            if (!begin.Success)
            {
                return "";
            }

            Found = true;
            _held.Remove(0, begin.Length);
        }

        return Decode();
    }

    private string Decode()
    {
        var text = new StringBuilder();
        var at = 0;
        for (; at < _held.Length && !_ended; at++)
        {
            var c = _held[at];
            if (c == '"')
            {
                _ended = true;
            }
            else if (c != '\\')
            {
                text.Append(c);
            }
            else if (at + 1 < _held.Length && _held[at + 1] != 'u')
            {
                text.Append(Escaped(_held[++at]));
            }
            else if (at + 5 < _held.Length)
            {
                text.Append((char)int.Parse(_held.ToString(at + 2, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                at += 5;
            }
            else
            {
                break;
            }
        }

        // Half of a pair is no character yet.
        if (text.Length > 0 && char.IsHighSurrogate(text[^1]))
        {
            var start = _held.ToString(0, at).LastIndexOf("\\u", StringComparison.Ordinal);
            at = start < 0 ? at - 1 : start;
            text.Length--;
        }

        _held.Remove(0, at);
        return text.ToString();
    }

    private static char Escaped(char c) => c switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\b',
        'f' => '\f',
        _ => c,
    };

    [GeneratedRegex(@"^\s*\{\s*""final""\s*:\s*""", RegexOptions.CultureInvariant)]
    private static partial Regex Beginning();
}
