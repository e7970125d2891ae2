using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Manifests;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>
/// Projects logs when somebody asks: the own one, and those of active peers as far as a checkpoint of theirs covers what is kept here. Appending and pulling never wait for it.
/// </summary>
internal sealed class LogProjections(LogRows rows, PeerDirectory peers, ManifestIntake manifests, IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity, TimeProvider time)
{
    private const int Page = 512;

    /// <summary>Projects what is there and gives how far the own log is. Any number may do it at once, on several silos too.</summary>
    public async Task<long> CatchUpAsync(CancellationToken cancellationToken)
    {
        foreach (var peer in await peers.ActiveAsync(cancellationToken).ConfigureAwait(false))
        {
            List<VerifyingKey> keys = [.. (await peers.KeysAsync(peer.PeerId, cancellationToken).ConfigureAwait(false)).Select(one => one.Key)];
            await AllAsync(peer.PeerId, keys, after => KeptAsync(peer.PeerId, after, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        return await AllAsync(identity.PeerId, [], after => rows.LeavesAsync(after + 1, Page, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<long> AllAsync(string source, List<VerifyingKey> keys, Func<long, Task<List<byte[]>>> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            var cursor = await CursorAsync(source, cancellationToken).ConfigureAwait(false);
            var leaves = (await read(cursor).ConfigureAwait(false)).ConvertAll(bytes => RecordLeaf.TryRead(bytes, out var leaf) is null ? leaf! : throw LogRows.Broken(cursor + 1));
            if (leaves.Count == 0)
            {
                return cursor;
            }

            try
            {
                var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
                await writer.WriteAsync(batch => Projection.Advance(batch, source, cursor, leaves, keys, nowMs, manifests), cancellationToken).ConfigureAwait(false);
            }
            catch (QuorumMovedException)
            {
                // Another silo projects too; its cursor is read anew.
            }
        }
    }

    private async Task<List<byte[]>> KeptAsync(string source, long after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var covered = await context.Set<LogMirrorRow>().Where(row => row.Source == source && row.Fault == null).Select(row => row.CheckpointSize).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<MirrorLeafRow>().Where(row => row.Source == source && row.Sequence > after && row.Sequence <= covered).OrderBy(row => row.Sequence).Take(Page).Select(row => row.Leaf)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<long> CursorAsync(string source, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<ProjectionCursorRow>().Where(row => row.Source == source).Select(row => row.Sequence).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }
}
