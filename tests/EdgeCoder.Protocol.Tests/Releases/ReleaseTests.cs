using System.Text;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Releases;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Protocol.Tests.Releases;

/// <summary>Releases (economy-and-ledger 16.4, F29): only the exact bytes that a key in force signed, and only the files that those bytes name.</summary>
public sealed class ReleaseTests : IDisposable
{
    private readonly TemporaryDirectory _tree = new();
    private readonly TemporaryDirectory _downloads = new();
    private readonly SigningKey _key = SigningKey.Generate();
    private readonly SigningKey _other = SigningKey.Generate();

    public ReleaseTests()
    {
        _tree.Write("a.js", "A");
        _tree.Write("sub/b.js", "B");
    }

    public void Dispose()
    {
        _tree.Dispose();
        _downloads.Dispose();
        _key.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void The_hash_of_a_tree_is_that_of_the_specification()
    {
        Assert.Equal("6e1b71ccd8154160e0e7e815cd14ffb1124c1a572e0341f7ae29ebc44f99a2da", ReleaseTree.HashOf(_tree.Path));
        Signed();
        Assert.Equal("6e1b71ccd8154160e0e7e815cd14ffb1124c1a572e0341f7ae29ebc44f99a2da", ReleaseTree.HashOf(_tree.Path));
    }

    [Fact]
    public void Names_are_sorted_by_code_unit()
    {
        // U+FF5E is before U+1F600 by code point, and after its first surrogate by code unit.
        using var tree = new TemporaryDirectory();
        tree.Write("\uff5e", "1");
        tree.Write("\ud83d\ude00", "2");
        var expected = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(
            "\ud83d\ude00\0d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35\n\uff5e\06b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b\n"));
        Assert.Equal(Convert.ToHexStringLower(expected), ReleaseTree.HashOf(tree.Path));
    }

    [Fact]
    public void A_signed_release_is_verified()
    {
        Signed();
        var (standing, manifest) = ReleaseFolder.Check(_tree.Path, [_other.PublicKey, _key.PublicKey]);
        Assert.Equal((ReleaseStanding.Verified, "1.2.3", "edgecoder.tar.gz"), (standing, manifest.Version, manifest.Artifacts[0].Name));
        Assert.False(ReleaseFolder.IsArtifact(manifest, _tree["a.js"]));
        Assert.True(ReleaseFolder.IsArtifact(manifest, _downloads["edgecoder.tar.gz"]));
    }

    [Theory]
    [InlineData("no keys", "unverified(no_active_release_keys)")]
    [InlineData("another key", "signature_mismatch")]
    [InlineData("no signature", "unverified(no_signature_provided)")]
    [InlineData("manifest written anew", "signature_mismatch")]
    [InlineData("a byte of a file", "hash_mismatch")]
    [InlineData("one more file", "hash_mismatch")]
    [InlineData("a file renamed", "hash_mismatch")]
    [InlineData("signature of the bare bytes", "signature_mismatch")]
    public void Anything_else_is_not(string change, string expected)
    {
        Signed();
        var manifest = _tree[ReleaseManifest.FileName];
        IReadOnlyList<VerifyingKey> keys = [_key.PublicKey];
        switch (change)
        {
            case "no keys": keys = []; break;
            case "another key": keys = [_other.PublicKey]; break;
            case "no signature": File.Delete(manifest + ".sig"); break;
            case "manifest written anew": File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(" ", "", StringComparison.Ordinal)); break;
            case "a byte of a file": _tree.Write("sub/b.js", "C"); break;
            case "one more file": _tree.Write("c.js", ""); break;
            case "a file renamed": File.Move(_tree["a.js"], _tree["A.js"]); break;
            case "signature of the bare bytes": File.WriteAllText(manifest + ".sig", _key.SignBase64(File.ReadAllBytes(manifest))); break;
        }

        Assert.Equal(expected, ReleaseFolder.Check(_tree.Path, keys).Standing.ToString());
    }

    [Theory]
    [InlineData("link.js", "a.js")]
    [InlineData("linked", "sub")]
    [InlineData(ReleaseManifest.SignatureFileName, "a.js")]
    public void A_link_is_an_error(string name, string target)
    {
        Signed();
        File.Delete(_tree[name]);
        File.CreateSymbolicLink(_tree[name], target);
        Assert.Equal("link_in_tree", Assert.Throws<ReleaseException>(() => ReleaseFolder.Check(_tree.Path, [_key.PublicKey])).Reason);
        Assert.Null(ReleaseFolder.Claim(_tree.Path, "1.2.3", null));
    }

    [Theory]
    [InlineData("""{"version":"1","artifacts":[],"distTreeHash":"aa","timestamp":1}""")]
    [InlineData("""{"version":"1","artifacts":[],"distTreeHash":"HASH","timestamp":1,"more":1}""")]
    [InlineData("""{"version":"1","version":"2","artifacts":[],"distTreeHash":"HASH","timestamp":1}""")]
    [InlineData("""{"version":"1","artifacts":[null],"distTreeHash":"HASH","timestamp":1}""")]
    [InlineData("""{"version":"1","distTreeHash":"HASH","timestamp":1}""")]
    [InlineData("[]")]
    [InlineData("")]
    public void What_is_no_manifest_is_not_read(string text) =>
        Assert.Null(ReleaseManifest.Read(Encoding.UTF8.GetBytes(text.Replace("HASH", new string('a', 64), StringComparison.Ordinal))));

    [Fact]
    public void Keys_are_in_force_from_their_first_moment_until_their_end()
    {
        var keys = new ReleaseKeys([new(_key.PublicKey.Pem, 1_000, 2_000), new(_other.PublicKey.Pem, 1_500)]);
        Assert.Equal([], keys.ActiveAt(999));
        Assert.Equal([_key.PublicKey], keys.ActiveAt(1_000));
        Assert.Equal([_key.PublicKey, _other.PublicKey], keys.ActiveAt(1_999));
        Assert.Equal([_other.PublicKey], keys.ActiveAt(2_000));
        Assert.Equal("invalid_release_keys", Assert.Throws<ReleaseException>(() => new ReleaseKeys([new("no key", 0)])).Reason);
        Assert.Equal("invalid_release_keys", Assert.Throws<ReleaseException>(() => ReleaseKeys.Parse("{}"u8)).Reason);
    }

    [Fact]
    public void A_build_of_the_sources_has_no_keys() => Assert.Equal([], ReleaseKeys.BuiltIn.ActiveAt(long.MaxValue));

    [Fact]
    public void What_a_program_claims_is_judged_by_the_manifests_that_are_known()
    {
        Signed();
        var manifest = File.ReadAllBytes(_tree[ReleaseManifest.FileName]);
        var claim = ReleaseFolder.Claim(_tree.Path, "0.0.0", "github")!;
        var forged = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(manifest).Replace(claim.DistHash!, new string('f', 64), StringComparison.Ordinal));
        Assert.Equal(("1.2.3", "github"), (claim.ReleaseVersion, claim.DistributionChannel));
        Assert.Equal("verified", Judge(claim, [forged, manifest]));
        Assert.Equal("signature_mismatch", Judge(claim, [forged]));
        Assert.Equal("hash_mismatch", Judge(claim with { DistHash = new string('f', 64) }, [manifest]));
        Assert.Equal("unverified(manifest_not_cached)", Judge(claim, []));
        Assert.Equal("unverified(manifest_not_cached)", Judge(claim with { ReleaseVersion = "9" }, [manifest]));
        Assert.Equal("unverified(no_signature_provided)", Judge(null, [manifest]));
        Assert.Equal("unverified(no_active_release_keys)", ReleaseStanding.Of(claim, [manifest], []).ToString());
        Assert.Equal(new BinaryIntegrity(null, "0.0.0", null, "dev"), ReleaseFolder.Claim(_tree["sub"], "0.0.0", "dev"));
    }

    [Fact]
    public void Files_that_changed_after_the_manifest_was_made_are_not_signed()
    {
        Signed();
        _tree.Write("a.js", "B");
        Assert.Equal("hash_mismatch", Assert.Throws<ReleaseException>(() => ReleaseFolder.Sign(_tree.Path, _key)).Reason);
    }

    private string Judge(BinaryIntegrity? claim, byte[][] manifests) => ReleaseStanding.Of(claim, [.. manifests.Select(bytes => (ReadOnlyMemory<byte>)bytes)], [_key.PublicKey]).ToString();

    private void Signed()
    {
        ReleaseFolder.Make(_tree.Path, "1.2.3", [_downloads.Write("edgecoder.tar.gz", "archive")], 1_700_000_000_000);
        ReleaseFolder.Sign(_tree.Path, _key);
    }
}
