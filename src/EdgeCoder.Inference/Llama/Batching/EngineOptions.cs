namespace EdgeCoder.Inference.Llama.Batching;

/// <summary>Size of an engine.</summary>
internal sealed record EngineOptions
{
    /// <summary>Tokens that prompt and answer of one generation may have together; null for what the model and the memory allow.</summary>
    public int? ContextSize { get; init; }

    /// <summary>Tokens of all generations and kept prefixes together; null for what <see cref="Contexts.ContextBudget.Shared"/> gives.</summary>
    public int? CacheSize { get; init; }

    /// <summary>Generations at the same time.</summary>
    public int Slots { get; init; } = Math.Min(8, 2 * Environment.ProcessorCount);

    /// <summary>Prompt tokens that one step reads at most, so that running generations go on between.</summary>
    public int PromptChunk { get; init; } = 512;

    /// <summary>Threads that compute; null for the policy's choice.</summary>
    public int? Threads { get; init; }

    /// <summary>Memory that counts as free, in bytes; null asks the system.</summary>
    public long? FreeMemoryBytes { get; init; }
}
