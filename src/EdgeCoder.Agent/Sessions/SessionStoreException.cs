namespace EdgeCoder.Agent.Sessions;

/// <summary>A session cannot be kept, found or continued.</summary>
public sealed class SessionStoreException(string code, string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>
    /// Stable code: <c>disk_full</c>, <c>session_unwritable</c>, <c>session_not_found</c>, <c>session_in_use</c>, <c>session_damaged</c>,
    /// <c>session_changed</c>, <c>model_changed</c>, <c>data_class_denied</c>.
    /// </summary>
    public string Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;

    /// <summary>Explains a failed write.</summary>
    internal static SessionStoreException ForWrite(string path, Exception fault) => IsDiskFull(fault)
        ? new("disk_full", $"The disk that holds {path} is full; the session cannot be kept.", "Free some space, or set another data directory, then run the command again.", fault)
        : new("session_unwritable", $"{path} cannot be written: {fault.Message}", "Check the owner and the mode of the data directory.", fault);

    // ENOSPC and EDQUOT; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL on Windows.
    private static bool IsDiskFull(Exception fault) => fault is IOException && fault.HResult is 28 or 122 or unchecked((int)0x80070070) or unchecked((int)0x80070027);
}
