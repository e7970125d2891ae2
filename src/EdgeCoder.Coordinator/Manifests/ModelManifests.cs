using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Manifests;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Manifests;

/// <summary>
/// Manifests of models (economy-and-ledger 16.3): this coordinator signs its own, each a leaf of its log, and takes those of its peers out of their logs. A coordinator fetches no model; it says of each manifest whether it
/// passes the checks that whoever fetches makes again.
/// </summary>
internal sealed class ModelManifests(
    LogProjections projections, PeerDirectory peers, IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity, TimeProvider time, ModelManifestOptions options)
{
    private const int MostListed = 1_000;

    /// <summary>
    /// Signs a manifest; the same again gives the same. Throws <see cref="Refusal"/>: 400 with the code of the check that fails; 409 <c>manifest_exists</c> where this version of the model has another one.
    /// </summary>
    public Task<ModelManifestView> PublishAsync(ModelManifestRequest request, string operatorId, CancellationToken cancellationToken)
    {
        var manifest = new PeerModelManifest
        {
            ModelId = request.ModelId ?? "", Version = request.Version ?? "", Source = request.Source ?? "", Sha256 = request.Sha256 ?? "", SizeBytes = request.SizeBytes ?? 0, SignerPeerId = identity.PeerId,
        };
        var signed = PeerModelManifest.Sign(manifest, identity.Key);
        if (PeerManifestCheck.FaultOf(signed, _ => true, options.Sources, _ => [identity.Key.PublicKey]) is { } fault)
        {
            throw new Refusal(400, fault, "A manifest has modelId, version, source (an https address of the list MODEL_SOURCE_ALLOWLIST that ends in .gguf, .bin or .safetensors), sha256 (64 lower-case hex digits) and sizeBytes.");
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(
            batch =>
            {
                if (batch.TryInsert(new ModelManifestRow { SignerPeerId = identity.PeerId, ModelId = manifest.ModelId, Version = manifest.Version, Signed = signed, AtMs = nowMs }))
                {
                    LogOutbox.Append(batch, RecordTypes.ModelManifest, "model:" + Named(manifest), null, operatorId, Encoding.UTF8.GetString(signed), nowMs);
                }
                else if (!batch.Query("SELECT signed FROM model_manifests WHERE signer_peer_id = $1 AND model_id = $2 AND version = $3", row => row.Bytes(0), identity.PeerId, manifest.ModelId, manifest.Version)
                    .Single().AsSpan().SequenceEqual(signed))
                {
                    throw new Refusal(409, "manifest_exists", "This version of the model has another manifest, and it is in the log. Give the changed file another version.");
                }

                return new ModelManifestView(manifest, Convert.ToBase64String(signed), null);
            },
            cancellationToken);
    }

    /// <summary>All that are known, by signer, model and version, each with what is wrong with it now.</summary>
    public async Task<ModelManifestList> ListAsync(CancellationToken cancellationToken)
    {
        await projections.CatchUpAsync(cancellationToken).ConfigureAwait(false);
        var active = (await peers.ActiveAsync(cancellationToken).ConfigureAwait(false)).Select(peer => peer.PeerId).ToHashSet(StringComparer.Ordinal);
        var keys = new Dictionary<string, IReadOnlyList<VerifyingKey>>(StringComparer.Ordinal) { [identity.PeerId] = [identity.Key.PublicKey] };
        foreach (var peer in active)
        {
            keys[peer] = [.. (await peers.KeysAsync(peer, cancellationToken).ConfigureAwait(false)).Select(one => one.Key)];
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<ModelManifestRow>().OrderBy(row => row.SignerPeerId).ThenBy(row => row.ModelId).ThenBy(row => row.Version).Take(MostListed).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new([.. rows.Select(row => new ModelManifestView(
            PeerManifestCheck.Read(row.Signed)!,
            Convert.ToBase64String(row.Signed),
            PeerManifestCheck.FaultOf(row.Signed, peer => peer == identity.PeerId || active.Contains(peer), options.Sources, peer => keys.GetValueOrDefault(peer) ?? [])))]);
    }

    // Ids of models may hold what an id of a record may not.
    private static string Named(PeerModelManifest manifest) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{manifest.ModelId}\n{manifest.Version}")))[..32];
}

/// <summary>Takes manifests out of the logs of peers, in the transaction that moves their cursor.</summary>
internal sealed class ManifestIntake(SecurityLog security)
{
    /// <summary>
    /// Keeps a manifest that the peer whose log it is in has signed; the first of a version stays. One in its own name that it has not signed is told as an event, once, and kept nowhere.
    /// </summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="source">Whose log.</param>
    /// <param name="payload">What is in it; canonical, as everything in a leaf.</param>
    /// <param name="keys">All keys of that peer.</param>
    /// <param name="nowMs">Now.</param>
    public void Take(IStoreBatch batch, string source, JsonElement payload, IReadOnlyList<VerifyingKey> keys, long nowMs)
    {
        var signed = CanonicalJson.Write(payload);
        if (PeerManifestCheck.Read(signed) is not { } manifest || manifest.SignerPeerId != source)
        {
            return;
        }

        if (keys.Any(key => SignedDocument.Verify(DocumentContexts.ModelManifest, signed, key) is null))
        {
            batch.TryInsert(new ModelManifestRow { SignerPeerId = source, ModelId = manifest.ModelId, Version = manifest.Version, Signed = signed, AtMs = nowMs });
            return;
        }

        var digest = Convert.ToHexStringLower(SHA256.HashData(signed));
        security.AddOnce(
            batch, $"{source} {nowMs / SecurityTally.WindowMs}", SecurityEventKind.ManifestSignatureFailure, SecurityLog.Coordinator, source, "refused", nowMs, ("manifestSha256", JsonValue.Create(digest)));
    }
}

/// <summary>Settings of manifests.</summary>
/// <param name="Sources"><c>MODEL_SOURCE_ALLOWLIST</c>.</param>
internal sealed record ModelManifestOptions(ModelSources Sources);
