namespace EdgeCoder.Agent.Calls;

/// <summary>The running time limits of one call. Its token ends the call when the first piece, the next piece or the end is late, or the caller cancels.</summary>
public sealed class CallLimit : IDisposable
{
    private static readonly AsyncLocal<CancellationToken> Flowing = new();

    private readonly CallTimes? _times;
    private readonly CancellationTokenSource? _total;
    private readonly CancellationTokenSource? _next;
    private readonly CancellationTokenSource _linked;
    private bool _started;

    /// <param name="times">The limits; null for none.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public CallLimit(CallTimes? times, TimeProvider time, CancellationToken cancellationToken)
    {
        _times = times;
        if (times is null)
        {
            _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            return;
        }

        _total = new(times.Total, time);
        _next = new(times.FirstToken, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _total.Token, _next.Token);
    }

    /// <summary>Cancelled when a limit has passed or the caller cancels.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>
    /// Token of the call that this code works for; none outside of a call. <see cref="HttpClient"/> hands its handlers a token that dies with the headers,
    /// so what reads the body afterwards cannot know the call's own in any other way.
    /// </summary>
    public static CancellationToken Current => Flowing.Value;

    /// <summary>Makes this the call that what follows in this method works for.</summary>
    public void Enter() => Flowing.Value = Token;

    /// <summary>Which limit passed, for a person; null when none did.</summary>
    public string? Passed => _times switch
    {
        null => null,
        _ when _total!.IsCancellationRequested => $"no whole answer in {_times.Total.TotalSeconds:0.#} s",
        _ when _next!.IsCancellationRequested => _started ? $"nothing for {_times.Stall.TotalSeconds:0.#} s" : $"no first token in {_times.FirstToken.TotalSeconds:0.#} s",
        _ => null,
    };

    /// <summary>A piece came.</summary>
    public void Progress()
    {
        _started = true;
        _next?.CancelAfter(_times!.Stall);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _linked.Dispose();
        _next?.Dispose();
        _total?.Dispose();
    }
}
