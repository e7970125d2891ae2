namespace EdgeCoder.Inference.Llama.Batching;

/// <summary>Why a generation ended.</summary>
internal enum GenerationEnd
{
    /// <summary>The model, the grammar or a stop string ended it.</summary>
    Stop,

    /// <summary>It reached its limit of tokens.</summary>
    Length,
}

/// <summary>What a generation took.</summary>
internal sealed record GenerationResult
{
    public required GenerationEnd End { get; init; }

    public required int PromptTokens { get; init; }

    /// <summary>Prompt tokens that were in the cache already.</summary>
    public required int ReusedTokens { get; init; }

    public required int GeneratedTokens { get; init; }

    /// <summary>See <see cref="Sampling.LogProbabilities"/>.</summary>
    public required double MeanLogProbability { get; init; }

    /// <summary>See <see cref="Sampling.LogProbabilities"/>.</summary>
    public required double WorstWindowLogProbability { get; init; }

    /// <summary>Waiting for a slot.</summary>
    public required TimeSpan Queued { get; init; }

    /// <summary>From the slot to the first token.</summary>
    public required TimeSpan ToFirstToken { get; init; }

    /// <summary>From the first token to the end.</summary>
    public required TimeSpan Decoding { get; init; }
}
