using System.IO.Pipes;
using System.Runtime.InteropServices;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Native;

/// <summary>
/// A process that posix_spawn started in a process group of its own, on any Unix: pipes of the runtime, a file for its input, a thread that waits for it. macOS has
/// no pipe2, no file in memory and no process descriptor.
/// </summary>
internal class SpawnedProcess : StreamedProcess
{
    private const short SetProcessGroup = 2; // POSIX_SPAWN_SETPGROUP, the same on Linux and macOS
    private const int LastDescriptor = 4;

    private readonly ChildProcess child;
    private readonly AnonymousPipeServerStream[] host;
    private readonly TaskCompletionSource<(int Status, long CpuMs)> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private bool gone;

    /// <summary>Starts it.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its argument vector.</param>
    /// <param name="environment">Its whole environment.</param>
    /// <param name="inputFile">What it reads.</param>
    /// <param name="flags">Further flags of posix_spawn.</param>
    public SpawnedProcess(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string inputFile, short flags = 0)
    {
        host =
        [
            new(PipeDirection.In, HandleInheritability.None), new(PipeDirection.In, HandleInheritability.None),
            new(PipeDirection.Out, HandleInheritability.None), new(PipeDirection.In, HandleInheritability.None),
        ];
        try
        {
            using var input = File.OpenHandle(inputFile);
            child = ChildProcess.Start(path, arguments, environment, Descriptors(input), (short)(SetProcessGroup | flags));
        }
        catch
        {
            Array.ForEach(host, stream => stream.Dispose());
            throw;
        }

        foreach (var stream in host)
        {
            stream.DisposeLocalCopyOfClientHandle();
        }

        new Thread(Wait) { IsBackground = true, Name = "sandbox wait" }.Start();
    }

    /// <summary>Its process id, and that of its group.</summary>
    public int Pid => child.Pid;

    /// <inheritdoc/>
    public override Stream Stdout => host[0];

    /// <inheritdoc/>
    public override Stream Stderr => host[1];

    /// <inheritdoc/>
    public override Stream Job => host[2];

    /// <inheritdoc/>
    public override Stream Report => host[3];

    /// <inheritdoc/>
    public override Task<(int Status, long CpuMs)> Exited => exited.Task;

    /// <inheritdoc/>
    public override void Kill()
    {
        // The number may mean another process once it has been waited for. Who left the group is not reached: the sandbox forbids to start anybody.
        lock (gate)
        {
            if (!gone)
            {
                _ = Libc.Kill(-child.Pid, Libc.SignalKill);
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Kill();
        await Exited.ConfigureAwait(false);
        Array.ForEach(host, stream => stream.Dispose());
        GC.SuppressFinalize(this);
    }

    // In the order of the child's descriptors. One that had a number of theirs already would be overwritten by the one before it.
    private List<SafeHandle> Descriptors(SafeHandle input)
    {
        List<SafeHandle> all = [input, .. host.Select(stream => stream.ClientSafePipeHandle)];
        return all.Exists(handle => handle.DangerousGetHandle() <= LastDescriptor) ? throw new IOException("One of the standard streams of this process is closed.") : all;
    }

    private void Wait()
    {
        try
        {
            child.WaitExit();
            lock (gate)
            {
                _ = Libc.Kill(-child.Pid, Libc.SignalKill);
                gone = true;
            }

            var (status, usage) = child.Wait();
            exited.SetResult((status, usage.CpuMs));
        }
        catch (Exception exception)
        {
            exited.SetException(exception);
        }
    }
}
