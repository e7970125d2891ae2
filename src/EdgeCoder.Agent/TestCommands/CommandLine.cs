using System.Text;

namespace EdgeCoder.Agent.TestCommands;

/// <summary>Simple commands as text: words, quotes, nothing that needs a shell. Pure.</summary>
internal static class CommandLine
{
    private const string NeedsShell = ";&|<>`$(){}*?[]#~!\n\r\\";

    /// <summary>The words; null when it needs a shell, or a quote is open.</summary>
    public static IReadOnlyList<string>? Split(string text)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        char? quote = null;
        foreach (var letter in text.Trim())
        {
            if (quote is { } open)
            {
                if (letter == open)
                {
                    quote = null;
                }
                else if (letter is '$' or '`' or '\\' && open == '"')
                {
                    return null;
                }
                else
                {
                    word!.Append(letter);
                }
            }
            else if (letter is '"' or '\'')
            {
                (quote, word) = (letter, word ?? new());
            }
            else if (letter is ' ' or '\t')
            {
                Finish(words, ref word);
            }
            else if (NeedsShell.Contains(letter, StringComparison.Ordinal))
            {
                return null;
            }
            else
            {
                (word ??= new()).Append(letter);
            }
        }

        Finish(words, ref word);

        // A variable before the program is for a shell too.
        return quote is null && words.Count > 0 && !words[0].Contains('=', StringComparison.Ordinal) ? words : null;
    }

    /// <summary>The words as a shell of POSIX would take them, for people.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quoted));

    private static string Quoted(string word) => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./=:,@%+".Contains(letter, StringComparison.Ordinal))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static void Finish(List<string> words, ref StringBuilder? word)
    {
        if (word is not null)
        {
            words.Add(word.ToString());
            word = null;
        }
    }
}
