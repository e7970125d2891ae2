using System.Globalization;
using System.Text;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Coordinator.Witnesses;

/// <summary>How a push ended.</summary>
internal enum PushVerdict
{
    /// <summary>The witness has cosigned the newest checkpoint, now or before.</summary>
    Cosigned,

    /// <summary>It did not answer, or not as a witness does. It is asked again.</summary>
    Unanswered,

    /// <summary>It has seen a later or another history of this log.</summary>
    SawMore,
}

/// <summary>
/// Asks a witness to cosign (economy-and-ledger 9.5, C2SP tlog-witness): 1. the newest checkpoint, unless the witness has it; 2. the proof from what it has; 3. its answer: a
/// cosignature, or the size that it has, with which it is asked once more; 4. the cosignature is checked and kept. A crash between loses nothing: the witness cosigns the
/// same checkpoint again.
/// </summary>
internal sealed class WitnessPush(
    LogTree tree, LogCheckpoints checkpoints, LogHold hold, LogCosignatures cosignatures, PeerDirectory peers, PeerCalls calls, PeerOptions options, CoordinatorIdentity identity, TimeProvider time)
{
    private const string Path = "/ledger/witness/add-checkpoint";
    private const int MostTries = 3;

    /// <summary>Asks one.</summary>
    public async Task<PushVerdict> AskAsync(PeerRow peer, CancellationToken cancellationToken)
    {
        // 1. What is held may be less than was signed once: it is not shown to witnesses as the newest.
        if (hold.Held is not null)
        {
            return PushVerdict.Unanswered;
        }

        var newest = await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false);
        var old = await cosignatures.NewestOfAsync(peer.PeerId, cancellationToken).ConfigureAwait(false);
        if (old >= newest.Checkpoint.Size)
        {
            return PushVerdict.Cosigned;
        }

        for (var tries = 0; tries < MostTries; tries++)
        {
            // 2.
            var proof = old == 0 ? [] : ConsistencyProof.Make(tree.At(newest.Checkpoint.Size), old, newest.Checkpoint.Size);
            var body = string.Create(CultureInfo.InvariantCulture, $"old {old}\n{string.Concat(proof.Select(hash => Convert.ToBase64String(hash) + "\n"))}\n{newest.Note}");

            // 3.
            var answer = await calls.PostAsync(peer, Path, body, cancellationToken).ConfigureAwait(false);
            switch (answer.Status)
            {
                case 200:
                    return await KeepAsync(peer, newest, answer.Text, cancellationToken).ConfigureAwait(false) ? PushVerdict.Cosigned : PushVerdict.Unanswered;
                case 409 when SizeOf(answer.Text) is { } seen && seen != old:
                    // Another silo may have signed since.
                    newest = await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false);
                    if (seen > newest.Checkpoint.Size)
                    {
                        return PushVerdict.SawMore;
                    }

                    old = seen;
                    break;
                case 409 or 422:
                    return PushVerdict.SawMore;
                default:
                    return PushVerdict.Unanswered;
            }
        }

        return PushVerdict.Unanswered;
    }

    // 4.
    private async Task<bool> KeepAsync(PeerRow peer, Published asked, string? body, CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (body is null || !SignedNote.TryParse($"{asked.Note.Text}\n{body}", out var answered))
        {
            return false;
        }

        var keys = await peers.KeysAsync(peer.PeerId, cancellationToken).ConfigureAwait(false);
        var skewMs = (long)options.MaxSkew.TotalMilliseconds;
        var line = answered.Signatures.FirstOrDefault(one => one.Time is { } at && at <= (nowMs + skewMs) / 1_000
            && keys.Any(key => key.CountsAt(nowMs, skewMs) && one.IsOf(NoteKey.Of(Checkpoint.OriginOf(peer.PeerId), NoteKeyType.Cosignature, key.Key), asked.Note.Text)));
        if (line is null || peer.PeerId == identity.PeerId)
        {
            return false;
        }

        options.At(ExchangeStep.Cosigned);
        await cosignatures.AddAsync(asked.Checkpoint.Size, peer.PeerId, line, nowMs, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static long? SizeOf(string? text) =>
        text is [.. var digits, '\n'] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && Encoding.ASCII.GetByteCount(digits) <= 19 ? size : null;
}
