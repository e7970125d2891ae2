using System.Runtime.InteropServices;

namespace EdgeCoder.Commands;

/// <summary>The first Ctrl-C stops the work in order; who presses it again wants the process to end now.</summary>
internal static class SecondInterrupt
{
    /// <summary>Listens until it is disposed.</summary>
    public static IDisposable EndsTheProcess()
    {
        var times = 0;
        return PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            if (Interlocked.Increment(ref times) > 1)
            {
                Environment.Exit((int)ExitCode.Cancelled);
            }
        });
    }
}
