using System.Globalization;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Commands;
using EdgeCoder.Inference.Preflight;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Workers;

/// <summary>The models of this machine for work of others. The hub holds no client that could leave the machine, so nobody's work goes further than here.</summary>
internal sealed class HubModels : IWorkerModels, IAsyncDisposable
{
    private readonly ModelHub _hub;
    private readonly PreflightStore _preflights;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<string, (SelectedModel Selected, WorkerModel Model)> _open = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, long> _parameters = new Dictionary<string, long>();
    private readonly CancellationTokenSource _closing = new();
    private WorkerModel? _active;
    private ModelChoice? _chosen;
    private Task _following = Task.CompletedTask;

    private HubModels(ModelHub hub, PreflightStore preflights) => (_hub, _preflights) = (hub, preflights);

    /// <inheritdoc/>
    /// <remarks>Whoever swaps the active model of this machine swaps it here too: the next heartbeat and the next lease after the new one is open have it.</remarks>
    public WorkerModel Active
    {
        get
        {
            _ = FollowAsync();
            return _active ?? throw new InvalidOperationException("No model was opened.");
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<WorkerModel> Proven
    {
        get
        {
            lock (_open)
            {
                return [.. _open.Values.Select(one => one.Model)];
            }
        }
    }

    /// <summary>What a person should know of the model; null when there is nothing.</summary>
    public string? Notice { get; private set; }

    /// <summary>Chooses a model as the settings say, opens and proves it. Throws <see cref="ModelException"/>.</summary>
    public static async Task<HubModels> OpenAsync(Surroundings surroundings, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var directories = surroundings.Directories();
        var models = new HubModels(ModelParts.Hub(surroundings, directories, "local"), new(directories.Data));
        try
        {
            models._parameters = (await models._hub.ListAsync(static _ => { }, cancellationToken)).Where(model => model.ParamSize is not null)
                .Select(model => (model.ModelId, Size: Parse(model.ParamSize!))).Where(model => model.Size is not null)
                .GroupBy(model => model.ModelId, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().Size!.Value, StringComparer.Ordinal);
            models._chosen = models._hub.Store.Active;
            models._active = await models.OpenOneAsync(null, progress, cancellationToken);
            return models;
        }
        catch
        {
            await models.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<WorkerModel?> ForAsync(string? requested, bool required, CancellationToken cancellationToken)
    {
        await FollowAsync().WaitAsync(cancellationToken);
        if (requested is null || Active.Is(requested))
        {
            return Active;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            return Proven.FirstOrDefault(model => model.Is(requested)) ?? await OpenOneAsync(requested, new Progress<string>(), cancellationToken);
        }
        catch (ModelException)
        {
            return required ? null : Active;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _following;
        foreach (var (selected, _) in _open.Values)
        {
            await selected.DisposeAsync();
        }

        await _hub.DisposeAsync();
        _one.Dispose();
        _closing.Dispose();
    }

    // Looks whether another model is the active one by now, and opens it beside the old one, on which work under way ends. One that cannot be opened
    // changes nothing.
    private Task FollowAsync()
    {
        lock (_open)
        {
            var chosen = Chosen();
            return chosen == _chosen || !_following.IsCompleted || _closing.IsCancellationRequested ? _following : _following = SwitchAsync(chosen);
        }
    }

    // A file of the store that cannot be read is no swap.
    private ModelChoice? Chosen()
    {
        try
        {
            return _hub.Store.Active;
        }
        catch (ModelException)
        {
            return _chosen;
        }
    }

    private async Task SwitchAsync(ModelChoice? chosen)
    {
        await Task.Yield();
        try
        {
            _active = await OpenOneAsync(null, new Progress<string>(), _closing.Token);
        }
        catch (Exception fault) when (fault is ModelException or OperationCanceledException)
        {
            // The one before goes on; the next swap is another try.
        }

        _chosen = chosen;
    }

    private async Task<WorkerModel> OpenOneAsync(string? name, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var selected = await SelectAsync(name, progress, cancellationToken);
        var agent = ModelParts.Agent(selected);
        var opened = selected.Model;
        var speed = opened.Preflight is { } subject ? _preflights.Find(subject)?.Speed?.DecodePerSecond : null;
        var claim = new Protocol.Agents.AgentModelClaim(
            opened.Identity.Id, opened.Identity.Digest, opened.Window, agent.CallsTools ? "native" : agent.ObeysJsonSchema ? "json" : "text", speed is > 0 and < double.PositiveInfinity ? Math.Round(speed.Value, 2) : null);
        var provider = opened.Identity.Provider is ProviderKinds.Local or ProviderKinds.Ollama ? opened.Identity.Provider : opened.IsDemonstration ? ProviderKinds.Local : ProviderKinds.OpenAICompatible;
        var model = new WorkerModel(agent, claim, provider, _parameters.TryGetValue(opened.Identity.Id, out var size) ? size : null);
        (SelectedModel Selected, WorkerModel Model) known;
        lock (_open)
        {
            if (!_open.TryGetValue(opened.Identity.Id, out known))
            {
                _open[opened.Identity.Id] = (selected, model);
            }
        }

        if (known.Selected is not null)
        {
            await selected.DisposeAsync();
            return known.Model;
        }

        Notice ??= selected.Notice;
        return model;
    }

    // Repository work needs a larger window than a snippet; a model that cannot prove the larger one may still do snippets.
    private async Task<SelectedModel> SelectAsync(string? name, IProgress<string> progress, CancellationToken cancellationToken)
    {
        try
        {
            return await _hub.OpenAsync(new() { Model = name, NeededWindow = RepositoryAgent.LeastWindow }, progress, cancellationToken);
        }
        catch (ModelException fault) when (fault.Code.StartsWith("window_", StringComparison.Ordinal))
        {
            return await _hub.OpenAsync(new() { Model = name }, progress, cancellationToken);
        }
    }

    /// <summary>1.5B as a number; null for what is not one.</summary>
    internal static long? Parse(string size)
    {
        var factor = size.Trim().ToUpperInvariant() is { Length: > 1 } text ? text[^1] switch { 'B' => 1e9, 'M' => 1e6, 'K' => 1e3, _ => 0 } : 0;
        return factor > 0 && double.TryParse(size.Trim()[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1e6 ? (long)(number * factor) : null;
    }
}
