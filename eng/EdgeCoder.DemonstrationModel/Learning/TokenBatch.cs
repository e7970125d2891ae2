namespace EdgeCoder.Training.Learning;

/// <summary>
/// Several texts behind one another, without padding. Each has its own positions from 0 and sees only itself, as when the model answers.
/// </summary>
internal sealed class TokenBatch(int capacity)
{
    /// <summary>Marks a position whose next token is not learnt.</summary>
    public const int Ignore = -1;

    private readonly List<(int Start, int Length)> _texts = [];

    /// <summary>Most tokens that fit; a multiple of 8.</summary>
    public int Capacity { get; } = capacity % 8 == 0 ? capacity : throw new ArgumentException("The capacity must be a multiple of 8.", nameof(capacity));

    /// <summary>Token ids; zero behind the last text.</summary>
    public int[] Tokens { get; } = new int[capacity];

    /// <summary>For each position the token to predict, or <see cref="Ignore"/>.</summary>
    public int[] Targets { get; } = new int[capacity];

    /// <summary>Where each text lies.</summary>
    public IReadOnlyList<(int Start, int Length)> Texts => _texts;

    /// <summary>Tokens in use.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens in use, rounded up to a multiple of 8.</summary>
    public int Rows => (Count + 7) / 8 * 8;

    /// <summary>Number of positions that are learnt.</summary>
    public int TargetCount { get; private set; }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Array.Clear(Tokens);
        Array.Fill(Targets, Ignore);
        _texts.Clear();
        Count = TargetCount = 0;
    }

    /// <summary>Adds a text of which everything after the prompt is learnt. False when it does not fit any more.</summary>
    public bool TryAdd(ReadOnlySpan<int> tokens, int promptLength)
    {
        if (Count + tokens.Length > Capacity)
        {
            return false;
        }

        tokens.CopyTo(Tokens.AsSpan(Count));
        for (var i = promptLength; i < tokens.Length; i++)
        {
            Targets[Count + i - 1] = tokens[i];
            TargetCount++;
        }

        _texts.Add((Count, tokens.Length));
        Count += tokens.Length;
        return true;
    }
}
