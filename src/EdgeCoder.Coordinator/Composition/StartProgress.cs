namespace EdgeCoder.Coordinator.Composition;

/// <summary>
/// What of this process does not work yet although the coordinator listens: a sandbox whose self-test is running, a worker that opens its model.
/// Nothing asks it before running code: each executor proves its own sandbox first. It is what <c>GET /status</c> tells.
/// </summary>
internal sealed class StartProgress
{
    private readonly Lock _gate = new();
    private readonly List<string> _unfinished = [];

    /// <summary>Sentences for people, oldest first; empty when everything works.</summary>
    public IReadOnlyList<string> Unfinished
    {
        get
        {
            lock (_gate)
            {
                return [.. _unfinished];
            }
        }
    }

    /// <summary>Tells that something does not work yet; disposing what it gives takes that back.</summary>
    public IDisposable Begin(string what)
    {
        lock (_gate)
        {
            _unfinished.Add(what);
        }

        return new End(this, what);
    }

    private sealed class End(StartProgress progress, string what) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                lock (progress._gate)
                {
                    progress._unfinished.Remove(what);
                }
            }
        }
    }
}
