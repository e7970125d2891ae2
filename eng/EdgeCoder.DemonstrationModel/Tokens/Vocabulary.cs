namespace EdgeCoder.Training.Tokens;

/// <summary>Token ids: 256 bytes, then one token a merge, then the special tokens.</summary>
internal sealed class Vocabulary
{
    /// <summary>Text of the special tokens, in id order.</summary>
    public static readonly IReadOnlyList<string> SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    /// <summary>Makes a vocabulary from merges in rank order; each side is a token id below its own.</summary>
    public Vocabulary(IReadOnlyList<(int Left, int Right)> merges)
    {
        Merges = merges;
        var pieces = new List<string>(ByteAlphabet.Order.Select(value => ByteAlphabet.Of(value).ToString()));
        foreach (var (left, right) in merges)
        {
            pieces.Add(pieces[left] + pieces[right]);
        }

        pieces.AddRange(SpecialTokens);
        Pieces = pieces;
    }

    /// <summary>Merges in rank order.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges { get; }

    /// <summary>Text of each token, in the byte alphabet; special tokens as they are.</summary>
    public IReadOnlyList<string> Pieces { get; }

    /// <summary>Number of tokens.</summary>
    public int Count => Pieces.Count;

    /// <summary>End of a document; also the padding token.</summary>
    public int EndOfText => Count - 3;

    /// <summary>Start of a turn.</summary>
    public int TurnStart => Count - 2;

    /// <summary>End of a turn: ends an answer.</summary>
    public int TurnEnd => Count - 1;
}
