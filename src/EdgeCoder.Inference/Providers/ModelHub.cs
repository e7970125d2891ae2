using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Embeddings;
using EdgeCoder.Inference.Preflight;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// All models that may be used at one reach. A hub for <see cref="ModelReach.ThisMachine"/> holds no client that could leave the machine: such
/// providers are not constructed, so there is nothing to switch off.
/// </summary>
public sealed class ModelHub : IAsyncDisposable
{
    /// <summary>The command that gets a model, for messages.</summary>
    public const string GetAModel = "edgecoder models pull qwen2.5-coder:1.5b";

    /// <summary>Id of the model that ships with the program.</summary>
    internal const string DemonstrationId = "edgecoder-demo";

    private readonly ModelSettings _settings;
    private readonly TimeProvider _time;
    private readonly ModelLookup _lookup;
    private readonly ModelOpening _opening;
    private readonly IModelProvider? _local;
    private readonly IModelProvider? _demonstration;
    private readonly PreflightStore _preflights;

    /// <summary>
    /// A hub over these settings. <paramref name="local"/> is the provider of this program's own engine, <paramref name="demonstration"/> that of
    /// the model that ships with it; either may be absent, and hubs of several reaches may share them: they stay the caller's. Nothing is asked or opened yet.
    /// </summary>
    public ModelHub(
        ModelSettings settings, ModelReach reach, IModelProvider? local = null, IModelProvider? demonstration = null, TimeProvider? time = null)
    {
        _settings = settings;
        _time = time ?? TimeProvider.System;
        _local = local;
        _demonstration = settings.Demonstration ? demonstration : null;
        _preflights = new(settings.DataDirectory);
        Reach = reach;
        Store = new(settings.DataDirectory, _time);
        _lookup = new(settings, HubProvider.All(settings, reach, local, _time), () => Catalogue, _time);
        _opening = new(_preflights, _time);
    }

    /// <summary>How far work may go.</summary>
    public ModelReach Reach { get; }

    /// <summary>Models of this machine.</summary>
    public ModelStore Store { get; }

    /// <summary>Where models may come from.</summary>
    public SourceAllowList Sources => _settings.Sources;

    /// <summary>Models that can be pulled.</summary>
    public ModelCatalogue Catalogue => field ??= ModelCatalogue.Load(_settings.DataDirectory);

    /// <summary>
    /// Chooses a model and opens it: the named one (request, session, project, role, active), else one that is there, else the demonstration
    /// model, else <c>no_model_available</c>. A named model that is not there is <c>model_not_found</c>. A first use of a server's model proves
    /// its window (<c>window_not_proven</c> when it cannot).
    /// </summary>
    public async Task<SelectedModel> OpenAsync(ModelRequest request, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (ModelSelection.Named(request, _settings, Store.Active) is { } named)
        {
            return await OpenNamedAsync(named, request, progress, cancellationToken).ConfigureAwait(false);
        }

        if (ModelSelection.AmongFound(await _lookup.FindAllAsync(unreachable: null, cancellationToken).ConfigureAwait(false)) is { } found)
        {
            var provider = _lookup.Of(found.Model.Provider);
            return await _opening.OpenAsync(provider, found.Model.ModelId, found.Why, request, progress, cancellationToken).ConfigureAwait(false);
        }

        return (request.Demonstration ? await OpenDemonstrationAsync("no other model is configured or found", cancellationToken).ConfigureAwait(false) : null)
            ?? throw new ModelException("no_model_available", "There is no model to answer.", $"Get one: {GetAModel}");
    }

    /// <summary>Every model: those that can be used now, then those of the catalogue that are not here yet.</summary>
    public Task<IReadOnlyList<ListedModel>> ListAsync(CancellationToken cancellationToken) => ListAsync(unreachable: null, cancellationToken);

    /// <summary>The same; a configured server that does not answer is handed to <paramref name="unreachable"/> and its models are missing from the list.</summary>
    public async Task<IReadOnlyList<ListedModel>> ListAsync(Action<ModelException>? unreachable, CancellationToken cancellationToken)
    {
        var active = Store.Active;
        var stored = Store.List();
        var listed = new List<ListedModel>();
        foreach (var model in await _lookup.FindAllAsync(unreachable, cancellationToken).ConfigureAwait(false))
        {
            var report = _preflights.Last(model.PreflightKey ?? model.Digest);
            listed.Add((ListedModel.Of(model) with
            {
                Active = active == new ModelChoice(model.Provider, model.ModelId),
                ProvenContext = model.StatedContext ?? report?.ProvenWindow,
                Abilities = report?.Abilities,
                Estimate = report?.Estimate,
                Speed = report?.Speed,
            }).With(model.Provider == ProviderKinds.Local ? stored.FirstOrDefault(entry => entry.ModelId == model.ModelId) : null));
        }

        if (_demonstration is not null)
        {
            listed.AddRange((await _demonstration.ListAsync(cancellationToken).ConfigureAwait(false))
                .Where(model => model.ModelId == DemonstrationId)
                .Select(model => ListedModel.Of(model) with { Note = "demonstration only: a few kinds of short functions" }));
        }

        foreach (var entry in Catalogue.Entries.Where(entry => stored.All(model => model.ModelId != entry.ModelId)))
        {
            listed.Add(ListedModel.Of(entry, MachineMemory.TotalMB));
        }

        return listed;
    }

    /// <summary>The line of one model, of the catalogue too. Throws <c>model_not_found</c> with the nearest names.</summary>
    public async Task<ListedModel> ShowAsync(string model, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(_ => { }, cancellationToken).ConfigureAwait(false);
        var reference = ModelReference.Parse(model, _settings.ProviderNames());
        return listed.FirstOrDefault(one => (reference.Provider is null || one.Provider == reference.Provider) && ModelNames.Matches(one.ModelId, reference.ModelId))
            ?? throw ModelNames.NotFound(model, listed.Select(one => one.ModelId));
    }

    /// <summary>Makes a model that is there the active one, once it could be loaded and its window be proven. Throws <c>model_not_found</c>, or why it cannot be opened.</summary>
    public async Task<ModelChoice> UseAsync(string model, CancellationToken cancellationToken)
    {
        await using var opened = await ActivateAsync(model, progress: null, cancellationToken).ConfigureAwait(false);
        return Store.Active!;
    }

    /// <summary>
    /// The same, and gives the model, open: 1. find it; 2. load it and prove its window; 3. only then is it the active one. A fault changes nothing.
    /// </summary>
    public async Task<SelectedModel> ActivateAsync(string model, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var (provider, found) = await _lookup.ResolveAsync(model, provider: null, cancellationToken).ConfigureAwait(false);
        var opened = await _opening.OpenAsync(provider, found.ModelId, "chosen now", new() { Model = model }, progress, cancellationToken).ConfigureAwait(false);
        Store.SetActive(new(provider.Kind, found.ModelId), found.ParamSize);
        return opened;
    }

    /// <summary>The installed model that a name means. Throws <c>model_not_found</c>, or that its server does not answer.</summary>
    public async Task<InstalledModel> FindAsync(string model, CancellationToken cancellationToken) =>
        (await _lookup.ResolveAsync(model, provider: null, cancellationToken).ConfigureAwait(false)).Model;

    /// <summary>The one of these models that a request gets which names none, while none is active; null when it gets none.</summary>
    internal ListedModel? Unnamed(IReadOnlyList<ListedModel> listed)
    {
        var there = listed.Where(model => model.Installed).ToList();
        var found = ModelSelection.AmongFound([.. there.Select(model => new InstalledModel { ModelId = model.ModelId, Provider = model.Provider, Digest = model.Digest })]);
        return found is null ? null : there.First(model => model.ModelId == found.Model.ModelId && model.Provider == found.Model.Provider);
    }

    /// <summary>
    /// How a model that is not here is named to <see cref="PullAsync"/>: as in the catalogue, else at Ollama where that is configured. Throws
    /// <c>model_not_found</c> when nobody has it, and <c>ollama_not_running</c>.
    /// </summary>
    public async Task<string> PullableAsync(string model, CancellationToken cancellationToken)
    {
        var reference = ModelReference.Parse(model, [ProviderKinds.Local, ProviderKinds.Ollama]);
        if (reference.Provider != ProviderKinds.Ollama && Catalogue.Find(reference.ModelId) is not null)
        {
            return model;
        }

        var ollama = _lookup.All.FirstOrDefault(provider => provider.Kind == ProviderKinds.Ollama && (provider.IsConfigured || reference.Provider == ProviderKinds.Ollama));
        if (ollama is null || reference.Provider == ProviderKinds.Local)
        {
            throw ModelNames.NotFound(model, Catalogue.Entries.Select(entry => entry.ModelId));
        }

        try
        {
            await ollama.Provider.ListAsync(cancellationToken).ConfigureAwait(false);
            return $"{ProviderKinds.Ollama}/{reference.ModelId}";
        }
        catch (ModelException fault) when (fault.Code is "model_unavailable" or "model_error")
        {
            throw new ModelException("ollama_not_running", fault.Message, "Start it: ollama serve", fault);
        }
    }

    /// <summary>
    /// Gets a model of the catalogue and, when no model is active, makes it the active one. <c>ollama-local/ID</c> lets Ollama pull it.
    /// Throws <c>model_not_found</c> for one that the catalogue does not have, and the faults of <see cref="ModelDownload"/>.
    /// </summary>
    public async Task<ModelChoice> PullAsync(string model, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var reference = ModelReference.Parse(model, [ProviderKinds.Local, ProviderKinds.Ollama]);
        if (reference.Provider == ProviderKinds.Ollama)
        {
            var ollama = _lookup.All.Select(provider => provider.Provider).OfType<OllamaProvider>().FirstOrDefault()
                ?? throw new ModelException("reach_not_allowed", "The Ollama server of the settings is not this machine.", "Pull the model there.");
            await ollama.PullAsync(reference.ModelId, progress, cancellationToken).ConfigureAwait(false);
            return Activate(new(ProviderKinds.Ollama, reference.ModelId));
        }

        var entry = Catalogue.Get(reference.ModelId);
        using var download = new ModelDownload(Store, _settings.Sources, _time);
        var stored = await download.RunAsync(entry.ToDownload(), progress, cancellationToken).ConfigureAwait(false);
        return Activate(new(ProviderKinds.Local, stored.ModelId));
    }

    /// <summary>Gets a model from an address on the list of allowed sources, with the digest that the person gives.</summary>
    public async Task<ModelChoice> PullFromAsync(DownloadRequest request, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        using var download = new ModelDownload(Store, _settings.Sources, _time);
        var stored = await download.RunAsync(request, progress, cancellationToken).ConfigureAwait(false);
        return Activate(new(ProviderKinds.Local, stored.ModelId));
    }

    /// <summary>Puts a file of this machine into the store and, when no model is active, makes it the active one.</summary>
    public async Task<ModelChoice> AddFileAsync(string modelId, string path, ModelDigest? expected, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var stored = await Store.AddFileAsync(new() { ModelId = modelId }, path, expected, progress, cancellationToken).ConfigureAwait(false);
        return Activate(new(ProviderKinds.Local, stored.ModelId));
    }

    /// <summary>Removes a model. Throws <c>model_not_found</c>, or <c>model_in_use</c> for the active one.</summary>
    public async Task RemoveAsync(string model, CancellationToken cancellationToken)
    {
        var (provider, found) = await _lookup.ResolveAsync(model, provider: null, cancellationToken).ConfigureAwait(false);
        if (Store.Active == new ModelChoice(provider.Kind, found.ModelId))
        {
            throw new ModelException("model_in_use", $"{found.ModelId} is the active model.", "Choose another one first: edgecoder models use <id>");
        }

        switch (provider.Provider)
        {
            case OllamaProvider ollama:
                await ollama.RemoveAsync(found.ModelId, cancellationToken).ConfigureAwait(false);
                break;
            case OpenAICompatibleProvider:
                throw new ModelException("model_not_removable", $"{found.ModelId} belongs to the server {provider.Kind}.", "Remove it there.");
            default:
                Store.Remove(found.ModelId);
                break;
        }
    }

    /// <summary>
    /// Embeds texts with the model named, else that of the role, else one that was made for it: never with another one than the last time, whose numbers
    /// would mean something else. Throws <c>no_model_available</c>, <c>model_not_found</c>, <c>model_not_usable</c> and the faults of the provider.
    /// </summary>
    public async Task<(InstalledModel Model, EmbeddingAnswer Answer)> EmbedAsync(string? model, EmbeddingRequest request, CancellationToken cancellationToken)
    {
        var named = model ?? _settings.Roles.GetValueOrDefault(ModelRole.Embedder);
        if (named is null)
        {
            var found = (await ListAsync(_ => { }, cancellationToken).ConfigureAwait(false)).FirstOrDefault(listed => listed is { Installed: true, Provider: not ProviderKinds.Local } && ModelSelection.IsForEmbeddings(listed.ModelId))
                ?? throw new ModelException("no_model_available", "There is no model for embeddings.", "Name one for the role embedder in models.json, or get one: edgecoder models list");
            named = $"{found.Provider}/{found.ModelId}";
        }

        var (provider, installed) = await _lookup.ResolveAsync(named, provider: null, cancellationToken).ConfigureAwait(false);
        return provider.Provider is IEmbeddingProvider embedder
            ? (installed, await embedder.EmbedAsync(installed.ModelId, request, cancellationToken).ConfigureAwait(false))
            : throw new ModelException("model_not_usable", $"{installed.ModelId} is run by this program's own engine, which gives no embeddings in this version.", "Serve an embedding model with Ollama or any OpenAI-compatible server.");
    }

    /// <summary>Health of every provider that is configured or found, by a real probe.</summary>
    public async Task<IReadOnlyList<(string Provider, ProviderHealth Health)>> HealthAsync(CancellationToken cancellationToken)
    {
        var all = new List<(string, ProviderHealth)>();
        foreach (var provider in _lookup.All)
        {
            all.Add((provider.Kind, await provider.Provider.CheckHealthAsync(cancellationToken).ConfigureAwait(false)));
        }

        return all;
    }

    /// <summary>Proves a model's window and abilities anew, as far as the time limit allows, and remembers them. Without a name, the model that a run would use.</summary>
    public async Task<PreflightReport> PreflightAsync(string? model, TimeSpan limit, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var (provider, id) = await WhichAsync(model, cancellationToken).ConfigureAwait(false);
        await using var raw = await provider.Provider.OpenAsync(id, cancellationToken).ConfigureAwait(false);
        var started = _time.GetTimestamp();
        var report = await new ContextPreflight(raw, provider.Options, _time, progress).RunAsync(limit, cancellationToken).ConfigureAwait(false);
        if (report.ProvenWindow > 0 && !raw.IsDemonstration)
        {
            var left = limit == Timeout.InfiniteTimeSpan ? limit : TimeSpan.FromTicks(Math.Max(0, (limit - _time.GetElapsedTime(started)).Ticks));
            report = report with { Abilities = await new AbilityPreflight(_opening.Guard(raw, provider, report.ForUse(raw)), _time, progress).RunAsync(left, cancellationToken).ConfigureAwait(false) };
        }

        _preflights.Save(report);
        return report;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _lookup.All.Select(provider => provider.Provider).Where(provider => !ReferenceEquals(provider, _local)))
        {
            if (provider is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                (provider as IDisposable)?.Dispose();
            }
        }
    }

    private ModelChoice Activate(ModelChoice choice)
    {
        if (Store.Active is null)
        {
            Store.SetActive(choice);
        }

        return choice;
    }

    private async Task<(HubProvider Provider, string ModelId)> WhichAsync(string? model, CancellationToken cancellationToken)
    {
        var named = ModelSelection.Named(new() { Model = model }, _settings, Store.Active);
        if (named is not null && !IsDemonstration(named.Text))
        {
            var (provider, found) = await _lookup.ResolveAsync(named.Text, named.Provider, cancellationToken).ConfigureAwait(false);
            return (provider, found.ModelId);
        }

        if (named is null && ModelSelection.AmongFound(await _lookup.FindAllAsync(unreachable: null, cancellationToken).ConfigureAwait(false)) is { } among)
        {
            return (_lookup.Of(among.Model.Provider), among.Model.ModelId);
        }

        return _demonstration is null
            ? throw new ModelException("no_model_available", "There is no model to measure.", $"Get one: {GetAModel}")
            : (new(_demonstration, IsConfigured: true), DemonstrationId);
    }

    private async Task<SelectedModel> OpenNamedAsync(NamedModel named, ModelRequest request, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (IsDemonstration(named.Text))
        {
            return await OpenDemonstrationAsync(named.Why, cancellationToken).ConfigureAwait(false)
                ?? throw ModelNames.NotFound(named.Text, []);
        }

        try
        {
            var (provider, found) = await _lookup.ResolveAsync(named.Text, named.Provider, cancellationToken).ConfigureAwait(false);
            return await _opening.OpenAsync(provider, found.ModelId, named.Why, request, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelException e) when (_settings.Fallback.Count > 0 && e.Code is "model_unavailable" or "model_not_found" or "model_error")
        {
            var standIn = await OpenFallbackAsync(named, request, progress, cancellationToken).ConfigureAwait(false);
            if (standIn is null)
            {
                throw;
            }

            return standIn with { Notice = $"{named.Text} cannot be used: {e.Message} The settings name {standIn.Model.Identity.Id} as its fallback." };
        }
    }

    // Every provider of this hub is inside the reach that the work was given, so a fallback cannot cross it.
    private async Task<SelectedModel?> OpenFallbackAsync(NamedModel named, ModelRequest request, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        foreach (var text in _settings.Fallback.Where(text => text != named.Text))
        {
            try
            {
                var (provider, found) = await _lookup.ResolveAsync(text, provider: null, cancellationToken).ConfigureAwait(false);
                var opened = await _opening.OpenAsync(provider, found.ModelId, "a fallback of the settings", request, progress, cancellationToken).ConfigureAwait(false);
                return opened with { FallbackFrom = named.Text };
            }
            catch (ModelException)
            {
                // The next one of the list; the first fault is the one that is told when none works.
            }
        }

        return null;
    }

    private bool IsDemonstration(string text) => text == DemonstrationId && _demonstration is not null;

    private async Task<SelectedModel?> OpenDemonstrationAsync(string why, CancellationToken cancellationToken)
    {
        if (_demonstration is null)
        {
            return null;
        }

        var model = await _demonstration.OpenAsync(DemonstrationId, cancellationToken).ConfigureAwait(false);
        return new()
        {
            Model = _opening.Guard(model, new(_demonstration, IsConfigured: true), report: null),
            Why = why,
            Notice = $"This is the small demonstration model: it knows only a few kinds of short functions. A real model: {GetAModel}",
        };
    }
}
