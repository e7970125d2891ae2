namespace EdgeCoder.Inference.Providers;

/// <summary>The kinds of provider, as they are written in settings, records and <c>models list</c>.</summary>
public static class ProviderKinds
{
    /// <summary>llama.cpp of this program.</summary>
    public const string Local = "edgecoder-local";

    /// <summary>An Ollama server.</summary>
    public const string Ollama = "ollama-local";

    /// <summary>A server that speaks the OpenAI API.</summary>
    public const string OpenAICompatible = "openai-compatible";

    /// <summary>All of them, in the order in which they are looked at.</summary>
    public static IReadOnlyList<string> All { get; } = [Local, Ollama, OpenAICompatible];
}
