namespace EdgeCoder.Inference.Providers;

/// <summary>A provider in a hub.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="IsConfigured">Whether somebody named it, so that its silence is a fault and not just its absence.</param>
internal sealed record HubProvider(IModelProvider Provider, bool IsConfigured)
{
    /// <summary>Name of the provider, as in <see cref="ModelChoice"/>.</summary>
    public string Kind => Provider.Kind;

    /// <summary>Model to prefer there, when none is named.</summary>
    public string? Preferred { get; init; }

    /// <summary>Options of a call that it passes on.</summary>
    public ChatOptionKinds Options => Provider switch
    {
        OllamaProvider => OllamaChatClient.Options,
        OpenAICompatibleProvider => OpenAICompatibleProvider.Options,
        _ => ChatOptionKinds.TopK | ChatOptionKinds.ToolMode, // Our own engine refuses what it cannot do.
    };

    /// <summary>A call of one of its models failed.</summary>
    public void CallFailed(string reason)
    {
        switch (Provider)
        {
            case OllamaProvider ollama:
                ollama.CallFailed(reason);
                break;
            case OpenAICompatibleProvider server:
                server.CallFailed(reason);
                break;
            default:
                break; // Our own worker notices its own death.
        }
    }

    /// <summary>The providers that stand within a reach, the default one first. The others are not made at all.</summary>
    public static IReadOnlyList<HubProvider> All(ModelSettings settings, ModelReach reach, IModelProvider? local, TimeProvider time)
    {
        var all = new List<HubProvider>();
        if (local is not null)
        {
            all.Add(new(local, IsConfigured: true));
        }

        if (settings.Ollama.Address.IsLoopback || settings.Ollama.Reach <= reach)
        {
            all.Add(new(new OllamaProvider(settings.Ollama, reach, time), settings.Ollama.IsConfigured));
        }

        all.AddRange(settings.Servers.Where(server => server.Reach <= reach)
            .Select(server => new HubProvider(new OpenAICompatibleProvider(server, time), IsConfigured: true) { Preferred = server.Model }));
        return [.. all.OrderBy(provider => provider.Kind.StartsWith(settings.DefaultProvider, StringComparison.Ordinal) ? 0 : 1)];
    }
}
