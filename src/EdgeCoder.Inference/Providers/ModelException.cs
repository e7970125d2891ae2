namespace EdgeCoder.Inference.Providers;

/// <summary>A model or its provider cannot serve. Carries the stable code, a message for a person, and what to do next.</summary>
public sealed class ModelException(string code, string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable code, for instance <c>no_model_available</c>, <c>model_not_found</c>, <c>checksum_mismatch</c>, <c>context_length_exceeded</c>.</summary>
    public string Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;
}
