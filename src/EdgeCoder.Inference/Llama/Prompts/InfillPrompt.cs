using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama.Prompts;

/// <summary>A gap between two texts as tokens, in the order prefix, suffix, middle, which all models in use were trained with.</summary>
internal static class InfillPrompt
{
    /// <summary>
    /// The tokens. Marks are the model's own: those its file names, or those that llama.cpp knows by their text. What stands in the texts stays text.
    /// Throws <c>fim_unsupported</c> for a model without them.
    /// </summary>
    public static int[] Tokens(LlamaModel model, string prefix, string suffix) => model.InfillMarks is { } marks
        ? [.. model.Tokenize("", addSpecial: true), marks.Prefix, .. model.Tokenize(prefix), marks.Suffix, .. model.Tokenize(suffix), marks.Middle]
        : throw new ModelException("fim_unsupported", "The model has no tokens for filling in the middle.", "Use one that has, for instance qwen2.5-coder:1.5b, or leave the suffix out.");
}
