namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Codes why a send failed, beside those of the node.</summary>
internal static class SendReasons
{
    /// <summary>Called off before a node had it.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>An operator said no.</summary>
    public const string Rejected = "review_rejected";

    /// <summary>Its invoice was over before a node had it.</summary>
    public const string Expired = "invoice_expired";

    /// <summary>The node knew a payment of this invoice before it was asked: somebody else's.</summary>
    public const string Known = "invoice_known_to_node";

    /// <summary>An operator said that it failed, for its node is lost.</summary>
    public const string ClosedByHand = "closed_by_hand";

    /// <summary>The node refused, or knows of no payment though the invoice is over.</summary>
    public const string NotSent = "not_sent";
}
