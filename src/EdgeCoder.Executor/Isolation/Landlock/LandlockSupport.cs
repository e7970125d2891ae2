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
    /// <summary>
    /// The first ABI that holds without namespaces: before it, a file that a program may only read could be emptied by opening it, if the program's user owns it.
    /// </summary>
    public const int LeastAlone = 3;

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

    /// <summary>Why Landlock cannot isolate without namespaces here; null when it can.</summary>
    public SandboxRefusal? RefusalAlone => Abi >= LeastAlone ? null
        : Abi > 0 ? new($"Landlock of this kernel has ABI {Abi}, which does not know truncation; without namespaces {LeastAlone} is needed", "use Linux 6.2 or newer")
        : new(Reason!, Remedy);

    /// <summary>What an answer means: pure.</summary>
    public static LandlockSupport Read(int answer, int error) => (answer, error) switch
    {
        ( >= 1, _) => new(answer, null, null),
        (_, NoSuchCall) => new(0, "the kernel has no Landlock", "use Linux 5.13 or newer, built with CONFIG_SECURITY_LANDLOCK"),
        (_, NotSupported) => new(0, "Landlock is built into the kernel but not turned on", "add landlock to the list of the kernel parameter lsm="),
        _ => new(0, $"the kernel does not answer for Landlock: {new Win32Exception(error).Message}", null),
    };
}
