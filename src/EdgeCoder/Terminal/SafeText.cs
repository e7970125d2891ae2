using System.Text;

namespace EdgeCoder.Terminal;

/// <summary>Makes text from a model or a program harmless for a terminal: no escape sequences, no control characters that move the cursor.</summary>
internal static class SafeText
{
    /// <summary>Replaces every control character but tab and line feed by its Unicode picture; CR LF becomes LF.</summary>
    public static string ForTerminal(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && !text.AsSpan().ContainsAnyInRange('\u007f', '\u009f') && !text.AsSpan().ContainsAny(Bidirectional))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            _ = c switch
            {
                '\r' when i + 1 < text.Length && text[i + 1] == '\n' => safe,
                '\n' or '\t' => safe.Append(c),
                < ' ' => safe.Append((char)(0x2400 + c)),
                '\u007f' => safe.Append('\u2421'),
                >= '\u0080' and <= '\u009f' => safe.Append('\ufffd'),
                _ when Bidirectional.Contains(c) => safe.Append('\ufffd'),
                _ => safe.Append(c),
            };
        }

        return safe.ToString();
    }

    // Marks that reorder what is shown: code must look like what runs (CVE-2021-42574).
    private const string Bidirectional = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069";
}
