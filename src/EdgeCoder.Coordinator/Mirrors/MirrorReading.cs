using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Witnesses;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Mirrors;

/// <summary>What peers read of the own log and of those that are kept here.</summary>
internal sealed class MirrorReading(IDbContextFactory<CoordinatorContext> contexts, LogRows rows, LogCheckpoints checkpoints, LogHold hold, PeerDirectory peers)
{
    /// <summary>Records of one answer where nothing is said.</summary>
    public const int MostRecords = 1_000;

    /// <summary>Records of one answer at most.</summary>
    public const int MostAsked = 5_000;

    private const int MostBytes = 1 << 20;

    /// <summary>
    /// Records of a source behind a sequence. A time leaves out what was made before it and moves nothing: the next sequence is behind all that was looked at. Throws 404 <c>source_unknown</c>.
    /// </summary>
    public async Task<RecordRange> RangeAsync(string source, long since, int limit, CancellationToken cancellationToken, long sinceIssuedAtMs = 0)
    {
        var leaves = source == rows.PeerId ? await OwnAsync(since, limit, cancellationToken).ConfigureAwait(false) : await KeptAsync(source, since, limit, cancellationToken).ConfigureAwait(false);
        var (records, bytes, looked) = (new List<string>(leaves.Count), 0, 0L);
        foreach (var leaf in leaves)
        {
            if (sinceIssuedAtMs == 0 || (RecordLeaf.TryRead(leaf, out var read) is null && read!.Record.IssuedAtMs >= sinceIssuedAtMs))
            {
                // Large records make a shorter answer.
                if ((bytes += leaf.Length) > MostBytes && records.Count > 0)
                {
                    break;
                }

                records.Add(Convert.ToBase64String(leaf));
            }

            looked++;
        }

        return new(records, since + looked + 1);
    }

    /// <summary>Where every log ends.</summary>
    public async Task<LedgerHead> HeadAsync(CancellationToken cancellationToken)
    {
        var head = await rows.HeadAsync(cancellationToken).ConfigureAwait(false);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var newest = await context.Set<LogCheckpointRow>().Where(row => row.Origin == rows.Origin).OrderByDescending(row => row.Size)
            .Select(row => new HeadCheckpoint(row.CheckpointHash, row.Size, row.AtMs)).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var mirrors = await context.Set<LogMirrorRow>().ToListAsync(cancellationToken).ConfigureAwait(false);
        var members = await peers.ActiveAsync(cancellationToken).ConfigureAwait(false);
        return new(
            rows.PeerId, new(head.AtMs, head.Hash, head.Size), newest, SoftFinality.Threshold(members.Count + 1),
            [new(rows.PeerId, head.Size, head.Hash, null), .. mirrors.OrderBy(row => row.Source, StringComparer.Ordinal).Select(row => new LogSource(row.Source, row.Size, row.Hash, row.Fault))],
            hold.Held is { } held ? new(held.Code, held.Detail) : null);
    }

    // Nothing beyond the newest checkpoint is shown of the own log.
    private async Task<List<byte[]>> OwnAsync(long since, int limit, CancellationToken cancellationToken)
    {
        var size = (await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false)).Checkpoint.Size;
        return since >= size ? [] : await rows.LeavesAsync(since + 1, (int)Math.Min(limit, size - since), cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<byte[]>> KeptAsync(string source, long since, int limit, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LogMirrorRow>().AnyAsync(row => row.Source == source, cancellationToken).ConfigureAwait(false)
            ? await context.Set<MirrorLeafRow>().Where(row => row.Source == source && row.Sequence > since).OrderBy(row => row.Sequence).Take(limit).Select(row => row.Leaf).ToListAsync(cancellationToken).ConfigureAwait(false)
            : throw new Refusal(404, "source_unknown", "No log of this coordinator is kept here.");
    }
}
