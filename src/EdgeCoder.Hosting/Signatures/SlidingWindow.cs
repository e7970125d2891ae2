namespace EdgeCoder.Hosting.Signatures;

/// <summary>
/// A sliding limit: at most so many events in any span of the window's length. Pure; <c>now</c> is a value that does not go back, in milliseconds. Not safe for
/// use by several threads.
/// </summary>
/// <param name="limit">Most events in a window, 1 or more.</param>
/// <param name="windowMs">Length of the window.</param>
public sealed class SlidingWindow(int limit, long windowMs)
{
    // Times of the last events, oldest at _first, as a ring that grows to the limit.
    private long[] _times = new long[Math.Min(limit, 8)];
    private int _first;

    /// <summary>Events that the window still holds.</summary>
    public int Count { get; private set; }

    /// <summary>Whether another event would fit.</summary>
    public bool HasRoom(long now)
    {
        Forget(now);
        return Count < limit;
    }

    /// <summary>Counts an event if it fits, and says whether it did.</summary>
    public bool TryAdd(long now)
    {
        if (!HasRoom(now))
        {
            return false;
        }

        if (Count == _times.Length)
        {
            Grow();
        }

        _times[(_first + Count++) % _times.Length] = now;
        return true;
    }

    /// <summary>Takes the newest event back.</summary>
    public void TakeBack()
    {
        if (Count > 0)
        {
            Count--;
        }
    }

    /// <summary>Milliseconds until another event fits; 0 when one fits now.</summary>
    public long WaitMs(long now) => HasRoom(now) ? 0 : _times[_first] + windowMs - now;

    private void Forget(long now)
    {
        while (Count > 0 && _times[_first] <= now - windowMs)
        {
            _first = (_first + 1) % _times.Length;
            Count--;
        }
    }

    private void Grow()
    {
        var grown = new long[Math.Min(limit, _times.Length * 2)];
        for (var i = 0; i < Count; i++)
        {
            grown[i] = _times[(_first + i) % _times.Length];
        }

        (_times, _first) = (grown, 0);
    }
}
