using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Catalogue;

public sealed class ModelStoreTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    private readonly TemporaryDirectory _directory = new();
    private readonly ModelStore _store;

    public ModelStoreTests() => _store = new(_directory.Path);

    public void Dispose() => _directory.Dispose();

    private Task<StoredModel> AddAsync(string id, int seed = 1, ModelDigest? expected = null)
    {
        var path = _directory[$"file-{seed}.gguf"];
        File.WriteAllBytes(path, TinyGguf.Create(seed: seed));
        return _store.AddFileAsync(new() { ModelId = id }, path, expected, null, Token);
    }

    [Fact]
    public async Task Added_file_is_listed_with_what_its_header_says()
    {
        await AddAsync("tiny:1m");

        var model = Assert.Single(_store.List());
        Assert.Equal(("tiny:1m", "Tiny", "1M", "Q4_K_M", 32768), (model.ModelId, model.DisplayName, model.ParamSize, model.Quantization, model.ContextWindow));
        Assert.Equal(await ModelDigest.OfFileAsync(_directory["file-1.gguf"], Token), model.Digest);
    }

    [Fact]
    public async Task Model_is_found_by_its_exact_id_or_without_latest_and_never_by_less()
    {
        await AddAsync("tiny:latest");

        Assert.NotNull(_store.Find("tiny"));
        Assert.NotNull(_store.Find("tiny:latest"));
        Assert.Null(_store.Find("tin"));
        Assert.Null(_store.Find("Tiny"));
        Assert.Null(_store.Find("tiny:1m"));
        Assert.Null(_store.Find("../installed/tiny:latest"));
    }

    [Fact]
    public async Task Missing_model_names_the_nearest_ones()
    {
        await AddAsync("qwen2.5-coder:1.5b");

        var e = Assert.Throws<ModelException>(() => _store.Get("qwen2.5-coder:3b"));

        Assert.Equal("model_not_found", e.Code);
        Assert.Contains("qwen2.5-coder:1.5b", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_byte_is_found_at_the_next_load_and_the_file_deleted()
    {
        var model = await AddAsync("tiny");
        Assert.Equal(model.Path, await _store.VerifyAsync(model, Token));
        await using (var file = File.OpenWrite(model.Path))
        {
            file.Position = 700;
            file.WriteByte((byte)(TinyGguf.Create()[700] ^ 1));
        }

        var e = await Assert.ThrowsAsync<ModelException>(() => _store.VerifyAsync(model, Token));

        Assert.Equal("checksum_mismatch", e.Code);
        Assert.False(File.Exists(model.Path));
        Assert.Empty(_store.List());
    }

    [Fact]
    public async Task File_with_another_digest_than_asked_for_is_not_added()
    {
        var e = await Assert.ThrowsAsync<ModelException>(() => AddAsync("tiny", expected: ModelDigest.Parse(new string('a', 64))));

        Assert.Equal("checksum_mismatch", e.Code);
        Assert.Empty(_store.List());
        Assert.DoesNotContain(Directory.EnumerateFiles(_store.Layout.Root, "*", SearchOption.AllDirectories), path => path.EndsWith(".copy", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("two words")]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task Id_never_becomes_a_path(string id)
    {
        if (id == "../evil")
        {
            await AddAsync(id);
            Assert.False(File.Exists(_directory["models/evil.json"]));
            return;
        }

        Assert.Equal("invalid_model_id", (await Assert.ThrowsAsync<ModelException>(() => AddAsync(id))).Code);
    }

    [Fact]
    public async Task Removing_one_of_two_ids_of_a_file_keeps_the_file()
    {
        var first = await AddAsync("one");
        await AddAsync("two");

        _store.Remove("one");
        Assert.True(File.Exists(first.Path));

        _store.Remove("two");
        Assert.False(File.Exists(first.Path));
    }

    [Fact]
    public async Task Active_model_survives_a_restart_and_cannot_be_removed()
    {
        await AddAsync("tiny");
        _store.SetActive(new(ProviderKinds.Local, "tiny"));

        Assert.Equal(new ModelChoice(ProviderKinds.Local, "tiny"), new ModelStore(_directory.Path).Active);
        Assert.Equal("model_in_use", Assert.Throws<ModelException>(() => _store.Remove("tiny")).Code);
    }

    [Fact]
    public void Damaged_entry_is_named()
    {
        _directory.Write("models/installed/x.json", "{");

        var e = Assert.Throws<ModelException>(() => _store.List());

        Assert.Equal("model_store_damaged", e.Code);
        Assert.Contains("x.json", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_is_readable_by_its_owner_only()
    {
        var model = await AddAsync("tiny");
        if (OperatingSystem.IsWindows())
        {
            return; // The profile directory's access list does this there.
        }

        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.GetDirectoryName(model.Path)!) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead));
    }
}
