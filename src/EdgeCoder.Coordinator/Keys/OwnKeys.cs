using System.Text;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Coordinator.Keys;

/// <summary>
/// The coordinator's own keys as its log says them (economy-and-ledger 16.2): the leaves that announce one, and behind them a statement that waits to become one. The log is the truth; the key folder follows
/// it, and so ends a change that was interrupted.
/// </summary>
internal sealed class OwnKeys(IStoreWriter writer, CoordinatorIdentity identity, TimeProvider time, LogOptions options)
{
    /// <summary>
    /// Reads what the log says and makes the key folder follow it. Gives false where the key that the log ends with does not sign here; true also for a log without records.
    /// Throws <see cref="LogRefusedException"/> where the log's own statements are no chain.
    /// </summary>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken) =>

        // Another silo may have announced and promoted a key between the two reads: what is announced comes first, so a second look finds both.
        await OnceAsync(cancellationToken).ConfigureAwait(false) || await OnceAsync(cancellationToken).ConfigureAwait(false);

    private async Task<bool> OnceAsync(CancellationToken cancellationToken)
    {
        var state = await writer.WriteAsync(batch => Read(batch, identity.PeerId), cancellationToken).ConfigureAwait(false);

        // While a statement waits, the key before it is still to sign the leaf: its end is not yet.
        return state.Chain is not { } chain || identity.Take(chain, state.Waiting > 0 ? 0 : time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    /// <summary>The key that signs the next record: the one that the last leaf which announces a key names.</summary>
    /// <exception cref="LogRefusedException"><c>ledger_key_missing</c>.</exception>
    public async Task<SigningKey> AtHeadAsync(CancellationToken cancellationToken)
    {
        if (!options.Shared && identity.Chain is { } known && identity.Signers(0).Count == 1 && known.Newest.Equals(identity.Key.PublicKey))
        {
            return identity.Key;
        }

        var state = await writer.WriteAsync(batch => Read(batch, identity.PeerId), cancellationToken).ConfigureAwait(false);
        if (state.Chain is not { } chain)
        {
            return identity.Key;
        }

        if (!chain.Newest.Equals(identity.Chain?.Newest))
        {
            identity.Take(chain, 0);
        }

        var signer = chain.Statements[^(1 + state.Waiting)].Key;
        return identity.Find(signer.KeyId) ?? throw Missing(signer, identity.Key.PublicKey);
    }

    /// <summary>The chain of a coordinator's own log in this transaction, and how many of its statements wait.</summary>
    public static (KeyChain? Chain, int Waiting) Read(IStoreBatch batch, string peerId)
    {
        KeyChain? chain = null;
        foreach (var (sequence, bytes) in batch.Query(
            "SELECT sequence, leaf FROM log_leaves WHERE origin = $1 AND event_type = 'key_rotation' ORDER BY sequence", row => (row.Number(0), row.Bytes(1)), Checkpoint.OriginOf(peerId)))
        {
            chain = RecordLeaf.TryRead(bytes, out var leaf) is null && KeyAnnouncement.StatementOf(leaf!.Record) is { } statement ? With(chain, peerId, statement, sequence) : throw LogRows.Broken(sequence);
        }

        var waiting = batch.Query("SELECT payload_json FROM log_events WHERE event_type = 'key_rotation' AND refused IS NULL ORDER BY sequence", row => row.Text(0));
        foreach (var text in waiting)
        {
            chain = With(chain, peerId, Encoding.UTF8.GetBytes(text), chain?.Statements.Count ?? 1);
        }

        return (chain, waiting.Count);
    }

    /// <summary>The data directory does not have the key of the log.</summary>
    public static LogRefusedException Missing(VerifyingKey log, VerifyingKey here) => new(
        LogRefusedException.KeyMissing,
        $"The log in the store is signed with the key {log.KeyId}, and the data directory holds {here.KeyId} (ledger_key_missing). Restore keys/coordinator.key from a backup: a log changes its key only by a statement of the old one, and a second one would be another coordinator.");

    private static KeyChain With(KeyChain? chain, string peerId, byte[] statement, long sequence) =>
        (chain is null ? KeyChain.TryBegin(peerId, statement, out var longer) : chain.TryFollow(statement, out longer)) is null ? longer! : throw LogRows.Broken(sequence);
}
