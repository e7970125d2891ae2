namespace EdgeCoder.Executor.Isolation.AppContainer;

/// <summary>Exit codes of Windows as the verdict knows them: a program's own, or 128 + the signal that would mean the same. Pure.</summary>
internal static class WindowsExit
{
    private const int Abort = 128 + 6;
    private const int Killed = 128 + 9;
    private const int Segmentation = 128 + 11;
    private const int CpuTime = 128 + 24;

    /// <summary>The status. Codes from ntstatus.h and winerror.h; whatever else is beyond a byte is a crash, never success.</summary>
    public static int Status(uint code) => code switch
    {
        <= 125 => (int)code,
        1816 => CpuTime, // ERROR_NOT_ENOUGH_QUOTA: the job's time is used up
        0xC0000017 or 0xC000012D => Killed, // STATUS_NO_MEMORY, STATUS_COMMITMENT_LIMIT
        0xC0000005 or 0xC00000FD => Segmentation, // access violation, stack overflow
        0xC000013A => Killed, // ended from outside
        _ => Abort,
    };
}
