using EdgeCoder.Inference.Local.Client;

namespace EdgeCoder.Inference.Local;

/// <summary>Workers by model file: whoever opens a model that is open already shares its process, and the last one to leave ends it.</summary>
internal sealed class OpenWorkers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>The worker for this key, made if there is none. Give it back with <see cref="ReturnAsync"/>.</summary>
    public LlamaWorkerClient Take(string key, Func<LlamaWorkerClient> make)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries[key] = entry = new(make());
            }

            entry.Users++;
            return entry.Worker;
        }
    }

    /// <summary>Gives a worker back.</summary>
    public async ValueTask ReturnAsync(string key)
    {
        Entry entry;
        lock (_gate)
        {
            entry = _entries[key];
            if (--entry.Users > 0)
            {
                return;
            }

            _entries.Remove(key);
        }

        await entry.Worker.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Entry(LlamaWorkerClient worker)
    {
        public LlamaWorkerClient Worker { get; } = worker;

        public int Users { get; set; }
    }
}
