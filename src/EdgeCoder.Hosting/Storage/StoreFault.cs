namespace EdgeCoder.Hosting.Storage;

/// <summary>What an exception of the database means for the writer.</summary>
internal enum StoreFault
{
    /// <summary>The statement is at fault: its operation fails, alone.</summary>
    Statement,

    /// <summary>Another writer was in the way; the batch runs again.</summary>
    Conflict,

    /// <summary>The database cannot be reached now; the batch runs again on a new connection.</summary>
    Unreachable,
}
