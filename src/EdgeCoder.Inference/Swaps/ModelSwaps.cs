using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;

namespace EdgeCoder.Inference.Swaps;

/// <summary>
/// Changes and shows the active model (agent-executor-models 4.6). A model becomes the active one only after it was loaded and its window proven; it is then
/// the active one for everything that asks the store, in this process and others. What runs on the old one ends on it.
/// </summary>
internal sealed class ModelSwaps : IAsyncDisposable
{
    private readonly ReachModels _models;
    private readonly ModelHub _hub;
    private readonly ModelPulls _pulls;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private volatile string? _loading;
    private volatile string? _error;

    public ModelSwaps(ReachModels models, string dataDirectory, TimeProvider time)
    {
        _models = models;
        _hub = models.Team.Hub;
        _pulls = new(_hub, async (model, token) => await ActivateAsync(model, token).ConfigureAwait(false), Path.Combine(dataDirectory, "pull.json"), time);
    }

    /// <summary>The pull that runs, or the last one that failed.</summary>
    public ModelPulls Pulls => _pulls;

    /// <summary>Changes the active model, or begins to pull the one that is not here. A fault is an answer too: the one before stays active.</summary>
    public async Task<SwapAnswer> SwapAsync(string model, bool activate, CancellationToken cancellationToken)
    {
        var previous = _hub.Store.Active?.ModelId;
        try
        {
            if (await IsHereAsync(model, cancellationToken).ConfigureAwait(false))
            {
                if (activate)
                {
                    // A caller that goes away does not stop what others will use.
                    await ActivateAsync(model, _closing.Token).WaitAsync(cancellationToken).ConfigureAwait(false);
                }

                return await AnswerAsync(previous, "ready", cancellationToken).ConfigureAwait(false);
            }

            await _pulls.StartAsync(model, activate, cancellationToken).ConfigureAwait(false);
            return await AnswerAsync(previous, "pulling", cancellationToken).ConfigureAwait(false) with { Progress = _pulls.Progress.ProgressPct };
        }
        catch (ModelException fault)
        {
            var error = fault.Code == "model_unavailable" && await IsOllamaGoneAsync(cancellationToken).ConfigureAwait(false) ? $"ollama_not_running: {fault.Message}" : Said(fault);
            return await AnswerAsync(previous, "error", cancellationToken).ConfigureAwait(false) with { Error = error };
        }
    }

    /// <summary>The state now, with real probes.</summary>
    public async Task<ModelStatusView> StatusAsync(CancellationToken cancellationToken)
    {
        var listed = await _hub.ListAsync(_ => { }, cancellationToken).ConfigureAwait(false);
        var health = await _hub.HealthAsync(cancellationToken).ConfigureAwait(false);
        var active = _hub.Store.Active;
        var found = active is null ? _hub.Unnamed(listed) : listed.FirstOrDefault(model => model.Active);
        var progress = _pulls.Progress;
        var error = _error ?? (active is not null && found is null ? $"model_not_found: {active.ModelId} is the active model and not here, or its server does not answer." : null);
        return new()
        {
            Model = active?.ModelId ?? found?.ModelId,
            ParamSize = found?.ParamSize,
            Status = _loading is not null ? "loading" : error is not null ? "error" : found is null ? "no_model" : "ready",
            OllamaHealthy = health.Any(provider => provider.Provider == ProviderKinds.Ollama && provider.Health.Ok),
            PullProgress = progress.Status is "pulling_model" ? progress.ProgressPct : null,
            Digest = found?.Digest,
            Provider = found?.Provider ?? active?.Provider,
            ProvenContext = found?.ProvenContext,
            PendingActivation = _pulls.PendingActivation ?? _loading,
            Error = error,
        };
    }

    /// <summary>Every model; at most one is active.</summary>
    public async Task<IReadOnlyList<ModelListView>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _hub.ListAsync(_ => { }, cancellationToken).ConfigureAwait(false)).Select(model => new ModelListView(
            model.ModelId, model.ParamSize, model.Quantization, model.Installed, model.Active,
            model.Provider == ProviderKinds.Ollama ? "ollama" : model.Provider == ProviderKinds.Local ? model.Provider : ProviderKinds.OpenAICompatible,
            model.Digest, model.ProvenContext))];

    /// <summary>Removes a model that is not active. Throws <see cref="ModelException"/>.</summary>
    public async Task RemoveAsync(string model, CancellationToken cancellationToken)
    {
        await _hub.RemoveAsync(model, cancellationToken).ConfigureAwait(false);
        await _models.ReleaseAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _pulls.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
        _one.Dispose();
    }

    private async Task ActivateAsync(string model, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        _loading = model;
        try
        {
            await using var opened = await _hub.ActivateAsync(model, progress: null, cancellationToken).ConfigureAwait(false);
            _error = null;

            // What was warm gives way first; then the new one is kept open for the next request.
            await _models.ReleaseAsync().ConfigureAwait(false);
            await _models.Team.ReturnAsync(await _models.Team.OpenAsync(new(), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (ModelException fault)
        {
            _error = Said(fault);
            throw;
        }
        finally
        {
            _loading = null;
            _one.Release();
        }
    }

    private async Task<bool> IsHereAsync(string model, CancellationToken cancellationToken)
    {
        try
        {
            await _hub.FindAsync(model, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ModelException fault) when (fault.Code == "model_not_found")
        {
            return false;
        }
    }

    private async Task<bool> IsOllamaGoneAsync(CancellationToken cancellationToken) =>
        (await _hub.HealthAsync(cancellationToken).ConfigureAwait(false)).Any(provider => provider.Provider == ProviderKinds.Ollama && !provider.Health.Ok);

    private async Task<SwapAnswer> AnswerAsync(string? previous, string status, CancellationToken cancellationToken)
    {
        var active = (await _hub.ListAsync(_ => { }, cancellationToken).ConfigureAwait(false)).FirstOrDefault(model => model.Active);
        return new(previous, _hub.Store.Active?.ModelId, status, active?.ParamSize);
    }

    private static string Said(ModelException fault) => $"{fault.Code}: {fault.Message}";
}
