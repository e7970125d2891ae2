using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Trees;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Witnesses;

/// <summary>
/// Before a log that was just opened is signed again, its witnesses are asked what they saw of it (economy-and-ledger 9.8): 1. every active peer gives the newest checkpoint
/// that it has cosigned, which this log's own key has signed; 2. one of a larger tree, or of another, means that an older store was restored: nothing is signed; 3. records
/// that are missing are fetched back; 4. where too few answer, the log waits. A witness cannot hold a log by a lie: it would need the log's signature.
/// </summary>
internal sealed partial class RollbackCheck(
    LogRows rows, LogTree tree, LogCheckpoints checkpoints, LogHold hold, LogCosignatures cosignatures, LogRecovery recovery, PeerDirectory peers, PeerCalls calls, PeerOptions options, ILogger<RollbackCheck> logger)
{
    /// <summary>Why a log waits for its witnesses.</summary>
    public const string Unreachable = "ledger_witnesses_unreachable";

    /// <summary>Asks, and holds or releases the log.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var active = await peers.ActiveAsync(cancellationToken).ConfigureAwait(false);
        if (active.Count == 0)
        {
            hold.Release();
            return;
        }

        // 1.
        var seen = await Task.WhenAll(active.Select(peer => AskAsync(peer, cancellationToken))).ConfigureAwait(false);

        // 2.
        var own = checkpoints.Newest?.Checkpoint;
        if (seen.FirstOrDefault(one => one.Checkpoint is { } theirs && own is not null && theirs.Size <= own.Size && !IsBeginning(theirs, own)) is { Checkpoint: { } other } fork)
        {
            Hold(LogRefusedException.RollbackDetected, $"Peer {fork.Peer.PeerId} has cosigned a checkpoint of {other.Size} records that this log does not have, though it is as long: a restored store has been signed with. Nothing more is signed. Restore the store that has those records.");
            return;
        }

        var most = seen.Where(one => one.Checkpoint is not null).MaxBy(one => one.Checkpoint!.Size);
        if (most is { Checkpoint: { } missing } && missing.Size > (own?.Size ?? 0))
        {
            // 3.
            var detail = $"Peer {most.Peer.PeerId} has cosigned {missing.Size} records of this log, and the store has {own?.Size ?? 0}: an older store was restored.";
            Hold(LogRefusedException.RollbackDetected, $"{detail} The missing records are being fetched from the peers; until they are all here nothing is signed.");
            if (!await recovery.FetchAsync(most.Note!, missing, active, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            LogRecovered(missing.Size);
        }

        // 4.
        var witnesses = await cosignatures.WitnessesAsync(active, cancellationToken).ConfigureAwait(false);
        var silent = seen.Where(one => !one.Answered && witnesses.Contains(one.Peer.PeerId)).Select(one => one.Peer.PeerId).ToList();
        var needed = SoftFinality.Answers(witnesses.Count);
        if (witnesses.Count - silent.Count < needed)
        {
            Hold(Unreachable, $"{witnesses.Count - silent.Count} of {witnesses.Count} witnesses have said what they saw of this log, and {needed} must. Not answered: {string.Join(", ", silent)}. Events wait in the store until enough have; suspend a peer that will not come back.");
            return;
        }

        hold.Release();
    }

    private bool IsBeginning(Checkpoint theirs, Checkpoint own) => SubtreeHash.RootOf(tree.At(own.Size), theirs.Size).AsSpan().SequenceEqual(theirs.Root);

    private async Task<Seen> AskAsync(PeerRow peer, CancellationToken cancellationToken)
    {
        var answer = await calls.GetAsync(peer, "/ledger/witness/" + rows.PeerId, options.StartTimeout, cancellationToken).ConfigureAwait(false);
        if (answer.Status == 404)
        {
            return new(peer, true, null, null);
        }

        // What the own key has not signed is no answer.
        return answer.Status == 200 && SignedNote.TryParse(answer.Text, out var note) && rows.HasSigned(note) && Checkpoint.TryParse(note.Text, out var checkpoint) && checkpoint.Origin == rows.Origin
            ? new(peer, true, note, checkpoint)
            : new(peer, false, null, null);
    }

    private void Hold(string code, string detail)
    {
        if (hold.Held?.Detail != detail)
        {
            LogHeldFor(code, detail);
        }

        hold.Hold(new(code, detail));
    }

    [LoggerMessage(LogLevel.Critical, "The log is held ({Code}): {Detail}")]
    private partial void LogHeldFor(string code, string detail);

    [LoggerMessage(LogLevel.Warning, "The missing records of the log were fetched back; it has {Size} again")]
    private partial void LogRecovered(long size);

    private sealed record Seen(PeerRow Peer, bool Answered, SignedNote? Note, Checkpoint? Checkpoint);
}
