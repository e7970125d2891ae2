using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Notes;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Witnesses;

/// <summary>The cosignatures that this log has, and what follows from them. The quorum set is this coordinator and its active peers (economy-and-ledger 8.2, 9.6).</summary>
internal sealed class LogCosignatures(IDbContextFactory<CoordinatorContext> contexts, LogRows rows, PeerDirectory peers, IStoreWriter writer)
{
    /// <summary>Keeps one that has been checked.</summary>
    public Task AddAsync(long size, string witnessId, NoteSignature line, long nowMs, CancellationToken cancellationToken) => writer.WriteAsync(
        batch => batch.TryInsert(new LogCosignatureRow { Size = size, WitnessId = witnessId, Line = line.ToString(), AtMs = nowMs }), cancellationToken);

    /// <summary>The largest size that a witness has cosigned; 0 for none.</summary>
    public async Task<long> NewestOfAsync(string witnessId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LogCosignatureRow>().Where(row => row.WitnessId == witnessId).MaxAsync(row => (long?)row.Size, cancellationToken).ConfigureAwait(false) ?? 0;
    }

    /// <summary>Those of some peers that have ever cosigned here.</summary>
    public async Task<IReadOnlyList<string>> WitnessesAsync(IReadOnlyList<PeerRow> among, CancellationToken cancellationToken)
    {
        var ids = among.Select(peer => peer.PeerId).ToList();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LogCosignatureRow>().Where(row => ids.Contains(row.WitnessId)).Select(row => row.WitnessId).Distinct().ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A note of the own log with every cosignature that it has.</summary>
    public async Task<SignedNote> WithAllAsync(SignedNote note, long size, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var lines = await context.Set<LogCosignatureRow>().Where(row => row.Size == size).OrderBy(row => row.WitnessId).Select(row => row.Line).ToListAsync(cancellationToken).ConfigureAwait(false);
        return lines.Count > 0 && SignedNote.TryParse($"{note.Text}\n{string.Concat(lines)}", out var cosigned) ? note.With(cosigned.Signatures) : note;
    }

    /// <summary>The newest soft-final checkpoint, with its cosignatures; null before the first. Without peers the own signature is enough.</summary>
    public async Task<Published?> SoftFinalAsync(CancellationToken cancellationToken)
    {
        var members = await peers.ActiveAsync(cancellationToken).ConfigureAwait(false);
        var needed = SoftFinality.Threshold(members.Count + 1) - 1;
        if (needed == 0)
        {
            return await rows.NewestAsync(cancellationToken).ConfigureAwait(false) is { } note && Checkpoint.TryParse(note.Text, out var own) ? new(own, note) : null;
        }

        var ids = members.Select(peer => peer.PeerId).ToList();
        long? size;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false))
        {
            size = await context.Set<LogCosignatureRow>().Where(row => ids.Contains(row.WitnessId)).GroupBy(row => row.Size).Where(group => group.Count() >= needed)
                .OrderByDescending(group => group.Key).Select(group => (long?)group.Key).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        }

        return size is { } found && await rows.NoteAsync(found, cancellationToken).ConfigureAwait(false) is { } text && SignedNote.TryParse(text, out var signed) && Checkpoint.TryParse(signed.Text, out var checkpoint)
            ? new(checkpoint, await WithAllAsync(signed, found, cancellationToken).ConfigureAwait(false))
            : null;
    }
}
