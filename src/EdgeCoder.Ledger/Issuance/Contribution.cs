namespace EdgeCoder.Ledger.Issuance;

/// <summary>What one paid lease contributed, as a coordinator's log tells it (<c>earnings_accrual</c>, economy-and-ledger 10).</summary>
/// <param name="HomeCoordinatorId">Whose log: the home of the account.</param>
/// <param name="AccountId">Who was paid.</param>
/// <param name="WeightMicro">Weight in millionths, 0 or more.</param>
/// <param name="AtMs">When.</param>
/// <param name="Verified">Whether it was run again.</param>
/// <param name="SameOwner">Whether payer and payee share an owner or a member.</param>
public readonly record struct Contribution(string HomeCoordinatorId, string AccountId, long WeightMicro, long AtMs, bool Verified, bool SameOwner)
{
    // Accounts of the system. What a peer's agent did is counted at the peer's own home; a coordinator earns nothing by issuance.
    private static readonly string[] Uncounted = ["peer:", "ops:", "system:"];

    /// <summary>Whether issuance counts it: verified work of somebody for somebody else.</summary>
    public bool Counts
    {
        get
        {
            var account = AccountId;
            return Verified && !SameOwner && WeightMicro > 0 && !Array.Exists(Uncounted, prefix => account.StartsWith(prefix, StringComparison.Ordinal));
        }
    }
}
