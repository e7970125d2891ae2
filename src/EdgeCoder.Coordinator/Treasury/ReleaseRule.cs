using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Treasury;

/// <summary>What a release of sats needs while a policy is in force (economy-and-ledger 7); without one nothing.</summary>
internal static class ReleaseRule
{
    /// <summary>Too few custodians agreed.</summary>
    public const string Release = "treasury_release";

    /// <summary>No key was changed in time: nothing is released until one is.</summary>
    public const string Rotation = "treasury_rotation";

    /// <summary>What a custodian signs to release a send: that one, to this invoice, at this cost.</summary>
    public static string Details(WalletSendRow row) => $"send={row.RequestId};hash={row.PaymentHash};sats={row.AmountSats};fee={row.FeeCapSats}";

    /// <summary>What a send waits for; null: nothing.</summary>
    public static string? WaitsFor(IStoreBatch batch, WalletSendRow row, long nowMs)
    {
        if (TreasuryRows.Active(batch) is not { } policy)
        {
            return null;
        }

        var custodians = TreasuryRows.Lines(policy.CustodianIds);
        return TreasuryRows.IsRotationOverdue(batch, policy, nowMs) ? Rotation
            : TreasuryRows.Approvers(batch, policy.PolicyId, Details(row)).Count(actor => custodians.Contains(actor, StringComparer.Ordinal)) < policy.QuorumThreshold ? Release
            : null;
    }
}
