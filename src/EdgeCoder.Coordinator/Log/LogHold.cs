namespace EdgeCoder.Coordinator.Log;

/// <summary>
/// Whether this log may be signed (economy-and-ledger 9.8). While it is held events wait in the store, nothing is appended and no checkpoint is made; what was published is
/// read as before.
/// </summary>
internal sealed class LogHold
{
    private LogHeld? _held;

    /// <summary>Why it is held; null: it goes on.</summary>
    public LogHeld? Held => Volatile.Read(ref _held);

    /// <summary>Holds it.</summary>
    public void Hold(LogHeld why) => Volatile.Write(ref _held, why);

    /// <summary>Lets it go on.</summary>
    public void Release() => Volatile.Write(ref _held, null);
}

/// <summary>Why a log is held.</summary>
/// <param name="Code"><c>ledger_rollback_detected</c> or <c>ledger_witnesses_unreachable</c>.</param>
/// <param name="Detail">What it is, and what to do.</param>
internal sealed record LogHeld(string Code, string Detail);
