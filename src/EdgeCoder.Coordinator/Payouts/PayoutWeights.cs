using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>By what the contributors' part is divided: the newest final epoch of issuance.</summary>
/// <param name="EpochId">Epoch.</param>
/// <param name="Weights">Each payee once; at least one weighs something.</param>
internal sealed record PayoutWeights(string EpochId, IReadOnlyList<Weight> Weights)
{
    /// <summary>
    /// Those of the newest final epoch in which somebody weighs something; null while there is none. An account has one home: what accounts of another coordinator earned is owed to
    /// that coordinator, which pays its own, so that an account here with the same id gets nothing of theirs.
    /// </summary>
    public static PayoutWeights? Newest(IStoreBatch batch, string peerId)
    {
        if (batch.Query(
            "SELECT issuance_epoch_id FROM issuance_epochs WHERE finalized = $1 AND total_weight_micro > 0 ORDER BY window_end_ms DESC LIMIT 1", row => row.Text(0), true) is not [var epochId])
        {
            return null;
        }

        var allocations = batch.Query(
            "SELECT account_id, home_coordinator_id, weight_micro FROM issuance_allocations WHERE issuance_epoch_id = $1 AND weight_micro > 0",
            row => (Payee: row.Text(1) == peerId ? row.Text(0) : SystemAccounts.Peer(row.Text(1)), Weight: row.Number(2)), epochId);
        return allocations.Count == 0
            ? null
            : new(epochId, [.. allocations.GroupBy(one => one.Payee, StringComparer.Ordinal).OrderBy(payee => payee.Key, StringComparer.Ordinal).Select(payee => new Weight(payee.Key, payee.Sum(one => one.Weight)))]);
    }
}
