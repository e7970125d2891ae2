namespace EdgeCoder.Protocol.Tokens;

/// <summary>
/// What a tokenizer sees in a text, roughly: byte-pair encodings give a common word one token and a long one several, digits and marks mostly
/// one each, indentation one a run, and other scripts about one a character. A single space belongs to the word after it.
/// </summary>
/// <param name="Words">Runs of ASCII letters, one for each five letters begun.</param>
/// <param name="Digits">Digits.</param>
/// <param name="Marks">Other visible ASCII characters.</param>
/// <param name="Gaps">Runs of white space other than a single space.</param>
/// <param name="Others">Characters beyond ASCII.</param>
public readonly record struct TokenShape(int Words, int Digits, int Marks, int Gaps, int Others)
{
    private const int LettersPerToken = 5;

    /// <summary>The shape of a text.</summary>
    public static TokenShape Of(ReadOnlySpan<char> text)
    {
        var (words, digits, marks, gaps, others) = (0, 0, 0, 0, 0);
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            if (char.IsAsciiLetter(text[i]))
            {
                while (i < text.Length && char.IsAsciiLetter(text[i]))
                {
                    i++;
                }

                words += (i - start + LettersPerToken - 1) / LettersPerToken;
            }
            else if (char.IsWhiteSpace(text[i]))
            {
                while (i < text.Length && char.IsWhiteSpace(text[i]))
                {
                    i++;
                }

                gaps += i - start == 1 && text[start] == ' ' ? 0 : 1;
            }
            else
            {
                digits += char.IsAsciiDigit(text[i]) ? 1 : 0;
                others += char.IsAscii(text[i]) ? 0 : 1;
                marks += char.IsAscii(text[i]) && !char.IsAsciiDigit(text[i]) ? 1 : 0;
                i++;
            }
        }

        return new(words, digits, marks, gaps, others);
    }

    /// <summary>The shape of two texts that do not touch.</summary>
    public static TokenShape operator +(TokenShape left, TokenShape right) =>
        new(left.Words + right.Words, left.Digits + right.Digits, left.Marks + right.Marks, left.Gaps + right.Gaps, left.Others + right.Others);
}
