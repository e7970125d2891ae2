using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Swaps;

/// <summary>The one pull of this service at a time: its progress over the whole artefact, and what follows it.</summary>
/// <param name="hub">Where models are pulled to.</param>
/// <param name="arrived">Called when a model is here that is to become the active one.</param>
/// <param name="path">File that remembers it.</param>
/// <param name="time">The clock.</param>
internal sealed class ModelPulls(ModelHub hub, Func<string, CancellationToken, Task> arrived, string path, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private PullMemory _memory = PullMemory.Read(path);
    private TransferProgress? _progress;
    private string _status = "idle";
    private CancellationTokenSource? _cancel;
    private Task _running = Task.CompletedTask;

    /// <summary>How far it is.</summary>
    public PullView Progress
    {
        get
        {
            lock (_gate)
            {
                return _memory.Model is null ? PullView.Idle
                    : _memory.Error is { } error ? new("error", _memory.Model, _progress?.Percent, _progress?.CompletedBytes, _progress?.TotalBytes, _memory.StartedAtMs, error)
                    : new(_status, _memory.Model, _status == "pulling_model" ? _progress?.Percent ?? 0 : 100, _progress?.CompletedBytes ?? 0, _progress?.TotalBytes ?? 0, _memory.StartedAtMs);
            }
        }
    }

    /// <summary>The model that becomes the active one when it is here; null when none.</summary>
    public string? PendingActivation
    {
        get
        {
            lock (_gate)
            {
                return _memory.Activate ? _memory.Model : null;
            }
        }
    }

    /// <summary>Ends with the pull that runs now, and what follows it. Never faults.</summary>
    public Task Running => _running;

    /// <summary>
    /// Begins to pull. The same model again only changes whether it is activated. Throws <see cref="ModelException"/>: <c>pull_busy</c> while another one is
    /// pulled, <c>model_not_found</c> for one that nobody has, <c>ollama_not_running</c>.
    /// </summary>
    public async Task StartAsync(string model, bool activate, CancellationToken cancellationToken)
    {
        var reference = await hub.PullableAsync(model, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (_cancel is not null)
            {
                if (_memory.Model != model)
                {
                    throw new ModelException("pull_busy", $"{_memory.Model} is being pulled.", "Wait for it, or cancel it: POST /model/pull/cancel");
                }

                _memory.Activate |= activate;
                _memory.Write(path);
                return;
            }

            // A try that was interrupted keeps what was to follow it.
            var pending = activate || (_memory.Model == model && _memory.Activate);
            _memory = new() { Model = model, Activate = pending, StartedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds() };
            _memory.Write(path);
            (_progress, _status) = (null, "pulling_model");
            _cancel = new();
            _running = Task.Run(() => RunAsync(reference, _cancel.Token), CancellationToken.None);
        }
    }

    /// <summary>Ends the pull that runs; what is here already is kept for the next try.</summary>
    public async Task CancelAsync()
    {
        Task running;
        lock (_gate)
        {
            _cancel?.Cancel();
            running = _running;
        }

        await running.ConfigureAwait(false);
        lock (_gate)
        {
            if (_cancel is null)
            {
                Forget();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_gate)
        {
            _cancel?.Cancel();
            running = _running;
        }

        await running.ConfigureAwait(false);
        _cancel?.Dispose();
    }

    // 1. Pull. 2. Activate, when that was asked for. 3. Nothing is left to tell, or why not.
    private async Task RunAsync(string reference, CancellationToken cancellationToken)
    {
        string? error = null;
        try
        {
            var choice = await hub.PullAsync(reference, new Listener(this), cancellationToken).ConfigureAwait(false);
            bool activate;
            lock (_gate)
            {
                (_status, activate) = ("activating", _memory.Activate);
            }

            if (activate)
            {
                await arrived($"{choice.Provider}/{choice.ModelId}", cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            error = "pull_cancelled: The pull was ended. Pull again; it goes on where it stopped.";
        }
        catch (ModelException fault)
        {
            error = $"{(fault.Code is "model_unavailable" ? "pull_request_failed" : fault.Code)}: {fault.Message}";
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            error = $"pull_fetch_error: {fault.Message}";
        }

        lock (_gate)
        {
            _cancel?.Dispose();
            _cancel = null;
            if (error is null)
            {
                Forget();
            }
            else
            {
                _memory.Error = error;
                _memory.Write(path);
            }
        }
    }

    private void Forget()
    {
        _memory = new();
        _memory.Write(path);
        (_progress, _status) = (null, "idle");
    }

    private sealed class Listener(ModelPulls pulls) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            lock (pulls._gate)
            {
                pulls._progress = value;
            }
        }
    }
}
