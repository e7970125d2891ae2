using System.Runtime.InteropServices;
using EdgeCoder.Commands;

namespace EdgeCoder.Workers;

/// <summary>
/// Ctrl-C at a worker: the first takes no new work and lets what runs come to its end, the second gives it back, the third ends the process.
/// A termination signal gives back at once.
/// </summary>
internal sealed class WorkerInterrupts : IDisposable
{
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _stop;
    private readonly PosixSignalRegistration[] _signals;
    private readonly Action<bool> _tell;
    private int _times;

    /// <summary>Listens until it is disposed.</summary>
    /// <param name="listens">Whether this process's own signals are listened to; a test interrupts by hand.</param>
    /// <param name="tell">Told whether the work is given back (true) or comes to its end (false).</param>
    /// <param name="cancellationToken">Stops too.</param>
    public WorkerInterrupts(bool listens, Action<bool> tell, CancellationToken cancellationToken)
    {
        _tell = tell;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _signals = listens ? [Listen(PosixSignal.SIGINT, Interrupt), Listen(PosixSignal.SIGTERM, Terminate)] : [];
    }

    /// <summary>No new work.</summary>
    public CancellationToken Drain => _drain.Token;

    /// <summary>Running work goes back.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>What Ctrl-C does.</summary>
    public void Interrupt()
    {
        switch (Interlocked.Increment(ref _times))
        {
            case 1:
                _tell(false);
                _drain.Cancel();
                break;
            case 2:
                Terminate();
                break;
            default:
                Environment.Exit((int)ExitCode.Cancelled);
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _drain.Dispose();
        _stop.Dispose();
    }

    private void Terminate()
    {
        _tell(true);
        _stop.Cancel();
    }

    private static PosixSignalRegistration Listen(PosixSignal signal, Action action) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    });
}
