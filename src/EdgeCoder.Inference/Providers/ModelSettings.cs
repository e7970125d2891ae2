namespace EdgeCoder.Inference.Providers;

/// <summary>Everything about models that a person sets. Read by <see cref="ModelSettingsReader"/>.</summary>
public sealed record ModelSettings
{
    /// <summary>Directory of the model store and of what preflights proved.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Provider that is asked first (<c>LOCAL_MODEL_PROVIDER</c>).</summary>
    public string DefaultProvider { get; init; } = ProviderKinds.Local;

    /// <summary>Ollama.</summary>
    public OllamaSettings Ollama { get; init; } = new();

    /// <summary>Servers that speak the OpenAI API.</summary>
    public IReadOnlyList<OpenAIServerSettings> Servers { get; init; } = [];

    /// <summary>Models of roles, as <c>ID</c> or <c>PROVIDER/ID</c>.</summary>
    public IReadOnlyDictionary<ModelRole, string> Roles { get; init; } = new Dictionary<ModelRole, string>();

    /// <summary>Models to try, in order, when the chosen one cannot be opened. Empty is <c>none</c>, the default.</summary>
    public IReadOnlyList<string> Fallback { get; init; } = [];

    /// <summary>Whether the demonstration model may answer when there is no other.</summary>
    public bool Demonstration { get; init; } = true;

    /// <summary>Sources that models may come from.</summary>
    public Catalogue.SourceAllowList Sources { get; init; } = Catalogue.SourceAllowList.Default;

    /// <summary>Things that are not wrong but worth a word to the person.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Names of all providers of these settings, those beyond a reach included: the longer ones first.</summary>
    internal IEnumerable<string> ProviderNames() =>
        [.. Servers.Select(server => $"{ProviderKinds.OpenAICompatible}/{server.Name}"), ProviderKinds.Local, ProviderKinds.Ollama];
}
