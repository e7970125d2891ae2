using System.Collections.Concurrent;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>One <see cref="SlidingWindow"/> for each key, safe for use by many threads. Empty windows are forgotten, so memory follows the traffic.</summary>
/// <param name="limit">As for one.</param>
/// <param name="window">As for one.</param>
/// <param name="time">Clock.</param>
internal sealed class SlidingWindows(int limit, TimeSpan window, TimeProvider time)
{
    private const int SweepFrom = 1024;

    private readonly ConcurrentDictionary<string, SlidingWindow> _windows = new(StringComparer.Ordinal);
    private readonly long _windowMs = (long)window.TotalMilliseconds;
    private long _nextSweep;

    public int Keys => _windows.Count;

    /// <summary>Counts an event if it fits; else gives the whole seconds after which one fits.</summary>
    public bool TryAdd(string key, out int retryAfter)
    {
        var now = Now();
        Sweep(now);
        while (true)
        {
            var one = _windows.GetOrAdd(key, static (_, self) => new SlidingWindow(self.limit, self._windowMs), (limit, _windowMs));
            lock (one)
            {
                // A sweep may have taken it out in between; what is counted there would be lost.
                if (!_windows.TryGetValue(key, out var current) || current != one)
                {
                    continue;
                }

                var added = one.TryAdd(now);
                retryAfter = added ? 0 : Seconds(one.WaitMs(now));
                return added;
            }
        }
    }

    /// <summary>Whether another event would fit; else gives the whole seconds after which one fits.</summary>
    public bool HasRoom(string key, out int retryAfter)
    {
        retryAfter = 0;
        if (!_windows.TryGetValue(key, out var one))
        {
            return true;
        }

        lock (one)
        {
            var now = Now();
            retryAfter = one.HasRoom(now) ? 0 : Seconds(one.WaitMs(now));
            return retryAfter == 0;
        }
    }

    /// <summary>Takes the newest event back.</summary>
    public void TakeBack(string key)
    {
        if (_windows.TryGetValue(key, out var one))
        {
            lock (one)
            {
                one.TakeBack();
            }
        }
    }

    private static int Seconds(long milliseconds) => (int)Math.Max(1, (milliseconds + 999) / 1000);

    private void Sweep(long now)
    {
        var due = Volatile.Read(ref _nextSweep);
        if (_windows.Count < SweepFrom || now < due || Interlocked.CompareExchange(ref _nextSweep, now + _windowMs, due) != due)
        {
            return;
        }

        foreach (var (key, one) in _windows)
        {
            lock (one)
            {
                if (one.HasRoom(now) && one.Count == 0)
                {
                    _windows.TryRemove(KeyValuePair.Create(key, one));
                }
            }
        }
    }

    // Not the wall clock, which can go back.
    private long Now() => (long)time.GetElapsedTime(0, time.GetTimestamp()).TotalMilliseconds;
}
