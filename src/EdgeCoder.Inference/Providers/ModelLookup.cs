using EdgeCoder.Inference.Catalogue;

namespace EdgeCoder.Inference.Providers;

/// <summary>Finds models among the providers of a hub.</summary>
internal sealed class ModelLookup(ModelSettings settings, IReadOnlyList<HubProvider> providers, Func<ModelCatalogue> catalogue, TimeProvider time)
{
    // Nobody named that server: a start must not wait for something that only listens at its address.
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    /// <summary>The providers, the default one first.</summary>
    public IReadOnlyList<HubProvider> All => providers;

    /// <summary>The provider of this name.</summary>
    public HubProvider Of(string kind) => All.First(provider => provider.Kind == kind);

    /// <summary>The provider and model that a name means. The first provider that has it is it; one that is configured and does not answer stops the search.</summary>
    public async Task<(HubProvider Provider, InstalledModel Model)> ResolveAsync(string text, string? provider, CancellationToken cancellationToken)
    {
        var reference = provider is null ? ModelReference.Parse(text, settings.ProviderNames()) : new(provider, text);
        var candidates = All.Where(candidate => reference.Provider is null || candidate.Kind == reference.Provider).ToList();
        if (candidates.Count == 0)
        {
            throw new ModelException(
                "reach_not_allowed", $"{reference} is at a provider that this work may not use.", "Work that must stay on this machine uses models of this machine: edgecoder models list");
        }

        var seen = new List<string>();
        foreach (var candidate in candidates)
        {
            IReadOnlyList<InstalledModel> models;
            try
            {
                models = await ListAsync(candidate, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelException) when (reference.Provider is null && !candidate.IsConfigured)
            {
                continue; // Ollama's usual address, and nobody there.
            }

            if (models.FirstOrDefault(model => ModelNames.Matches(model.ModelId, reference.ModelId)) is { } found)
            {
                return (candidate, found);
            }

            seen.AddRange(models.Select(model => model.ModelId));
        }

        throw catalogue().Find(reference.ModelId) is { } entry && reference.Provider is null or ProviderKinds.Local
            ? new ModelException("model_not_found", $"Model {reference.ModelId} is in the catalogue and not on this machine yet.", $"edgecoder models pull {entry.ModelId}")
            : ModelNames.NotFound(reference.ModelId, seen);
    }

    /// <summary>
    /// Every model of every provider that answers. One that is configured and does not answer is a fault, thrown or handed to
    /// <paramref name="unreachable"/>.
    /// </summary>
    public async Task<IReadOnlyList<InstalledModel>> FindAllAsync(Action<ModelException>? unreachable, CancellationToken cancellationToken)
    {
        var all = new List<InstalledModel>();
        foreach (var provider in All)
        {
            try
            {
                var models = await ListAsync(provider, cancellationToken).ConfigureAwait(false);
                all.AddRange(provider.Preferred is { } preferred ? models.OrderBy(model => model.ModelId == preferred ? 0 : 1) : models);
            }
            catch (ModelException e) when (!provider.IsConfigured || unreachable is not null)
            {
                if (provider.IsConfigured)
                {
                    unreachable!(e);
                }
            }
        }

        return all;
    }

    private async Task<IReadOnlyList<InstalledModel>> ListAsync(HubProvider provider, CancellationToken cancellationToken)
    {
        if (provider.IsConfigured)
        {
            return await provider.Provider.ListAsync(cancellationToken).ConfigureAwait(false);
        }

        using var glance = new CancellationTokenSource(Glance, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, glance.Token);
        try
        {
            return provider.Provider is not OllamaProvider { Address: { IsLoopback: true } address } || await LoopbackProbe.IsListeningAsync(address, either.Token).ConfigureAwait(false)
                ? await provider.Provider.ListAsync(either.Token).ConfigureAwait(false)
                : [];
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelException("model_unavailable", $"{provider.Kind} does not answer.", inner: e);
        }
    }
}
