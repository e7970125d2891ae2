namespace EdgeCoder.Ledger.Offline;

/// <summary>
/// What a requester may spend while no coordinator can be reached (economy-and-ledger 17): held for it, and signed by the coordinator that holds it, so that a
/// provider can check it before it works. Amounts in millicredits, time in milliseconds since the Unix epoch.
/// </summary>
public sealed record OfflineAllowance
{
    /// <summary>Version, 1.</summary>
    public required int V { get; init; }

    /// <summary>Its id.</summary>
    public required string AllowanceId { get; init; }

    /// <summary>Who holds it.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>Agent that may spend.</summary>
    public required string RequesterId { get; init; }

    /// <summary>That agent's key.</summary>
    public required string RequesterKeyId { get; init; }

    /// <summary>Account that pays.</summary>
    public required string AccountId { get; init; }

    /// <summary>Most in all.</summary>
    public required long LimitMc { get; init; }

    /// <summary>Most to one provider.</summary>
    public required long PerProviderMc { get; init; }

    /// <summary>From when.</summary>
    public required long ValidFromMs { get; init; }

    /// <summary>Until when.</summary>
    public required long ValidUntilMs { get; init; }
}
