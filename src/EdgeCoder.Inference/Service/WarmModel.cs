using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Service;

/// <summary>
/// Opens models for requests. Which one is chosen anew each time, so that a swap counts from the next request on (agent-executor-models 10, M3); the
/// last one stays open for a while, because loading one takes seconds and a second holder of it shares its process.
/// </summary>
internal sealed class WarmModel : IAsyncDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);

    private readonly ModelHub _hub;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private SelectedModel? _held;
    private bool _disposed;

    public WarmModel(ModelHub hub, TimeProvider time)
    {
        _hub = hub;
        _timer = time.CreateTimer(_ => _ = HoldAsync(null).AsTask(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Opens a model. Give it back with <see cref="ReturnAsync"/>. Throws <see cref="ModelException"/>.</summary>
    public Task<SelectedModel> OpenAsync(ModelRequest request, CancellationToken cancellationToken) => _hub.OpenAsync(request, progress: null, cancellationToken);

    /// <summary>Gives a model back: it is now the one that stays open.</summary>
    public async ValueTask ReturnAsync(SelectedModel model)
    {
        await HoldAsync(model).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_disposed)
            {
                _timer.Change(Idle, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        await HoldAsync(null).ConfigureAwait(false);
    }

    private async ValueTask HoldAsync(SelectedModel? model)
    {
        SelectedModel? before;
        SelectedModel? refused = null;
        lock (_gate)
        {
            before = _held;
            _held = _disposed ? null : model;
            refused = _disposed ? model : null;
        }

        foreach (var leaving in new[] { before, refused })
        {
            if (leaving is not null)
            {
                await leaving.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
