namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>Size and threads of a context.</summary>
internal sealed record ContextOptions
{
    /// <summary>Tokens that all sequences may hold together.</summary>
    public required int ContextSize { get; init; }

    /// <summary>Sequences, each with its own history.</summary>
    public int Sequences { get; init; } = 1;

    /// <summary>Tokens that one step may take.</summary>
    public int BatchSize { get; init; } = 512;

    /// <summary>Whether attention is computed in one fused operation; null lets the library choose. See <see cref="AttentionPolicy"/>.</summary>
    public bool? FusedAttention { get; init; }

    /// <summary>Threads that compute.</summary>
    public int Threads { get; init; } = 1;
}
