using EdgeCoder.Hosting.Signatures;

namespace EdgeCoder.AnchorProxy.Broadcasts;

/// <summary>Broadcasts asked for in any 60 seconds (economy-and-ledger 13.5). Failures count: a caller in a loop must not become one of the node's.</summary>
internal sealed class BroadcastLimit(int most, TimeProvider time)
{
    private const long WindowMs = 60_000;

    private readonly SlidingWindow _window = new(most, WindowMs);
    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();

    /// <summary>Most in a window.</summary>
    public int Most => most;

    /// <summary>In the window now.</summary>
    public int Current
    {
        get
        {
            lock (_gate)
            {
                _window.HasRoom(NowMs);
                return _window.Count;
            }
        }
    }

    /// <summary>Counts one if it fits; else gives the whole seconds after which one does.</summary>
    public bool TryTake(out int retryAfter)
    {
        lock (_gate)
        {
            var taken = _window.TryAdd(NowMs);
            retryAfter = taken ? 0 : (int)Math.Max(1, (_window.WaitMs(NowMs) + 999) / 1000);
            return taken;
        }
    }

    private long NowMs => (long)time.GetElapsedTime(_start).TotalMilliseconds;
}
