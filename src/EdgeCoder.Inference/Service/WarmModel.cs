using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Service;

/// <summary>
/// Opens models for the requests of one reach. Which one is meant is decided anew for each request, so that a swap counts from the next request on
/// (agent-executor-models 10, M3). An opening is shared by requests that ask for the same within <see cref="Fresh"/>, because asking a server what it has
/// costs more than many answers; and the last few models stay open for a while, because loading one takes seconds. The same file opened twice is one process.
/// </summary>
internal sealed class WarmModel : IAsyncDisposable
{
    private const int MostIdle = 2;
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly ModelHub _hub;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly List<Opening> _openings = [];
    private bool _disposed;

    public WarmModel(ModelHub hub, TimeProvider time)
    {
        (_hub, _time) = (hub, time);
        _timer = time.CreateTimer(_ => _ = ReleaseAsync().AsTask(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The models that it opens.</summary>
    public ModelHub Hub => _hub;

    /// <summary>Opens a model. Give it back with <see cref="ReturnAsync"/>. Throws <see cref="ModelException"/>.</summary>
    public async Task<SelectedModel> OpenAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        var key = (request, _hub.Store.Active);
        lock (_gate)
        {
            if (_openings.Find(opening => opening.Key == key && opening.IsShared && _time.GetElapsedTime(opening.At) < Fresh) is { } shared)
            {
                shared.Users++;
                return shared.Model;
            }
        }

        var model = await _hub.OpenAsync(request, progress: null, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            _openings.Add(new(key, model, _time.GetTimestamp()) { Users = 1 });
        }

        return model;
    }

    /// <summary>Gives a model back. One that <paramref name="failed"/> is opened anew by the next request.</summary>
    public async ValueTask ReturnAsync(SelectedModel model, bool failed = false)
    {
        List<Opening> leaving;
        lock (_gate)
        {
            var own = _openings.Find(opening => ReferenceEquals(opening.Model, model))!;
            own.Users--;
            own.IsShared &= !failed;
            own.LastUsed = _time.GetTimestamp();
            if (!_disposed)
            {
                _timer.Change(Idle, Timeout.InfiniteTimeSpan);
            }

            // One opening a model, the last used: what is older of it holds nothing that the newer one does not.
            var idle = _openings.Where(opening => opening.Users == 0).OrderByDescending(opening => opening.LastUsed).ToList();
            var kept = _disposed ? [] : idle.Where(opening => opening.IsShared).DistinctBy(opening => opening.Model.Model.Identity.Id).Take(MostIdle).ToList();
            leaving = [.. idle.Except(kept)];
            _openings.RemoveAll(leaving.Contains);
        }

        await CloseAsync(leaving).ConfigureAwait(false);
    }

    /// <summary>Closes what nobody uses now, and shares nothing that was opened before: after a swap or a removal.</summary>
    public async ValueTask ReleaseAsync()
    {
        List<Opening> leaving;
        lock (_gate)
        {
            _openings.ForEach(opening => opening.IsShared = false);
            leaving = [.. _openings.Where(opening => opening.Users == 0)];
            _openings.RemoveAll(leaving.Contains);
        }

        await CloseAsync(leaving).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        await ReleaseAsync().ConfigureAwait(false);
    }

    private static async ValueTask CloseAsync(IEnumerable<Opening> leaving)
    {
        foreach (var opening in leaving)
        {
            await opening.Model.DisposeAsync().ConfigureAwait(false);
        }
    }

    private sealed class Opening((ModelRequest Request, ModelChoice? Active) key, SelectedModel model, long at)
    {
        public (ModelRequest Request, ModelChoice? Active) Key { get; } = key;

        public SelectedModel Model { get; } = model;

        public long At { get; } = at;

        public long LastUsed { get; set; } = at;

        public int Users { get; set; }

        /// <summary>Whether a later request may use it too.</summary>
        public bool IsShared { get; set; } = true;
    }
}
