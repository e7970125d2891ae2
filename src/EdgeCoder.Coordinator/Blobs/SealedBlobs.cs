using System.Text.RegularExpressions;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Blobs;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Leases;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>
/// Blobs of sealed leases (coordinator-and-mesh 6): each is served encrypted under a key of that lease and blob alone. Key and nonce follow from the coordinator's own key, so the copy is made
/// again whenever it is asked for, by any silo, and is never on a disk.
/// </summary>
internal sealed partial class SealedBlobs(BlobStore blobs, LeaseSecrets secrets, IDbContextFactory<CoordinatorContext> contexts) : IDisposable
{
    // Digests that an input may name as a dependency's output; more are no input of a subtask.
    private const int MostInInput = 256;

    // A blob and its copy are in memory while it is sealed.
    private readonly SemaphoreSlim _room = new(2);

    /// <summary>Copies of everything that a lease of this work may read. What is not stored, or not the submitter's, is left out: the worker gives the lease back, and says so.</summary>
    public async Task<IReadOnlyList<SealedBlob>> OfAsync(string leaseId, OrderMaterial work, CancellationToken cancellationToken)
    {
        var check = FrozenCheck.Read(work.CheckJson);
        var held = Files(check, hidden: work.Recheck is not null).Select(file => file.Sha256)
            .Concat(InInput(work.Input)).Append(work.SnapshotDigest).OfType<string>().Where(BlobStore.IsDigest).Distinct(StringComparer.Ordinal).ToList();
        if (held.Count == 0 && work.Recheck is null)
        {
            return [];
        }

        List<SealedBlob> copies = [];
        foreach (var digest in await ReadableAsync(work, held, cancellationToken))
        {
            if (await SealAsync(leaseId, digest, cancellationToken) is { } copy)
            {
                copies.Add(copy.Blob);
            }
        }

        return copies;
    }

    /// <summary>The copy of a blob for a lease; null when it is not stored, or damaged.</summary>
    public async Task<(SealedBlob Blob, byte[] Bytes)?> SealAsync(string leaseId, string digest, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        try
        {
            return await blobs.ReadBytesAsync(digest, (int)BlobStore.MostBytes, cancellationToken) is { } bytes ? BlobSealer.Seal(bytes, secrets.BlobSecret(leaseId, digest)) : null;
        }
        catch (Refusal)
        {
            return null;
        }
        finally
        {
            _room.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    // Hidden tests go to verifiers and auditors, and so do the bytes of protected files: they restore what a patch has touched.
    private static IEnumerable<CheckFile> Files(AcceptanceCheck? check, bool hidden) => (check?.Files ?? []).Concat(hidden ? (check?.Overlay ?? []).Concat(check?.ProtectedFiles ?? []) : []);

    private static IEnumerable<string> InInput(string input) => Digest().Matches(input).Take(MostInInput).Select(match => match.Value);

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", RegexOptions.CultureInvariant)]
    private static partial Regex Digest();

    // What the task's account holds, a snapshot that the coordinator made for it, and the patch that is judged, if its agent has sent it.
    private async Task<IReadOnlyList<string>> ReadableAsync(OrderMaterial work, List<string> named, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = BlobRecords.Account(work.AccountId);
        var readable = await context.Set<BlobHolderRow>().Where(h => h.Holder == account && named.Contains(h.Sha256)).Select(h => h.Sha256).ToListAsync(cancellationToken);
        if (work.SnapshotDigest is { } snapshot && work.SnapshotRef != "sha256:" + snapshot && !readable.Contains(snapshot))
        {
            readable.Add(snapshot);
        }

        if (work.Recheck?.Subject is { PatchDigest: { } patch } subject && await (
            from result in context.Set<ResultRow>()
            join holder in context.Set<BlobHolderRow>() on "agent:" + result.AgentId equals holder.Holder
            where result.LeaseId == subject.LeaseId && holder.Sha256 == patch
            select result.LeaseId).AnyAsync(cancellationToken))
        {
            readable.Add(patch);
        }

        return [.. readable.Distinct(StringComparer.Ordinal)];
    }
}
