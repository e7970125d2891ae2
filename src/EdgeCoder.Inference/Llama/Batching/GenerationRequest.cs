using EdgeCoder.Inference.Llama.Sampling;

namespace EdgeCoder.Inference.Llama.Batching;

/// <summary>A text to be continued.</summary>
internal sealed record GenerationRequest
{
    /// <summary>Tokens to read first; at least one.</summary>
    public required int[] Prompt { get; init; }

    /// <summary>Most tokens to generate.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Texts that end the generation; they are not part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Tokens at the beginning of the prompt, such as the system message, that are kept for later requests.</summary>
    public int KeptPrefix { get; init; }

    /// <summary>Uses what the cache holds already.</summary>
    public bool ReusePrefix { get; init; } = true;

    /// <summary>Goes on after an end token, up to <see cref="MaxTokens"/>. For measuring.</summary>
    public bool IgnoreEnd { get; init; }
}
