using System.Text;

namespace EdgeCoder.Commands;

/// <summary>A command that a person wrote in one text, as an argument vector. There is no shell: quotes hold words together and nothing else has a meaning.</summary>
internal static class CommandWords
{
    /// <summary>The words. Throws <see cref="UsageException"/> for an open quote or no word at all.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (inside, quote) = (false, '\0');
        foreach (var c in text)
        {
            if (quote != '\0')
            {
                _ = c == quote ? word : word.Append(c);
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                (inside, quote) = (true, c);
            }
            else if (char.IsWhiteSpace(c))
            {
                if (inside)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                inside = false;
            }
            else
            {
                word.Append(c);
                inside = true;
            }
        }

        if (quote != '\0')
        {
            throw new UsageException("invalid_option", $"A {quote} is never closed in: {text}");
        }

        if (inside)
        {
            words.Add(word.ToString());
        }

        return words.Count > 0 && words[0].Length > 0 ? words : throw new UsageException("invalid_option", "A command needs at least one word.");
    }
}
