using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace EdgeCoder.Executor.Isolation.AppContainer;

/// <summary>The functions of Windows that an AppContainer and a job object need.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class WindowsSystem
{
    public const int UserInterfaceRestrictions = 4; // JobObjectBasicUIRestrictions
    public const uint AllRestrictions = 0xFF; // handles, clipboard, system parameters, display, atoms, desktop, exit
    public const uint ExtendedStartup = 0x00080000;
    public const uint UnicodeEnvironment = 0x00000400;
    public const uint NoWindow = 0x08000000;
    public const nuint HandleList = 0x00020002; // PROC_THREAD_ATTRIBUTE_HANDLE_LIST
    public const nuint SecurityCapabilitiesAttribute = 0x00020009;
    public const nuint JobList = 0x0002000D; // in the job from the first instruction on
    public const nuint ChildProcessPolicy = 0x0002000E;
    public const uint ChildProcessRestricted = 1;
    public const uint Inherit = 1; // HANDLE_FLAG_INHERIT
    public const int AlreadyExists = unchecked((int)0x800700B7);

    [LibraryImport("userenv", StringMarshalling = StringMarshalling.Utf16)]
    public static partial int CreateAppContainerProfile(string name, string displayName, string description, void* capabilities, uint count, out ContainerSid sid);

    [LibraryImport("userenv", StringMarshalling = StringMarshalling.Utf16)]
    public static partial int DeriveAppContainerSidFromAppContainerName(string name, out ContainerSid sid);

    [LibraryImport("advapi32")]
    public static partial nint FreeSid(nint sid);

    [LibraryImport("kernel32", EntryPoint = "CreateJobObjectW", SetLastError = true)]
    public static partial JobHandle CreateJob(void* attributes, char* name);

    [LibraryImport("kernel32", EntryPoint = "SetInformationJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetJob(JobHandle job, int kind, void* information, uint size);

    [LibraryImport("kernel32", EntryPoint = "QueryInformationJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool AskJob(JobHandle job, int kind, void* information, uint size, uint* returned);

    [LibraryImport("kernel32", EntryPoint = "TerminateJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool TerminateJob(JobHandle job, uint exitCode);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetHandleInformation(SafeHandle handle, uint mask, uint flags);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool InitializeProcThreadAttributeList(void* list, uint count, uint flags, nuint* size);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool UpdateProcThreadAttribute(void* list, uint flags, nuint attribute, void* value, nuint size, void* previous, nuint* returned);

    [LibraryImport("kernel32")]
    public static partial void DeleteProcThreadAttributeList(void* list);

    [LibraryImport("kernel32", EntryPoint = "CreateProcessW", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool CreateProcess(
        char* application, char* commandLine, void* processAttributes, void* threadAttributes, [MarshalAs(UnmanagedType.Bool)] bool inherit, uint flags, char* environment, char* directory,
        StartupInformation* startup, ProcessInformation* process);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetExitCodeProcess(SafeProcessHandle process, out uint code);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool CloseHandle(nint handle);

    /// <summary>Throws what the last call said when it failed.</summary>
    public static void Check(bool done, string call)
    {
        if (!done)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), call);
        }
    }
}

/// <summary>The SID of a container, from a function that allocates it.</summary>
[SupportedOSPlatform("windows")]
internal sealed class ContainerSid() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>The container of that name; made for this user when it is not there.</summary>
    public static ContainerSid Of(string name)
    {
        var (result, sid) = Create(name);
        if (result == WindowsSystem.AlreadyExists)
        {
            sid.Dispose();
            result = WindowsSystem.DeriveAppContainerSidFromAppContainerName(name, out sid);
        }

        return result == 0 ? sid : throw new Win32Exception(result, "CreateAppContainerProfile");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => WindowsSystem.FreeSid(handle) == 0;

    private static unsafe (int Result, ContainerSid Sid) Create(string name)
    {
        var result = WindowsSystem.CreateAppContainerProfile(name, name, "Runs programs that EdgeCoder was given.", null, 0, out var sid);
        return (result, sid);
    }
}

/// <summary>A job object: what it holds ends when it is closed.</summary>
[SupportedOSPlatform("windows")]
internal sealed class JobHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => WindowsSystem.CloseHandle(handle);
}
