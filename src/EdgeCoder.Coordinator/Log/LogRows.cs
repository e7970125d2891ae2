using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Log;

/// <summary>Where a log ends.</summary>
/// <param name="Size">Records.</param>
/// <param name="Hash">Hash of the last one.</param>
/// <param name="AtMs">Its time.</param>
internal sealed record LogHead(long Size, string Hash, long AtMs)
{
    /// <summary>Of a log without records.</summary>
    public static LogHead Empty { get; } = new(0, OrderingRecord.Genesis, 0);
}

/// <summary>Reads of the coordinator's own log, from its rows.</summary>
internal sealed class LogRows(IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity)
{
    /// <summary>Leaves that are read at once.</summary>
    public const int Page = 1024;

    /// <summary>Whose log it is.</summary>
    public string Origin { get; } = Checkpoint.OriginOf(identity.PeerId);

    /// <summary>Id of its coordinator.</summary>
    public string PeerId => identity.PeerId;

    /// <summary>Its key of this moment, as notes name it.</summary>
    public NoteKey Key => NoteOf(identity.Key.PublicKey);

    /// <summary>Its key of this moment, with all that it leads to.</summary>
    public TrustedKeys Trust => identity.Chain is { } chain ? new TrustedKeys([Key], 0).Following(chain) : new([Key], 0);

    /// <summary>Whether this log has signed a note, with any key that it has had.</summary>
    public bool HasSigned(SignedNote note) => KeysHere().Any(key => note.IsSignedBy(NoteOf(key)));

    /// <summary>Whether this log has signed a record, with a key that counted at its time.</summary>
    public bool HasSigned(RecordLeaf leaf) => KeysHere().Any(key => identity.Chain?.Of(key)?.CountsAt(leaf.Record.IssuedAtMs) != false && leaf.IsSignedBy(key));

    // The key folder may be ahead of a store that was restored.
    private IEnumerable<VerifyingKey> KeysHere() => identity.PublicKeys.Append(identity.Key.PublicKey);

    private NoteKey NoteOf(VerifyingKey key) => NoteKey.Of(Origin, NoteKeyType.Ed25519, key);

    /// <summary>Where it ends. Throws <see cref="LogRefusedException"/> when the last row is no leaf.</summary>
    public async Task<LogHead> HeadAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var last = await context.Set<LogLeafRow>().Where(r => r.Origin == Origin).OrderByDescending(r => r.Sequence).Select(r => new { r.Sequence, r.Leaf }).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return last is null ? LogHead.Empty
            : RecordLeaf.TryRead(last.Leaf, out var leaf) is null ? new(last.Sequence, leaf!.Hash, leaf.Record.IssuedAtMs)
            : throw Broken(last.Sequence);
    }

    /// <summary>The newest checkpoint that was signed; null before the first.</summary>
    public async Task<SignedNote?> NewestAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var note = await context.Set<LogCheckpointRow>().Where(r => r.Origin == Origin).OrderByDescending(r => r.Size).Select(r => r.Note).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return SignedNote.TryParse(note, out var parsed) ? parsed : null;
    }

    /// <summary>The checkpoint of a size; null where none was signed.</summary>
    public async Task<string?> NoteAsync(long size, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LogCheckpointRow>().Where(r => r.Origin == Origin && r.Size == size).Select(r => r.Note).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves from a sequence on, in their order, at most so many. Throws <see cref="LogRefusedException"/> where one is missing between.</summary>
    public async Task<List<byte[]>> LeavesAsync(long from, int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<LogLeafRow>().Where(r => r.Origin == Origin && r.Sequence >= from).OrderBy(r => r.Sequence).Take(most)
            .Select(r => new { r.Sequence, r.Leaf }).ToListAsync(cancellationToken).ConfigureAwait(false);
        for (var at = 0; at < rows.Count; at++)
        {
            if (rows[at].Sequence != from + at)
            {
                throw Broken(from + at);
            }
        }

        return rows.ConvertAll(row => row.Leaf);
    }

    /// <summary>The same on the caller's thread, with places missing between told as the end.</summary>
    public List<byte[]> Leaves(long from, int most, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var context = contexts.CreateDbContext();
        var rows = context.Set<LogLeafRow>().Where(r => r.Origin == Origin && r.Sequence >= from).OrderBy(r => r.Sequence).Take(most).Select(r => new { r.Sequence, r.Leaf }).ToList();
        return [.. rows.TakeWhile((row, at) => row.Sequence == from + at).Select(row => row.Leaf)];
    }

    /// <summary>Sequence of the record with a hash; null where there is none.</summary>
    public async Task<long?> SequenceAsync(string hash, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LogLeafRow>().Where(r => r.Origin == Origin && r.Hash == hash).Select(r => (long?)r.Sequence).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Receipts of a task with their places.</summary>
    public async Task<IReadOnlyList<(long Sequence, byte[] Leaf)>> ReceiptsAsync(string taskId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<LogLeafRow>().Where(r => r.ReceiptTaskId == taskId && r.Origin == Origin).OrderBy(r => r.Sequence).Select(r => new { r.Sequence, r.Leaf }).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => (row.Sequence, row.Leaf))];
    }

    /// <summary>Receipts of a task that wait to become leaves.</summary>
    public async Task<int> WaitingReceiptsAsync(string taskId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LogEventRow>().CountAsync(r => r.TaskId == taskId && r.EventType == RecordTypes.Receipt && r.Refused == null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Events that wait, oldest first.</summary>
    public async Task<List<LogEventRow>> WaitingAsync(int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LogEventRow>().Where(r => r.Refused == null).OrderBy(r => r.Sequence).Take(most).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The rows are not a log from a record on.</summary>
    public static LogRefusedException Broken(long sequence) => new(
        LogRefusedException.ChainBreak,
        $"The log in the store is broken at record {sequence}: it is missing, damaged, or does not follow the one before it (ledger_chain_break). Nothing is signed with it. Restore the store from a backup, and keep the damaged one as evidence.");
}
