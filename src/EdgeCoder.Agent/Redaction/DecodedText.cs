using System.Globalization;

namespace EdgeCoder.Agent.Redaction;

/// <summary>
/// A text with its escapes undone (<c>\\n</c>, <c>\\"</c>, <c>\\u0022</c>, <c>%3D</c>), so that JSON in JSON and URLs read as what they mean, and where each
/// character of it came from.
/// </summary>
internal sealed class DecodedText
{
    /// <summary>JSON in JSON in JSON, and one more.</summary>
    private const int MostLayers = 4;

    private readonly int[] _starts;

    private DecodedText(string text, int[] starts) => (Text, _starts) = (text, starts);

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>Undoes all layers; null when there is nothing to undo.</summary>
    public static DecodedText? Of(string text)
    {
        DecodedText? decoded = null;
        for (var layer = 0; layer < MostLayers && Next(decoded?.Text ?? text, decoded?._starts) is { } next; layer++)
        {
            decoded = next;
        }

        return decoded;
    }

    /// <summary>Where a character of <see cref="Text"/>, or its end, came from.</summary>
    public int Origin(int at) => _starts[at];

    private static DecodedText? Next(string text, int[]? starts)
    {
        if (text.AsSpan().IndexOfAny('\\', '%') < 0)
        {
            return null;
        }

        var decoded = new char[text.Length];
        var origins = new int[text.Length + 1];
        var length = 0;
        var changed = false;
        for (var at = 0; at < text.Length;)
        {
            var (c, taken) = CharacterAt(text, at);
            changed |= taken > 1;
            origins[length] = starts is null ? at : starts[at];
            decoded[length++] = c;
            at += taken;
        }

        origins[length] = starts is null ? text.Length : starts[text.Length];
        return changed ? new(new(decoded, 0, length), origins[..(length + 1)]) : null;
    }

    private static (char Character, int Taken) CharacterAt(string text, int at) => (text[at], text.Length - at) switch
    {
        ('\\', >= 2) => text[at + 1] switch
        {
            '\\' or '"' or '\'' or '/' => (text[at + 1], 2),
            'n' => ('\n', 2),
            'r' => ('\r', 2),
            't' => ('\t', 2),
            'u' when Number(text, at + 2, 4) is { } code => ((char)code, 6),
            _ => ('\\', 1),
        },
        ('%', >= 3) when Number(text, at + 1, 2) is { } code and >= 0x20 and < 0x7F => ((char)code, 3),
        _ => (text[at], 1),
    };

    private static int? Number(string text, int at, int digits) =>
        at + digits <= text.Length && int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;
}
