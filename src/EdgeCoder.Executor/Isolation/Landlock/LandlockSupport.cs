using System.ComponentModel;
using System.Runtime.InteropServices;
using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Isolation.Landlock;

/// <summary>What this machine's kernel says about Landlock.</summary>
/// <param name="Abi">Its ABI, 1 or more; 0 when there is none.</param>
/// <param name="Reason">Why there is none; null when there is.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record LandlockSupport(int Abi, string? Reason, string? Remedy)
{
    private const int CreateRuleset = 444; // the same number on every architecture
    private const int AskVersion = 1; // LANDLOCK_CREATE_RULESET_VERSION
    private const int NoSuchCall = 38; // ENOSYS
    private const int NotSupported = 95; // EOPNOTSUPP

    /// <summary>Asks the kernel.</summary>
    public static LandlockSupport Ask()
    {
        var answer = (int)Libc.Syscall(CreateRuleset, 0, 0, AskVersion, 0);
        return Read(answer, answer < 0 ? Marshal.GetLastPInvokeError() : 0);
    }

    /// <summary>What an answer means: pure.</summary>
    public static LandlockSupport Read(int answer, int error) => (answer, error) switch
    {
        ( >= 1, _) => new(answer, null, null),
        (_, NoSuchCall) => new(0, "the kernel has no Landlock", "use Linux 5.13 or newer, built with CONFIG_SECURITY_LANDLOCK"),
        (_, NotSupported) => new(0, "Landlock is built into the kernel but not turned on", "add landlock to the list of the kernel parameter lsm="),
        _ => new(0, $"the kernel does not answer for Landlock: {new Win32Exception(error).Message}", null),
    };
}
