using System.Text;
using EdgeCoder.Inference.Llama.Sampling;

namespace EdgeCoder.Inference.Llama.Batching;

/// <summary>One sequence of the cache and the generation that uses it now.</summary>
internal sealed class Slot(int sequence)
{
    public int Sequence { get; } = sequence;

    /// <summary>Tokens whose keys and values the cache holds, in order.</summary>
    public List<int> Cached { get; } = [];

    /// <summary>Null when the slot is free; the cached tokens stay for whoever begins the same way.</summary>
    public Generation? Generation { get; set; }

    /// <summary>Order of the last start, for the choice of the oldest.</summary>
    public long LastUsed { get; set; }

    /// <summary>Prompt tokens that were cached at the start.</summary>
    public int Reused { get; set; }

    /// <summary>The last token, chosen but not yet run; -1 while the prompt is read.</summary>
    public int Pending { get; set; } = -1;

    /// <summary>Index in the batch whose scores are this slot's, or -1.</summary>
    public int Output { get; set; } = -1;

    /// <summary>How many tokens it has in the batch.</summary>
    public int InBatch { get; set; }

    public TokenSampler? Sampler { get; set; }

    public Decoder? Decoder { get; set; }

    public StopScanner? Stops { get; set; }

    public LogProbabilities Probabilities { get; set; } = new();

    public long StartedAt { get; set; }

    public long FirstTokenAt { get; set; }

    public bool IsReadingPrompt => Generation is not null && Pending < 0;

    /// <summary>Frees the slot; the cached tokens stay.</summary>
    public void Release()
    {
        Sampler?.Dispose();
        (Sampler, Decoder, Stops, Generation) = (null, null, null, null);
        (Pending, Output, InBatch) = (-1, -1, 0);
    }
}
