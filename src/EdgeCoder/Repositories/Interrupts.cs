using System.Runtime.InteropServices;

namespace EdgeCoder.Repositories;

/// <summary>Ctrl-C in a conversation: it stops the request under way; between requests, or before that one has ended, it ends the conversation.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _all;
    private readonly PosixSignalRegistration? _signal;
    private CancellationTokenSource? _request;

    /// <summary>Listens to the terminal until it is disposed.</summary>
    /// <param name="listens">Whether this process's own signal is listened to; a test interrupts by hand.</param>
    /// <param name="cancellationToken">Ends the conversation too.</param>
    public Interrupts(bool listens, CancellationToken cancellationToken)
    {
        _all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _signal = listens
            ? PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
            {
                context.Cancel = true;
                Interrupt();
            })
            : null;
    }

    /// <summary>Ends the conversation.</summary>
    public CancellationToken Conversation => _all.Token;

    /// <summary>Does something that the first Ctrl-C stops alone.</summary>
    public async Task<T> DoAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        using var request = CancellationTokenSource.CreateLinkedTokenSource(_all.Token);
        Use(request);
        try
        {
            return await work(request.Token);
        }
        finally
        {
            Use(null);
        }
    }

    /// <summary>What Ctrl-C does.</summary>
    public void Interrupt()
    {
        lock (_lock)
        {
            (_request is { IsCancellationRequested: false } request ? request : _all).Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signal?.Dispose();
        _all.Dispose();
    }

    private void Use(CancellationTokenSource? request)
    {
        lock (_lock)
        {
            _request = request;
        }
    }
}
