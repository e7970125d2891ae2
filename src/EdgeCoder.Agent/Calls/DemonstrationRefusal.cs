using Microsoft.Extensions.AI;

namespace EdgeCoder.Agent.Calls;

/// <summary>The demonstration model's trained refusal: it answers only what it was trained on and says so otherwise.</summary>
internal static class DemonstrationRefusal
{
    /// <summary>Property by which the provider marks a refusal (low probability counts as one too).</summary>
    public const string Property = "edgecoder.refusal";

    /// <summary>Value of <see cref="Property"/>.</summary>
    public const string Value = "outside_demonstration_range";

    /// <summary>The sentence that the model was trained to say.</summary>
    public const string Sentence = "This is outside the demonstration model's range.";

    /// <summary>What a person does next.</summary>
    public const string Hint =
        "Get a real model: `edgecoder models pull qwen2.5-coder:1.5b`, or start Ollama, or name any OpenAI-compatible server; then run the same command again.";

    /// <summary>Whether the provider marked this update.</summary>
    public static bool IsMarked(AdditionalPropertiesDictionary? properties) =>
        properties is not null && properties.TryGetValue(Property, out var value) && value?.ToString() == Value;

    /// <summary>Whether the reply is the trained sentence, alone.</summary>
    public static bool IsSentence(string text) => text.Trim().Equals(Sentence, StringComparison.OrdinalIgnoreCase);
}
