using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>How much a peer may owe here (economy-and-ledger 2): an operator's decision, 0 unless one was made. No transfer is made from it.</summary>
internal sealed class PeerOverdraft(IStoreWriter writer, TimeProvider time)
{
    /// <summary>
    /// Sets it. Throws 404 <c>peer_unknown</c>, 409 <c>overdraft_in_use</c> where the peer owes or holds more already, 503 <c>balance_mismatch</c> while movements stand still, 400 <c>amount_precision</c>,
    /// <c>amount_out_of_range</c>.
    /// </summary>
    public Task<PeerOverdraftAnswer> SetAsync(string peerId, PeerOverdraftRequest asked, CancellationToken cancellationToken)
    {
        // Nothing at all is a decision too.
        var amount = asked.Credits is { ValueKind: System.Text.Json.JsonValueKind.Number } number && number.TryGetDecimal(out var given) && given == 0 ? 0 : CreditText.Read(asked.Credits, "credits");
        var account = SystemAccounts.Peer(peerId);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(
            batch =>
            {
                if (batch.Query("SELECT 1 FROM peers WHERE peer_id = $1", row => row.Number(0), peerId) is [])
                {
                    throw new Refusal(404, "peer_unknown", "No such peer is approved here.");
                }

                TransferBook.OpenSystem(batch, account, nowMs);
                if (batch.Execute("UPDATE accounts SET overdraft = $1 WHERE account_id = $2 AND stopped = $3 AND debits_posted + debits_pending <= credits_posted + $1", amount, account, false) == 0)
                {
                    throw batch.Query("SELECT 1 FROM accounts WHERE account_id = $1 AND stopped = $2", row => row.Number(0), account, true) is [_]
                        ? AccountChange.Why(batch, account, "credit", amount)
                        : new Refusal(409, "overdraft_in_use", "The peer owes or has reserved more than that already. What it owes comes down when it pays.");
                }

                return new PeerOverdraftAnswer(true, peerId, account, new Millicredits(amount).Credits);
            },
            cancellationToken);
    }
}
