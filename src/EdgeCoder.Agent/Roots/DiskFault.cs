using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Roots;

/// <summary>What the operating system refused, in words.</summary>
internal static class DiskFault
{
    private const int NoPermission = 13;
    private const int TooLarge = 27; // EFBIG
    private const int NoSpaceLeft = 28;
    private const int ReadOnlySystem = 30;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Whether there was no room.</summary>
    public static bool IsFull(Exception fault) => fault.HResult is NoSpaceLeft or QuotaExceeded or TooLarge or WindowsDiskFull;

    /// <summary>As the result of a tool.</summary>
    public static ToolException ToTool(ProjectPath path, Exception fault) => new(
        IsFull(fault) ? $"The disk is full, or the file may not grow as large: {path} was not written and is as it was. Free some space, then try again."
        : fault is UnauthorizedAccessException || fault.HResult == NoPermission ? $"{path}: permission denied."
        : fault.HResult == ReadOnlySystem ? $"{path} lies on a read-only file system."
        : $"{path}: {fault.Message}.");
}
