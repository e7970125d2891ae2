namespace EdgeCoder.Training.Learning;

/// <summary>What a layer keeps of the way forward for the way back.</summary>
internal sealed class LayerMemory(ModelShape shape, int capacity) : IDisposable
{
    /// <summary>Residual stream before the layer.</summary>
    public FloatBuffer Input { get; } = new((long)capacity * shape.Width);

    /// <summary>Normed input of the attention.</summary>
    public FloatBuffer AttentionInput { get; } = new((long)capacity * shape.Width);

    /// <summary>Queries, after rotation.</summary>
    public FloatBuffer Query { get; } = new((long)capacity * shape.Width);

    /// <summary>Keys, after rotation.</summary>
    public FloatBuffer Key { get; } = new((long)capacity * shape.Width);

    /// <summary>Values.</summary>
    public FloatBuffer Value { get; } = new((long)capacity * shape.Width);

    /// <summary>Heads' results before the output matrix.</summary>
    public FloatBuffer Attended { get; } = new((long)capacity * shape.Width);

    /// <summary>Residual stream between attention and feed-forward.</summary>
    public FloatBuffer Middle { get; } = new((long)capacity * shape.Width);

    /// <summary>Normed input of the feed-forward part.</summary>
    public FloatBuffer FeedForwardInput { get; } = new((long)capacity * shape.Width);

    /// <summary>Gate before its sigmoid.</summary>
    public FloatBuffer Gate { get; } = new((long)capacity * shape.Hidden);

    /// <summary>Values that the gate lets through.</summary>
    public FloatBuffer Up { get; } = new((long)capacity * shape.Hidden);

    /// <summary>Gated values.</summary>
    public FloatBuffer Activation { get; } = new((long)capacity * shape.Hidden);

    /// <summary>Inverse roots of the attention's norm.</summary>
    public FloatBuffer AttentionRoots { get; } = new(capacity);

    /// <summary>Inverse roots of the feed-forward part's norm.</summary>
    public FloatBuffer FeedForwardRoots { get; } = new(capacity);

    /// <summary>Attention weights; grows with the batch.</summary>
    public FloatBuffer Weights { get; private set; } = new(16);

    /// <summary>Makes room for the attention weights of a batch.</summary>
    public void EnsureWeights(long length)
    {
        if (Weights.Length < length)
        {
            Weights.Dispose();
            Weights = new FloatBuffer(length + (length / 4));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in (FloatBuffer[])[Input, AttentionInput, Query, Key, Value, Attended, Middle, FeedForwardInput, Gate, Up, Activation, AttentionRoots, FeedForwardRoots, Weights])
        {
            buffer.Dispose();
        }
    }
}
