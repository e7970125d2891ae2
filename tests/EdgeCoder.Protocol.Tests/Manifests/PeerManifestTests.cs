using System.Text;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Manifests;
using EdgeCoder.Protocol.Tests.Keys;

namespace EdgeCoder.Protocol.Tests.Manifests;

/// <summary>Manifests of models signed by peers (economy-and-ledger 16.3, F29).</summary>
public sealed class PeerManifestTests : IDisposable
{
    private static readonly PeerModelManifest Specified = new()
    {
        ModelId = "codellama-7b", Version = "1.0.3", Source = "https://models.edgecoder.io/codellama-7b.gguf", Sha256 = new('a', 64), SizeBytes = 4_700_000_000, SignerPeerId = "coord-1",
    };

    private readonly SigningKey _key = SpecificationKey.Load();
    private readonly SigningKey _other = SigningKey.Generate();

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void The_manifest_of_the_specification_has_its_bytes_and_signature()
    {
        const string body = """{"modelId":"codellama-7b","sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","SIG"signerPeerId":"coord-1","sizeBytes":4700000000,"source":"https://models.edgecoder.io/codellama-7b.gguf","v":1,"version":"1.0.3"}""";
        const string signature = "\"signature\":\"r6u088u5O2JuDKQeJM/oc3hr2CmiUaES5uy3v/+pdNLZwjy9ry+R5pnoKSbGebUc78JLcWOE7p3aCNsJGGwLAg==\",";
        var signed = PeerModelManifest.Sign(Specified, _key);
        Assert.Equal(body.Replace("\"SIG", signature, StringComparison.Ordinal), Encoding.UTF8.GetString(signed));
        Assert.Null(Fault(signed));
    }

    [Fact]
    public void The_first_check_that_fails_is_told_whatever_else_is_wrong()
    {
        // From the last check to the first: each of these is right up to its own fault, and wrong in everything after it.
        var wrong = Specified with { Signature = null };
        Assert.Equal("invalid_signature", Fault(PeerModelManifest.Sign(wrong, _other)));
        Assert.Equal("no_public_key_for_peer", Fault(PeerModelManifest.Sign(wrong = wrong with { SignerPeerId = "coord-keyless" }, _other)));
        Assert.Equal("disallowed_file_extension", Fault(PeerModelManifest.Sign(wrong = wrong with { Source = "https://models.edgecoder.io/run.sh" }, _other)));
        Assert.Equal("source_not_allowlisted", Fault(PeerModelManifest.Sign(wrong = wrong with { Source = "https://models.edgecoder.io.example/run.sh" }, _other)));
        Assert.Equal("invalid_source_url", Fault(PeerModelManifest.Sign(wrong = wrong with { Source = "http://models.edgecoder.io/run.sh" }, _other)));
        Assert.Equal("untrusted_peer", Fault(PeerModelManifest.Sign(wrong with { SignerPeerId = "coord-stranger" }, _other)));
    }

    [Theory]
    [InlineData("https://models.edgecoder.io/../x.gguf", null)]
    [InlineData("https://models.edgecoder.io/%2e%2e/x.gguf", null)]
    [InlineData("https://user@models.edgecoder.io/x.gguf", "invalid_source_url")]
    [InlineData("https://models.edgecoder.io:444/x.gguf", "source_not_allowlisted")]
    [InlineData("https://sub.models.edgecoder.io/x.gguf", "source_not_allowlisted")]
    [InlineData("file:///x.gguf", "invalid_source_url")]
    [InlineData("x.gguf", "invalid_source_url")]
    [InlineData("https://models.edgecoder.io/x.gguf?y=.sh", null)]
    [InlineData("https://models.edgecoder.io/x.sh?y=.gguf", "disallowed_file_extension")]
    [InlineData("https://models.edgecoder.io/x.safetensors", null)]
    public void Sources_are_compared_by_what_they_mean(string source, string? fault)
    {
        // What an escape of dots leads to is decided by the list of sources alone.
        var found = Fault(PeerModelManifest.Sign(Specified with { Source = source }, _key));
        Assert.True(found == fault || (source.Contains("%2e", StringComparison.Ordinal) && found is null or "source_not_allowlisted"), found);
    }

    [Fact]
    public void A_changed_byte_another_member_and_another_form_are_refused()
    {
        var signed = PeerModelManifest.Sign(Specified, _key);
        for (var at = 0; at < signed.Length; at++)
        {
            var changed = signed.ToArray();
            changed[at] ^= 1;
            Assert.NotNull(Fault(changed));
        }

        foreach (var (from, to) in new[] { ("{\"modelId\"", "{ \"modelId\""), ("{", "{\"a\":1,"), ("\"v\":1", "\"v\":2"), ("\"sizeBytes\":4700000000", "\"sizeBytes\":0") })
        {
            Assert.NotNull(Fault(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(signed).Replace(from, to, StringComparison.Ordinal))));
        }

        Assert.Equal("malformed_manifest", Fault([]));
        Assert.Equal("malformed_manifest", Fault("null"u8));
    }

    private string? Fault(ReadOnlySpan<byte> signed) =>
        PeerManifestCheck.FaultOf(signed, peer => peer is "coord-1" or "coord-keyless", ModelSources.Default, peer => peer == "coord-1" ? [_key.PublicKey] : []);
}
