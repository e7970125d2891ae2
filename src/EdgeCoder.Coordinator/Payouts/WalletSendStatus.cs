namespace EdgeCoder.Coordinator.Payouts;

/// <summary>States of a send (economy-and-ledger 6.4). Sats are held from the confirmation until an end.</summary>
internal enum WalletSendStatus
{
    /// <summary>Asked for; waits for the second factor. Nothing is held.</summary>
    Requested,

    /// <summary>Confirmed, above the review amount; waits for an operator.</summary>
    PendingManualReview,

    /// <summary>May be sent.</summary>
    Approved,

    /// <summary>The node was asked to pay, or is being asked.</summary>
    Sending,

    /// <summary>The node's answer was lost: it is looked up by payment hash and never asked again.</summary>
    Unknown,

    /// <summary>Paid.</summary>
    Sent,

    /// <summary>Not paid and never will be; what was held is free.</summary>
    Failed,
}
