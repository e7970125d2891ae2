namespace EdgeCoder.Inference.Providers;

/// <summary>The Ollama server that is used.</summary>
public sealed record OllamaSettings
{
    /// <summary>Port of an Ollama server when its address names none.</summary>
    public const int DefaultPort = 11434;

    /// <summary>
    /// Window asked for with every call (<c>num_ctx</c>) when the operator states none: the 8,192 tokens that repository work needs, and room to prove them. Ollama
    /// reserves memory for all of it and loads the model again when it changes.
    /// </summary>
    public const int DefaultContextWindow = 12_288;

    /// <summary>Address.</summary>
    public ServerAddress Address { get; init; } = new(new("http://127.0.0.1:11434/"), IsLoopback: true);

    /// <summary>Label of a server that is not this machine.</summary>
    public ModelReach Reach { get; init; } = ModelReach.External;

    /// <summary>Window to ask for, in tokens; absent for <see cref="DefaultContextWindow"/>.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>Whether the person named this server (<c>OLLAMA_HOST</c>, the settings file, or as default provider), so that its absence is a fault.</summary>
    public bool IsConfigured { get; init; }
}
