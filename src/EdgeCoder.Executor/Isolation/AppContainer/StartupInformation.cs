using System.Runtime.InteropServices;

namespace EdgeCoder.Executor.Isolation.AppContainer;

/// <summary><c>STARTUPINFOEXW</c> (winbase.h): 112 bytes on 64-bit Windows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StartupInformation
{
    /// <summary>STARTF_USESTDHANDLES.</summary>
    public const uint UseStandardHandles = 0x100;

    /// <summary>Size of this.</summary>
    public uint Size;

    /// <summary>Always null.</summary>
    public char* Reserved;

    /// <summary>Null: the caller's desktop.</summary>
    public char* Desktop;

    /// <summary>Null.</summary>
    public char* Title;

    /// <summary>Window position, size, characters and fill: unused.</summary>
    public fixed uint Window[7];

    /// <summary><see cref="UseStandardHandles"/>.</summary>
    public uint Flags;

    /// <summary>Unused.</summary>
    public ushort ShowWindow;

    /// <summary>Bytes of <see cref="Inherited"/>.</summary>
    public ushort InheritedSize;

    /// <summary>The block of <see cref="InheritedDescriptors"/>.</summary>
    public byte* Inherited;

    /// <summary>Standard input.</summary>
    public nint Input;

    /// <summary>Standard output.</summary>
    public nint Output;

    /// <summary>Standard error.</summary>
    public nint Error;

    /// <summary>The attribute list.</summary>
    public void* Attributes;
}

/// <summary><c>PROCESS_INFORMATION</c>: 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProcessInformation
{
    /// <summary>Handle of the process.</summary>
    public nint Process;

    /// <summary>Handle of its first thread.</summary>
    public nint Thread;

    /// <summary>Process id.</summary>
    public uint ProcessId;

    /// <summary>Thread id.</summary>
    public uint ThreadId;
}

/// <summary><c>SECURITY_CAPABILITIES</c>: 24 bytes. A process started with it is in the container; with no capability it has no network.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SecurityCapabilities
{
    /// <summary>SID of the container.</summary>
    public nint Container;

    /// <summary>Null.</summary>
    public void* Capabilities;

    /// <summary>0.</summary>
    public uint CapabilityCount;

    /// <summary>0.</summary>
    public uint Reserved;
}
