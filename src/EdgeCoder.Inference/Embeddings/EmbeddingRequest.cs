using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Embeddings;

/// <summary>Texts whose meaning is to be given as numbers.</summary>
/// <param name="Texts">At least one; none is empty.</param>
/// <param name="Dimensions">Numbers of each; null for the model's own.</param>
public sealed record EmbeddingRequest(IReadOnlyList<string> Texts, int? Dimensions);

/// <summary>What a model gave.</summary>
/// <param name="Vectors">One for each text, in order.</param>
/// <param name="Tokens">Tokens read.</param>
public sealed record EmbeddingAnswer(IReadOnlyList<float[]> Vectors, long Tokens);

/// <summary>A provider whose models can embed texts.</summary>
public interface IEmbeddingProvider : IModelProvider
{
    /// <summary>
    /// Embeds with exactly this model. Throws <see cref="ModelException"/>: <c>model_not_usable</c> for one that cannot, <c>context_length_exceeded</c> for a
    /// text that it cannot read whole, and the faults of its server.
    /// </summary>
    Task<EmbeddingAnswer> EmbedAsync(string modelId, EmbeddingRequest request, CancellationToken cancellationToken);
}
