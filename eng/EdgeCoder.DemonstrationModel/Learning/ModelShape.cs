namespace EdgeCoder.Training.Learning;

/// <summary>Sizes of a model of the llama architecture with tied embeddings.</summary>
internal sealed record ModelShape
{
    /// <summary>Number of tokens; a multiple of 32.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Width of the residual stream; a multiple of 32.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Number of layers.</summary>
    public int Layers { get; init; } = 5;

    /// <summary>Attention heads; <see cref="Width"/> divided by it is a multiple of 32.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Width of the feed-forward part; a multiple of 32.</summary>
    public int Hidden { get; init; } = 352;

    /// <summary>Longest text, in tokens.</summary>
    public int Context { get; init; } = 512;

    /// <summary>Width of one head.</summary>
    public int HeadWidth => Width / Heads;

    /// <summary>Base of the rotary position frequencies.</summary>
    public float RotaryBase { get; init; } = 10_000f;

    /// <summary>Added to the mean square before its root is taken.</summary>
    public float NormEpsilon { get; init; } = 1e-5f;
}
