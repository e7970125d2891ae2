namespace EdgeCoder.Coordinator.Payments;

/// <summary>States of a purchase (economy-and-ledger 6.1). A settled one never changes again; the others settle whenever the provider proves the payment, however late.</summary>
internal enum PaymentStatus
{
    /// <summary>Waits for its payment.</summary>
    Created,

    /// <summary>Paid in time, credited.</summary>
    Settled,

    /// <summary>Its time is over, and the provider said that it is unpaid.</summary>
    Expired,

    /// <summary>Called off, or its invoice could not be made.</summary>
    Cancelled,

    /// <summary>Paid after it expired or was cancelled, credited all the same.</summary>
    SettledLate,
}
