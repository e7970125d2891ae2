namespace EdgeCoder.Coordinator.Log;

/// <summary>The log of the store does not fit its key, its checkpoint or itself; the message says what to do. Nothing is signed with it, and start-up ends.</summary>
public sealed class LogRefusedException(string code, string message) : Exception(message)
{
    /// <summary>The rows are not those that the checkpoint was signed for, or do not follow one another.</summary>
    public const string ChainBreak = "ledger_chain_break";

    /// <summary>The store knows less than was signed before: an old backup was restored.</summary>
    public const string RollbackDetected = "ledger_rollback_detected";

    /// <summary>The log's key is not the one of the data directory.</summary>
    public const string KeyMissing = "ledger_key_missing";

    /// <summary>Stable code.</summary>
    public string Code { get; } = code;
}
