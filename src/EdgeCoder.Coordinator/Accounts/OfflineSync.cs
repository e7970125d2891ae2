using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Offline;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Takes in what two machines settled without a coordinator (economy-and-ledger 17.3), each in a transaction of its own: 1 its form; 2 the parties and their
/// signatures; 3 that the accounts are theirs; 4 the allowance, its time and what is left of it; 5 the movement. What was applied before is applied again without
/// effect; everything else is left alone, with its reason, for the sender to keep.
/// </summary>
internal sealed class OfflineSync(IStoreWriter writer, AgentDirectory directory, CoordinatorIdentity identity, SignatureOptions signatures, TimeProvider time)
{
    private const int MostTransactions = 200;
    private const int MostBytes = 4_096;

    /// <summary>Takes them in. Throws <see cref="Refusal"/> 400 <c>validation_failed</c> for none or more than 200.</summary>
    public async Task<SyncAnswer> RunAsync(SyncRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (request.Transactions is not { Count: >= 1 and <= MostTransactions } transactions)
        {
            throw Refusal.Invalid([new("transactions", "1 to 200")]);
        }

        List<string> applied = [];
        Dictionary<string, string> skipped = new(StringComparer.Ordinal);
        for (var i = 0; i < transactions.Count; i++)
        {
            var (txId, reason) = await ApplyAsync(transactions[i], caller, cancellationToken).ConfigureAwait(false);
            if (reason is null)
            {
                applied.Add(txId!);
            }
            else
            {
                skipped[txId ?? FormattableString.Invariant($"transactions[{i}]")] = reason;
            }
        }

        return new(applied, [.. skipped.Keys], transactions.Count, skipped);
    }

    private async Task<(string? TxId, string? Reason)> ApplyAsync(SyncedTransaction? given, Caller caller, CancellationToken cancellationToken)
    {
        // 1
        if (given?.Body is not { Length: <= MostBytes } text || Base64Text.TryRead(text) is not { } bytes || OfflineTransaction.Read(bytes) is not { } transaction)
        {
            return (null, "invalid_signature");
        }

        if (transaction.CreditsMc is < 1 or > Millicredits.Largest || transaction.CpuMs < 0 || transaction.RequesterId == transaction.ProviderId)
        {
            return (transaction.TxId, "invalid_signature");
        }

        // 2
        var requester = await directory.KnownAsync(transaction.RequesterId, cancellationToken).ConfigureAwait(false);
        var provider = await directory.KnownAsync(transaction.ProviderId, cancellationToken).ConfigureAwait(false);
        if (requester?.Key is not { } requesterKey || provider?.Key is not { } providerKey || (caller.Name != transaction.RequesterId && caller.Name != transaction.ProviderId))
        {
            return (transaction.TxId, "unknown_party");
        }

        if (!OfflineTransaction.IsSigned(bytes, given.RequesterSignature, requesterKey) || !OfflineTransaction.IsSigned(bytes, given.ProviderSignature, providerKey))
        {
            return (transaction.TxId, "invalid_signature");
        }

        // 3
        if (!OfflineAllowances.IsOf(requester, transaction.RequesterAccountId) || !OfflineAllowances.IsOf(provider, transaction.ProviderAccountId))
        {
            return (transaction.TxId, "account_mismatch");
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var latestMs = nowMs + (long)signatures.MaxSkew.TotalMilliseconds;
        try
        {
            var reason = await writer.WriteAsync(
                batch => OfflineChain.Apply(batch, identity.PeerId, transaction, new(bytes, given.RequesterSignature!, given.ProviderSignature!), latestMs, nowMs), cancellationToken).ConfigureAwait(false);
            return (transaction.TxId, reason);
        }
        catch (Refusal refusal) when (refusal.Error is "transfer_id_conflict" or "transfer_resolved")
        {
            return (transaction.TxId, "transfer_id_conflict");
        }
    }
}
