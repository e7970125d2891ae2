using System.Text;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.X509;

namespace EdgeCoder.Inference.Tests.Catalogue;

public sealed class ModelCatalogueTests
{
    private static readonly Ed25519PrivateKeyParameters Key = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static readonly SigningKeys Keys = new([Convert.ToBase64String(SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(Key.GeneratePublicKey()).GetDerEncoded())]);

    private static string Sign(byte[] message)
    {
        var signer = new Ed25519Signer();
        signer.Init(forSigning: true, Key);
        signer.BlockUpdate(message);
        return Convert.ToBase64String(signer.GenerateSignature());
    }

    private static ModelManifest Manifest(string source = "https://huggingface.co/a/b.gguf", string checksum = "")
    {
        var manifest = new ModelManifest
        {
            ModelId = "m", SourceUrl = source, ChecksumSha256 = checksum.Length == 0 ? new string('a', 64) : checksum, Provider = ProviderKinds.Local, Signature = "",
        };
        return manifest with { Signature = Sign(manifest.SignedBytes()) };
    }

    [Fact]
    public void Shipped_catalogue_is_signed_and_every_entry_is_complete_and_allowed()
    {
        Assert.NotNull(ModelCatalogue.Shipped.Find("qwen2.5-coder:1.5b"));
        Assert.All(ModelCatalogue.Shipped.Entries, entry =>
        {
            Assert.True(SourceAllowList.Default.Allows(entry.DownloadUrl));
            Assert.True(entry.FileSizeBytes > 1 << 20);
            Assert.NotEqual(default, entry.ChecksumSha256);
            Assert.NotEmpty(entry.License);
        });
    }

    [Fact]
    public void Catalogue_with_one_changed_byte_is_not_read()
    {
        var file = Encoding.UTF8.GetBytes("""{"version":2,"entries":[]}""");
        var signature = Encoding.UTF8.GetBytes($$"""{"keyId":null,"signature":"{{Sign([.. Encoding.ASCII.GetBytes(ModelCatalogue.SignedPrefix), .. file])}}"}""");
        Assert.Empty(ModelCatalogue.Parse(file, signature, Keys).Entries);

        file[12]++;

        Assert.Equal("invalid_signature", Assert.Throws<ModelException>(() => ModelCatalogue.Parse(file, signature, Keys)).Code);
    }

    [Fact]
    public void Unsigned_update_in_the_data_directory_stops_instead_of_being_passed_over()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("models/catalogue.json", """{"version":9,"entries":[]}""");

        Assert.Equal("invalid_signature", Assert.Throws<ModelException>(() => ModelCatalogue.Load(directory.Path)).Code);
    }

    [Fact]
    public void Unknown_model_says_what_there_is_and_how_to_get_another()
    {
        var e = Assert.Throws<ModelException>(() => ModelCatalogue.Shipped.Get("llama9"));

        Assert.Equal("model_not_found", e.Code);
        Assert.Contains("--sha256", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Good_manifest_passes() => Assert.Equal(new string('a', 64), Manifest().Check(SourceAllowList.Default, Keys).Hex);

    [Theory]
    [InlineData("https://evil.huggingface.co/a")]
    [InlineData("https://huggingface.co.evil.example/a")]
    [InlineData("https://huggingface.co@evil.example/a")]
    [InlineData("http://huggingface.co/a")]
    [InlineData("https://huggingface.co:8443/a")]
    [InlineData("huggingface.co/a")]
    public void Manifest_from_another_source_is_refused_first(string source) =>
        Assert.Equal("source_not_allowed", Assert.Throws<ModelException>(() => (Manifest(source, "short") with { Signature = "x" }).Check(SourceAllowList.Default, Keys)).Code);

    [Theory]
    [InlineData("https://models.example/team/x.gguf", true)]
    [InlineData("https://models.example/team", true)]
    [InlineData("https://models.example/team-secret/x.gguf", false)]
    [InlineData("https://models.example/team/../other/x.gguf", false)]
    [InlineData("https://models.example/team/%2e%2e/other/x.gguf", false)]
    [InlineData("https://models.example/team%2fother/x.gguf", false)]
    public void Source_prefix_is_compared_by_whole_segments(string source, bool allowed)
    {
        Assert.True(SourceAllowList.TryParse("https://models.example/team/", out var list, out _));

        Assert.Equal(allowed, list.Allows(new(source)));
    }

    [Theory]
    [InlineData("zz")]
    [InlineData("sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Manifest_with_another_checksum_form_is_refused(string checksum) =>
        Assert.Equal("invalid_checksum_format", Assert.Throws<ModelException>(() => Manifest(checksum: checksum).Check(SourceAllowList.Default, Keys)).Code);

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("not base64 at all, but as long as a signature would be, which is eighty-eight characters.")]
    public void Signature_is_not_believed_for_its_length(string signature) =>
        Assert.Equal("invalid_signature", Assert.Throws<ModelException>(() => (Manifest() with { Signature = signature }).Check(SourceAllowList.Default, Keys)).Code);

    [Fact]
    public void Every_signed_field_counts()
    {
        var good = Manifest();
        foreach (var changed in new[]
        {
            good with { ModelId = "n" }, good with { Provider = ProviderKinds.Ollama }, good with { SourceUrl = good.SourceUrl + "x" },
            good with { ChecksumSha256 = new('b', 64) }, good with { KeyId = "0000000000000000" },
        })
        {
            Assert.Equal("invalid_signature", Assert.Throws<ModelException>(() => changed.Check(SourceAllowList.Default, Keys)).Code);
        }
    }

    [Fact]
    public void Line_feed_in_a_field_cannot_move_the_borders_of_what_is_signed()
    {
        var moved = Manifest() with { ModelId = "m\nedgecoder-local" };
        moved = moved with { Signature = Sign(moved.SignedBytes()) };

        Assert.Equal("invalid_signature", Assert.Throws<ModelException>(() => moved.Check(SourceAllowList.Default, Keys)).Code);
    }
}
