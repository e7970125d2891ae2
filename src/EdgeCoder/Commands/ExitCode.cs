namespace EdgeCoder.Commands;

/// <summary>What the program tells its caller. The numbers are documented and do not change.</summary>
internal enum ExitCode
{
    /// <summary>Done; for <c>run</c>: at least one test ran and all passed.</summary>
    Success = 0,

    /// <summary>Not done.</summary>
    Failed = 1,

    /// <summary>The command line or an input was wrong; nothing was started.</summary>
    Usage = 2,

    /// <summary>Handed on, or waiting for somebody.</summary>
    Escalated = 3,

    /// <summary>Refused by policy.</summary>
    Refused = 4,

    /// <summary>Stopped by Ctrl-C.</summary>
    Cancelled = 130,
}
