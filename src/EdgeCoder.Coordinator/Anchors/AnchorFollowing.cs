using System.Text.Json;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>
/// Finds the transaction of a leader that covers the own log (economy-and-ledger 13.2): 1. the leader is asked; 2. its answer is of this network; 3. its set names a checkpoint that this log
/// has signed, and leads to the payload; 4. a row, which this coordinator then looks for in the chain itself. The leader's word proves nothing more. What is wrong costs it reputation.
/// </summary>
internal sealed partial class AnchorFollowing(LogRows rows, PeerDirectory peers, PeerCalls calls, PeerOptions options, AnchorStore store, AnchorSettings settings, IStoreWriter writer, TimeProvider time, ILogger<AnchorFollowing> log)
{
    private const int Penalty = -5;
    private const int TxidDigits = 64;

    /// <summary>Asks a leader; gives the row of a checkpoint above a height that its transaction covers, null where there is none.</summary>
    public async Task<AnchorRecordRow?> AskAsync(string leader, long above, CancellationToken cancellationToken)
    {
        if (await peers.ActiveAsync(leader, cancellationToken).ConfigureAwait(false) is not { } peer)
        {
            return null;
        }

        // 1.
        var path = $"/stats/anchors/set?origin={Uri.EscapeDataString(rows.Origin)}&network={settings.Network.Name}";
        if ((await calls.GetAsync(peer, path, options.Timeout, cancellationToken).ConfigureAwait(false)).Read(AnchorJson.Default.AnchorSetAnswer) is not { } answer)
        {
            return null;
        }

        // 2.
        if (answer.AnchorNetwork != settings.Network.Name || answer.Set.Set() is { } other && other.AnchorNetwork != settings.Network.Name)
        {
            return await RefuseAsync(leader, "another network", cancellationToken).ConfigureAwait(false);
        }

        // 3.
        if (answer.Set.Set() is not { } set || set.Members.FirstOrDefault(member => member.Origin == rows.Origin) is not { } ours || answer.Set.AnchoredHash(ours.Origin, ours.Size, ours.CheckpointHash) is not { } anchored
            || answer.TxRef is not { Length: TxidDigits } || !answer.TxRef.All(char.IsAsciiHexDigitLower) || !await IsOursAsync(ours, cancellationToken).ConfigureAwait(false))
        {
            return await RefuseAsync(leader, "no proof", cancellationToken).ConfigureAwait(false);
        }

        // 4.
        if (ours.Size <= above)
        {
            return null;
        }

        var row = AnchorStore.NewRow(AnchorKinds.Stats, null, new(ours.CheckpointHash, ours.Size), settings.Network.Name, time.GetUtcNow().ToUnixTimeMilliseconds());
        (row.AnchoredHash, row.SetProof, row.TxRef, row.Status) = (anchored, JsonSerializer.Serialize(answer.Set, LedgerJson.Default.AnchorSetProof), answer.TxRef, AnchorStatus.Broadcast);
        return await store.AddAsync(row, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> IsOursAsync(AnchorSetMember ours, CancellationToken cancellationToken) =>
        await rows.NoteAsync(ours.Size, cancellationToken).ConfigureAwait(false) is { } text && SignedNote.TryParse(text, out var note) && Checkpoint.TryParse(note.Text, out var checkpoint) && checkpoint.Hash == ours.CheckpointHash;

    private async Task<AnchorRecordRow?> RefuseAsync(string leader, string why, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(batch => PeerScores.Change(batch, leader, Penalty), cancellationToken).ConfigureAwait(false);
        LogRefused(leader, why);
        return null;
    }

    [LoggerMessage(LogLevel.Warning, "An anchor that peer {PeerId} shows for this log is not taken: {Why}")]
    private partial void LogRefused(string peerId, string why);
}
