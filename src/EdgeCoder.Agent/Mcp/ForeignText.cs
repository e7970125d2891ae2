using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EdgeCoder.Agent.Mcp;

/// <summary>Text that a server wrote, made harmless for prompts and terminals: pure. What it says stays what it says.</summary>
internal static class ForeignText
{
    /// <summary>One line of at most some characters.</summary>
    public static string Line(string text, int most)
    {
        var line = Clean(text).ReplaceLineEndings(" ").Replace('\t', ' ').Trim();
        return line.Length <= most ? line : string.Concat(line.AsSpan(0, char.IsHighSurrogate(line[most - 2]) ? most - 2 : most - 1), "…");
    }

    /// <summary>Whether every text in a value can be read: JSON can name halves of characters, which are no text.</summary>
    public static bool IsWhole(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(member => IsText(() => member.Name) && IsWhole(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(IsWhole),
        JsonValueKind.String => IsText(value.GetString),
        _ => true,
    };

    /// <summary>Without characters that are not seen: control characters but tab and line ends, and those that change the direction or hide text.</summary>
    public static string Clean(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate))
            {
                kept.Append(rune.ToString());
            }
        }

        return kept.ToString();
    }

    private static bool IsText(Func<string?> read)
    {
        try
        {
            return read() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
