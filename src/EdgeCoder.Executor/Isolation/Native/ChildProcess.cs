using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeCoder.Executor.Isolation.Native;

/// <summary>
/// A child started by posix_spawn with exactly the descriptors that are named. <see cref="System.Diagnostics.Process"/> passes three at most and starts
/// children from whatever thread; here the thread that starts a child must live as long as the child, because PR_SET_PDEATHSIG follows the thread.
/// </summary>
internal sealed unsafe class ChildProcess
{
    private const int OpaqueBytes = 1024; // posix_spawnattr_t is 336 bytes in glibc and musl, sigset_t 128, file actions 80
    private const short SetSignalDefault = 4;
    private const short SetSignalMask = 8;

    private ChildProcess(int pid) => Pid = pid;

    /// <summary>Process id; valid until <see cref="Wait"/> has returned.</summary>
    public int Pid { get; }

    /// <summary>Starts a program. The descriptors become 0, 1, 2 … in their order.</summary>
    public static ChildProcess Start(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, IReadOnlyList<SafeHandle> descriptors, short flags = 0)
    {
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        var signals = stackalloc byte[OpaqueBytes];
        var argumentVector = Vector(arguments);
        var environmentVector = Vector(environment);
        Check(Libc.FileActionsInit(actions), "posix_spawn_file_actions_init");
        Check(Libc.AttributesInit(attributes), "posix_spawnattr_init");
        try
        {
            // The runtime ignores SIGPIPE and masks others: a child must not inherit that.
            _ = Libc.SignalSetEmpty(signals);
            Check(Libc.AttributesSetMask(attributes, signals), "posix_spawnattr_setsigmask");
            _ = Libc.SignalSetFill(signals);
            Check(Libc.AttributesSetDefault(attributes, signals), "posix_spawnattr_setsigdefault");
            Check(Libc.AttributesSetFlags(attributes, (short)(SetSignalDefault | SetSignalMask | flags)), "posix_spawnattr_setflags");
            for (var target = 0; target < descriptors.Count; target++)
            {
                Check(Libc.FileActionsDuplicate(actions, (int)descriptors[target].DangerousGetHandle(), target), "posix_spawn_file_actions_adddup2");
            }

            int pid;
            Check(Libc.Spawn(&pid, path, actions, attributes, argumentVector, environmentVector), path);
            return new ChildProcess(pid);
        }
        finally
        {
            _ = Libc.AttributesDestroy(attributes);
            _ = Libc.FileActionsDestroy(actions);
            Free(argumentVector);
            Free(environmentVector);
        }
    }

    /// <summary>Sends SIGKILL.</summary>
    public void Kill() => _ = Libc.Kill(Pid, Libc.SignalKill);

    /// <summary>Waits for the end without taking note of it: the number goes on to mean this process until <see cref="Wait"/>.</summary>
    public void WaitExit()
    {
        const int Exited = 4;
        var leave = OperatingSystem.IsMacOS() ? 0x20 : 0x01000000; // WNOWAIT
        var information = stackalloc byte[OpaqueBytes];
        while (Libc.WaitId(1, (uint)Pid, information, Exited | leave) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Libc.ErrorInterrupted)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError(), "waitid");
            }
        }
    }

    /// <summary>Waits for the end. The status is the exit code, or 128 + the signal.</summary>
    public (int Status, ResourceUsage Usage) Wait()
    {
        int status;
        ResourceUsage usage;
        while (Libc.Wait(Pid, &status, 0, &usage) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Libc.ErrorInterrupted)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError(), "wait4");
            }
        }

        var signal = status & 0x7F;
        return (signal == 0 ? (status >> 8) & 0xFF : 128 + signal, usage);
    }

    private static byte** Vector(IReadOnlyList<string> texts)
    {
        var vector = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(texts[i]);
            vector[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(vector[i], bytes.Length));
        }

        return vector;
    }

    private static void Free(byte** vector)
    {
        for (var entry = vector; *entry is not null; entry++)
        {
            NativeMemory.Free(*entry);
        }

        NativeMemory.Free(vector);
    }

    private static void Check(int error, string call)
    {
        if (error != 0)
        {
            throw new Win32Exception(error, call);
        }
    }
}
