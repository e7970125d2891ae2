using System.Text;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Manifests;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Tests.Issuance;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Manifests;

namespace EdgeCoder.Coordinator.Tests.Manifests;

/// <summary>Manifests of models between coordinators (economy-and-ledger 16.3, F29): through the logs, believed of their signer alone.</summary>
public sealed class ModelManifestTests
{
    private static readonly ModelManifestRequest Request = new("codellama-7b", "1.0.3", "https://models.edgecoder.io/codellama-7b.gguf", new('a', 64), 4_700_000_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task A_manifest_is_a_leaf_of_its_signers_log_and_comes_to_its_peers_with_its_exact_bytes(StoreKind kind)
    {
        await using var one = await IssuanceBench.StartAsync(kind);
        await using var two = await IssuanceBench.StartAsync(kind, "coord-2", 32, one.Clock);
        var published = await one.Get<ModelManifests>().PublishAsync(Request, "op-1", Stop);
        Assert.Equal(published, await one.Get<ModelManifests>().PublishAsync(Request, "op-1", Stop));
        await one.SettleAsync();
        Assert.Single(await one.LeavesAsync(), leaf => leaf.Record.EventType == RecordTypes.ModelManifest);

        await two.ApproveAsync([one]);
        await two.KeepLogOfAsync(one);
        var seen = Assert.Single((await two.Get<ModelManifests>().ListAsync(Stop)).Manifests);
        Assert.Equal((published.Signed, null, "coord-1"), (seen.Signed, seen.Fault, seen.Manifest.SignerPeerId));

        // A peer that is not trusted any more vouches for nothing.
        await two.DoAsync(batch => batch.Execute("UPDATE peers SET status = 'suspended'"));
        Assert.Equal("untrusted_peer", Assert.Single((await two.Get<ModelManifests>().ListAsync(Stop)).Manifests).Fault);
    }

    [Fact]
    public async Task One_version_of_a_model_has_one_manifest_and_what_fails_a_check_is_not_signed()
    {
        await using var one = await IssuanceBench.StartAsync();
        var manifests = one.Get<ModelManifests>();
        await manifests.PublishAsync(Request, "op-1", Stop);
        foreach (var (request, status, code) in new[]
        {
            (Request with { Sha256 = new('b', 64) }, 409, "manifest_exists"),
            (Request with { Version = "2", Source = "https://elsewhere.example/x.gguf" }, 400, "source_not_allowlisted"),
            (Request with { Version = "2", Source = "http://models.edgecoder.io/x.gguf" }, 400, "invalid_source_url"),
            (Request with { Version = "2", Source = "https://models.edgecoder.io/x.exe" }, 400, "disallowed_file_extension"),
            (Request with { Version = "2", Sha256 = "short" }, 400, "malformed_manifest"),
            (Request with { Version = null }, 400, "malformed_manifest"),
            (Request with { Version = "2", SizeBytes = 0 }, 400, "malformed_manifest"),
        })
        {
            var refusal = await Assert.ThrowsAsync<Refusal>(() => manifests.PublishAsync(request, "op-1", Stop));
            Assert.Equal((status, code), (refusal.Status, refusal.Error));
        }

        Assert.Equal(1, await one.CountAsync("SELECT count(*) FROM model_manifests"));
    }

    [Fact]
    public async Task A_peers_manifest_that_it_has_not_signed_is_told_once_and_kept_nowhere()
    {
        await using var one = await IssuanceBench.StartAsync();
        await using var two = await IssuanceBench.StartAsync(peerId: "coord-2", seed: 32, clock: one.Clock);
        using var other = SigningKey.Generate();
        var manifest = new PeerModelManifest { ModelId = "m", Version = "1", Source = Request.Source!, Sha256 = new('a', 64), SizeBytes = 1, SignerPeerId = "coord-1" };
        await one.DoAsync(batch =>
        {
            for (var n = 0; n < 50; n++)
            {
                LogOutbox.Append(batch, RecordTypes.ModelManifest, $"model:{n}", null, "op-1", Encoding.UTF8.GetString(PeerModelManifest.Sign(manifest with { Version = $"{n}" }, other)), 1);
            }

            // In another's name: no word of that one, and no fault of it.
            LogOutbox.Append(batch, RecordTypes.ModelManifest, "model:x", null, "op-1", Encoding.UTF8.GetString(PeerModelManifest.Sign(manifest with { SignerPeerId = "coord-3" }, other)), 1);
            return true;
        });

        await two.ApproveAsync([one]);
        await two.KeepLogOfAsync(one);
        Assert.Empty((await two.Get<ModelManifests>().ListAsync(Stop)).Manifests);
        Assert.Equal("coord-1", await two.DoAsync(batch => batch.Query("SELECT json FROM security_events WHERE event = 'manifest_signature_failure'", row => (string?)System.Text.Json.Nodes.JsonNode.Parse(row.Text(0))!["source"]!["id"]).Single()));
    }
}
