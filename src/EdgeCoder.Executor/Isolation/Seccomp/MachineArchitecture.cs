using System.Runtime.InteropServices;

namespace EdgeCoder.Executor.Isolation.Seccomp;

/// <summary>Processor architectures the system-call filter and the entry program are written for.</summary>
internal enum MachineArchitecture
{
    /// <summary>x86-64: tested.</summary>
    X64,

    /// <summary>aarch64: written from the kernel's tables, untested.</summary>
    Arm64,
}

/// <summary>Which architecture this process runs on.</summary>
internal static class MachineArchitectures
{
    /// <summary>The architecture of this process, or null where no filter exists for it.</summary>
    public static MachineArchitecture? Current => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => MachineArchitecture.X64,
        Architecture.Arm64 => MachineArchitecture.Arm64,
        _ => null,
    };

    /// <summary>Whether nothing of this was ever run on the architecture of this process.</summary>
    public static bool Untested => Current is MachineArchitecture.Arm64;

    /// <summary>The kernel's AUDIT_ARCH value (linux/audit.h).</summary>
    public static uint AuditValue(this MachineArchitecture architecture) => architecture switch
    {
        MachineArchitecture.X64 => 0xC000003E,
        MachineArchitecture.Arm64 => 0xC00000B7,
        _ => throw new ArgumentOutOfRangeException(nameof(architecture)),
    };
}
