using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Ledger.Issuance;

/// <summary>What an account is issued by an epoch.</summary>
/// <param name="AccountId">Who.</param>
/// <param name="HomeCoordinatorId">Who posts it.</param>
/// <param name="IssuedMc">How much, in millicredits; 0 for a weight that is too small.</param>
/// <param name="WeightMicro">By what weight, in millionths.</param>
public sealed record IssuanceAllocation(string AccountId, string HomeCoordinatorId, long IssuedMc, long WeightMicro)
{
    private const long Billion = 1_000_000_000;
    private const int Decimals = 9;

    /// <summary>Its part of all weights with nine decimals, to the nearest; for people, nothing is calculated from it.</summary>
    public decimal Share(long totalWeightMicro) => new((int)Rounding.HalfUp((Int128)WeightMicro * Billion, totalWeightMicro), 0, 0, false, Decimals);
}
