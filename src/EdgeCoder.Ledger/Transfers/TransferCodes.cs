namespace EdgeCoder.Ledger.Transfers;

/// <summary>What a transfer is for (economy-and-ledger 2).</summary>
public static class TransferCodes
{
    /// <summary>Credits held for a task.</summary>
    public const string TaskReserve = "task_reserve";

    /// <summary>Credits for an attempt.</summary>
    public const string TaskPayment = "task_payment";

    /// <summary>First credits of a development installation.</summary>
    public const string Faucet = "faucet";
}

/// <summary>Phases of a transfer.</summary>
public static class TransferPhases
{
    /// <summary>Moved at once.</summary>
    public const string Posted = "posted";

    /// <summary>Held.</summary>
    public const string Pending = "pending";

    /// <summary>A pending one, moved.</summary>
    public const string Post = "post";

    /// <summary>A pending one, given back.</summary>
    public const string Void = "void";
}
