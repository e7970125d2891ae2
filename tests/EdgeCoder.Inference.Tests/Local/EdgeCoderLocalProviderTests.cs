using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Local;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Tests.Llama;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Tests.Local;

public sealed class EdgeCoderLocalProviderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ModelStore _store;

    public EdgeCoderLocalProviderTests() => _store = new(_directory["data"]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Stored_model_is_listed_opened_and_answers()
    {
        var stored = await AddAsync("mine:1b");
        var provider = Provider();
        Assert.Equal("mine:1b", Assert.Single(await provider.ListAsync(Cancellation)).ModelId);

        await using var opened = await provider.OpenAsync("mine:1b", Cancellation);
        Assert.Equal((stored.Digest.ToString(), "edgecoder-local", 4096), (opened.Identity.Digest, opened.Identity.Provider, opened.Window));
        Assert.Equal(ModelReach.ThisMachine, opened.Reach);
        Assert.False(opened.IsDemonstration);
        Assert.Equal(5, await opened.CountTokens("xxxxx", Cancellation));
        Assert.Equal(3, (await opened.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "Hi")], new() { MaxOutputTokens = 3 }, Cancellation)).Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task Shipped_model_says_that_it_is_the_demonstration()
    {
        var provider = Provider(await ShippedAsync());
        await using var opened = await provider.OpenAsync("demo", Cancellation);
        Assert.True(opened.IsDemonstration);
    }

    [Fact]
    public async Task Same_model_opened_twice_is_one_process_until_both_are_closed()
    {
        var provider = Provider(await ShippedAsync());
        var first = await provider.OpenAsync("demo", Cancellation);
        await using var second = await provider.OpenAsync("demo", Cancellation);
        await first.DisposeAsync();
        Assert.Equal(2, await second.CountTokens("xx", Cancellation));
    }

    [Fact]
    public async Task Unknown_model_is_named_with_the_nearest_and_no_other_is_opened()
    {
        await AddAsync("qwen2.5-coder:1.5b");
        var error = await Assert.ThrowsAsync<ModelException>(() => Provider().OpenAsync("qwen2.5-coder", Cancellation));
        Assert.Equal("model_not_found", error.Code);
        Assert.Contains("qwen2.5-coder:1.5b", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_file_is_refused_and_leaves_the_store()
    {
        var stored = await AddAsync("mine:1b");
        var bytes = await File.ReadAllBytesAsync(stored.Path, Cancellation);
        bytes[^1] ^= 1;
        File.Delete(stored.Path);
        await File.WriteAllBytesAsync(stored.Path, bytes, Cancellation);
        var provider = Provider();
        Assert.Equal("checksum_mismatch", (await Assert.ThrowsAsync<ModelException>(() => provider.OpenAsync("mine:1b", Cancellation))).Code);
        Assert.Empty(await provider.ListAsync(Cancellation));
        Assert.False((await provider.CheckHealthAsync(Cancellation)).Ok);
    }

    [Fact]
    public async Task Health_names_the_command_that_gets_a_model()
    {
        var health = await Provider().CheckHealthAsync(Cancellation);
        Assert.False(health.Ok);
        Assert.Contains("edgecoder models pull", health.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_good_with_a_model_and_bad_when_its_file_is_gone()
    {
        var shipped = await ShippedAsync();
        Assert.True((await Provider(shipped).CheckHealthAsync(Cancellation)).Ok);
        File.Delete(shipped.Path);
        var health = await Provider(shipped).CheckHealthAsync(Cancellation);
        Assert.False(health.Ok);
        Assert.Contains("demo", health.Reason, StringComparison.Ordinal);
    }

    private EdgeCoderLocalProvider Provider(params LocalModel[] shipped) => new(_store, shipped, WorkerHost.Options, TimeProvider.System);

    private Task<StoredModel> AddAsync(string id) =>
        _store.AddFileAsync(new() { ModelId = id }, new SyntheticModel().Save(_directory["m.gguf"]), expected: null, progress: null, Cancellation);

    private async Task<LocalModel> ShippedAsync()
    {
        var path = new SyntheticModel().Save(_directory["demo.gguf"]);
        return new() { ModelId = "demo", Path = path, Digest = await ModelDigest.OfFileAsync(path, Cancellation), IsDemonstration = true };
    }
}
