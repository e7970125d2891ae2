using System.Globalization;
using System.Text;
using EdgeCoder.Coordinator.Equivocations;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Equivocations;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Trees;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Log;

/// <summary>An answer in the form of C2SP tlog-witness.</summary>
internal sealed record WitnessAnswer(int Status, string Body, string MediaType = "text/plain");

/// <summary>
/// Cosigns checkpoints of approved peers' logs (economy-and-ledger 9.5, C2SP tlog-witness, "add-checkpoint"): 1. the request; 2. a log whose key is known; 3. a checkpoint that
/// it has signed; 4. what was cosigned before is its beginning; 5. the new state is stored by compare-and-set; 6. only then the cosignature, of both keys while the key is being changed. So no two callers, silos or
/// restarts make this witness sign two histories, or roll it back. Two checkpoints that cannot both be true are kept as evidence, and the peer is suspended (9.7).
/// </summary>
internal sealed class WitnessDesk(
    IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, PeerDirectory peers, LogEquivocations equivocations, CoordinatorIdentity identity, TimeProvider time)
{
    private const string OriginStart = "edgecoder/";
    private const int MostProof = 63;
    private const string SizeType = "text/x.tlog.size";

    /// <summary>Answers a request.</summary>
    public async Task<WitnessAnswer> AddAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        // 1.
        if (Read(body.Span) is not var (old, proof, note) || !Checkpoint.TryParse(note.Text, out var checkpoint))
        {
            return new(400, "The body is not: a line \"old N\", at most 63 lines of base64 hashes, an empty line, a signed checkpoint.\n");
        }

        // 2.
        var peerId = checkpoint.Origin.StartsWith(OriginStart, StringComparison.Ordinal) ? checkpoint.Origin[OriginStart.Length..] : "";
        if (await peers.ActiveAsync(peerId, cancellationToken).ConfigureAwait(false) is null)
        {
            return new(404, "The log is not one of an approved peer.\n");
        }

        // 3.
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!await peers.HasSignedAsync(peerId, note, nowMs, cancellationToken).ConfigureAwait(false))
        {
            return new(403, "The checkpoint is not signed by the log's key.\n");
        }

        // Only what the log itself has signed is kept: others' lines prove nothing about it.
        note = note with { Signatures = [.. note.Signatures.Where(one => one.Name == checkpoint.Origin)] };
        if (old > checkpoint.Size)
        {
            return new(400, "The old size is larger than the checkpoint's.\n");
        }

        // 4. and 5.
        var (refused, isFork) = await writer.WriteAsync(
            batch =>
            {
                var (answer, evidence) = Advance(batch, note, checkpoint, old, proof, nowMs);
                return (answer, evidence is not null && equivocations.Keep(batch, peerId, evidence, nowMs));
            },
            cancellationToken).ConfigureAwait(false);
        if (isFork)
        {
            equivocations.Tell(peerId);
        }

        // 6.
        return refused ?? new(200, string.Concat(identity.Signers(nowMs).Select(key => NoteSignature.Cosign(note.Text, OriginStart + identity.PeerId, nowMs / 1000, key))));
    }

    /// <summary>The newest checkpoint of a peer's log that was cosigned here; null without one.</summary>
    public async Task<string?> NewestAsync(string peerId, CancellationToken cancellationToken)
    {
        var origin = OriginStart + peerId;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<WitnessStateRow>().Where(row => row.Origin == origin).Select(row => row.Note).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    private static (WitnessAnswer? Refused, EquivocationFile? Evidence) Advance(IStoreBatch batch, SignedNote note, Checkpoint checkpoint, long old, List<byte[]> proof, long nowMs)
    {
        var (size, root, before) = batch.Query("SELECT size, root, note FROM witness_states WHERE origin = $1", row => (row.Number(0), row.Bytes(1), row.Text(2)), checkpoint.Origin) is [var known] ? known : (0L, TreeHash.Empty, "");
        if (size > 0 && checkpoint.Size == size && !checkpoint.Root.AsSpan().SequenceEqual(root))
        {
            return (new(409, string.Create(CultureInfo.InvariantCulture, $"{size}\n"), SizeType), EquivocationFile.Of(checkpoint.Origin, before, note.ToString()));
        }

        if (size != old)
        {
            return (new(409, string.Create(CultureInfo.InvariantCulture, $"{size}\n"), SizeType), null);
        }

        var follows = old == 0 ? proof.Count == 0 && (checkpoint.Size > 0 || checkpoint.Root.AsSpan().SequenceEqual(TreeHash.Empty)) : ConsistencyProof.Verify(old, checkpoint.Size, proof, root, checkpoint.Root);
        if (!follows)
        {
            // The proof may be merely wrong. Where it leads to this checkpoint from another beginning than was cosigned, the log has two.
            var other = old > 0 && ConsistencyProof.Roots(old, checkpoint.Size, proof, root) is var (first, second) && second.AsSpan().SequenceEqual(checkpoint.Root) && !first.AsSpan().SequenceEqual(root) ? first : null;
            return (new(422, "The proof does not lead from what was cosigned to this checkpoint.\n"), other is null ? null : EquivocationFile.Of(checkpoint.Origin, before, note.ToString(), other, proof));
        }

        if (!batch.TryInsert(new WitnessStateRow { Origin = checkpoint.Origin, Size = checkpoint.Size, Root = checkpoint.Root, Note = note.ToString(), AtMs = nowMs }))
        {
            batch.Execute("UPDATE witness_states SET size = $1, root = $2, at_ms = $3, note = $6 WHERE origin = $4 AND size = $5", checkpoint.Size, checkpoint.Root, nowMs, checkpoint.Origin, old, note.ToString());
        }

        return (null, null);
    }

    private static (long Old, List<byte[]> Proof, SignedNote Note)? Read(ReadOnlySpan<byte> body)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        var blank = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0 || text[..blank].Split('\n') is not [var first, .. var lines] || lines.Length > MostProof || !first.StartsWith("old ", StringComparison.Ordinal)
            || !long.TryParse(first.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var old) || first != string.Create(CultureInfo.InvariantCulture, $"old {old}")
            || !SignedNote.TryParse(text[(blank + 2)..], out var note))
        {
            return null;
        }

        var proof = new List<byte[]>(lines.Length);
        foreach (var line in lines)
        {
            var hash = new byte[TreeHash.Size];
            if (line.Length != 44 || !Convert.TryFromBase64String(line, hash, out var length) || length != TreeHash.Size || Convert.ToBase64String(hash) != line)
            {
                return null;
            }

            proof.Add(hash);
        }

        return (old, proof, note);
    }
}
