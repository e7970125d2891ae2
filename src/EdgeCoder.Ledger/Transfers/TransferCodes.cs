namespace EdgeCoder.Ledger.Transfers;

/// <summary>What a transfer is for (economy-and-ledger 2).</summary>
public static class TransferCodes
{
    /// <summary>Credits held for a task.</summary>
    public const string TaskReserve = "task_reserve";

    /// <summary>Credits for an attempt.</summary>
    public const string TaskPayment = "task_payment";

    /// <summary>Credits that were bought.</summary>
    public const string Purchase = "purchase";

    /// <summary>A coordinator's fee of a purchase.</summary>
    public const string Fee = "fee";

    /// <summary>Credits of an issuance epoch.</summary>
    public const string Issuance = "issuance";

    /// <summary>Credits for development.</summary>
    public const string Faucet = "faucet";

    /// <summary>Work that two machines settled without a coordinator.</summary>
    public const string Offline = "offline";

    /// <summary>An operator's correction.</summary>
    public const string Adjust = "adjust";

    /// <summary>Sats owed to a contributor, the coordinator or its reserve.</summary>
    public const string Payout = "payout";

    /// <summary>Sats that left for somebody's wallet.</summary>
    public const string WalletSend = "wallet_send";

    /// <summary>What coordinators owe each other.</summary>
    public const string PeerSettlement = "peer_settlement";

    /// <summary>Whether what is received under a code was contributed or paid for: the submission gate weighs it (economy-and-ledger 3.3).</summary>
    public static bool IsEarned(string code) => code is TaskPayment or Purchase;
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
