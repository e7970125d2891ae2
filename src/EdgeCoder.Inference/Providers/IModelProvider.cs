namespace EdgeCoder.Inference.Providers;

/// <summary>A source of models. The other side is a process: our own llama.cpp worker, Ollama, or a server that speaks the OpenAI API.</summary>
public interface IModelProvider
{
    /// <summary><c>edgecoder-local</c>, <c>ollama-local</c> or <c>openai-compatible</c>.</summary>
    string Kind { get; }

    /// <summary>Asks the provider now (or reads an answer at most 5 s old) whether it can serve, and why not.</summary>
    Task<ProviderHealth> CheckHealthAsync(CancellationToken cancellationToken);

    /// <summary>The models it has. Empty when it has none; throws <see cref="ModelException"/> when it cannot be asked.</summary>
    Task<IReadOnlyList<InstalledModel>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Loads or reaches the model with exactly this id. Throws <see cref="ModelException"/>; never opens another one.</summary>
    Task<OpenedModel> OpenAsync(string modelId, CancellationToken cancellationToken);
}
