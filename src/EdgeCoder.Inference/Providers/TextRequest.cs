using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Providers;

/// <summary>A text to be gone on with, or a gap to be filled.</summary>
public sealed record TextRequest
{
    /// <summary>What stands before.</summary>
    public required string Prompt { get; init; }

    /// <summary>What stands behind the gap; null where there is no gap.</summary>
    public string? Suffix { get; init; }

    /// <summary>Most tokens to write.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Texts that end it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Seed of the sampler.</summary>
    public long? Seed { get; init; }

    /// <summary>0 is greedy.</summary>
    public float? Temperature { get; init; }

    /// <summary>Share of likelihood that tokens are drawn from.</summary>
    public float? TopP { get; init; }
}

/// <summary>Goes on with texts, without any conversation around them. The last update carries why it ended and the counts.</summary>
public delegate IAsyncEnumerable<ChatResponseUpdate> TextCompleter(TextRequest request, CancellationToken cancellationToken);
