using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.IdeProvider.Routing;

/// <summary>The bounded line in front of the models of this machine: some calls run, some wait in the order of their coming, the rest are told to come again.</summary>
/// <param name="cap">Calls at once.</param>
/// <param name="room">Calls that may wait.</param>
internal sealed class LocalLine(int cap, int room) : IDisposable
{
    private readonly SemaphoreSlim _free = new(cap, cap);
    private int _waiting;

    /// <summary>Calls at once.</summary>
    public int Cap => cap;

    /// <summary>Calls that run.</summary>
    public int Active => cap - _free.CurrentCount;

    /// <summary>Calls that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits for its turn. Throws <see cref="Refusal"/> 503 <c>local_busy</c> when the line is full. Leave it with <see cref="Leave"/>.</summary>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        if (_free.Wait(0, CancellationToken.None))
        {
            return;
        }

        if (Interlocked.Increment(ref _waiting) > room)
        {
            Interlocked.Decrement(ref _waiting);
            throw new Refusal(503, "local_busy", $"{cap} calls run and {room} wait for the models of this machine. Try again in a moment.") { RetryAfter = 2 };
        }

        try
        {
            await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>The next one's turn.</summary>
    public void Leave() => _free.Release();

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();
}
