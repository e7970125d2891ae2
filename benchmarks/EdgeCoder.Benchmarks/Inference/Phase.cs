namespace EdgeCoder.Benchmarks.Inference;

/// <summary>Part of a round of the baseline; the value is its place in the printed line.</summary>
internal enum Phase
{
    /// <summary>Reading the prompt.</summary>
    Prompt = 0,

    /// <summary>Decoding one stream.</summary>
    Decode = 1,

    /// <summary>Decoding eight streams in one batch.</summary>
    Together = 2,
}
