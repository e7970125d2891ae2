using EdgeCoder.Inference.Catalogue;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using EdgeCoder.Workers;
using World = EdgeCoder.Commands.Surroundings;

namespace EdgeCoder.Tests.Workers;

public sealed class HubModelsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Swap_of_the_active_model_counts_for_the_next_lease_and_heartbeat_of_a_running_worker()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "one" }, new ScriptedModel { Id = "two" });
        await using var models = await HubModels.OpenAsync(Surroundings(server), new Progress<string>(), Cancellation);
        var store = new ModelStore(_directory["data"]);
        Assert.Equal("one", models.Active.Claim.ModelId);

        store.SetActive(new("openai-compatible/test", "two"));
        var leased = await models.ForAsync(requested: null, required: false, Cancellation);

        Assert.Equal(("two", "two"), (leased!.Claim.ModelId, models.Active.Claim.ModelId));
        Assert.Equal(["one", "two"], models.Proven.Select(model => model.Claim.ModelId).Order());
    }

    [Fact]
    public async Task Swap_to_a_model_that_cannot_be_opened_leaves_the_one_that_works()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "one" });
        await using var models = await HubModels.OpenAsync(Surroundings(server), new Progress<string>(), Cancellation);

        new ModelStore(_directory["data"]).SetActive(new("openai-compatible/test", "gone"));
        var leased = await models.ForAsync(requested: null, required: false, Cancellation);

        Assert.Equal("one", leased!.Claim.ModelId);
    }

    private World Surroundings(ScriptedOpenAI server)
    {
        Directory.CreateDirectory(_directory["config"]);
        File.WriteAllText(_directory["config/models.json"], $$"""{"demonstration":false,"servers":[{"name":"test","address":"{{server.BaseAddress}}","reach":"this-machine","contextWindow":16384}]}""");
        return World.OfProcess().With(new Dictionary<string, string?>
        {
            ["EDGECODER_DATA_DIR"] = _directory["data"], ["EDGECODER_CONFIG_DIR"] = _directory["config"], ["OLLAMA_HOST"] = null, ["LOCAL_MODEL_PROVIDER"] = "openai-compatible",
        });
    }
}
