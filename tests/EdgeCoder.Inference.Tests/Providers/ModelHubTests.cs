using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Tests.Providers;

public sealed class ModelHubTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    // A port of loopback where nobody listens.
    private static readonly OllamaSettings Nobody = new() { Address = new(new("http://127.0.0.1:1/"), IsLoopback: true) };
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private ModelSettings Settings(OllamaSettings? ollama = null, params OpenAIServerSettings[] servers) =>
        new() { DataDirectory = _directory.Path, Ollama = ollama ?? Nobody, Servers = servers };

    private static FixedProvider Demonstration => new("edgecoder-demo") { IsDemonstration = true };

    private static async Task<ModelException> FailsAsync(ModelHub hub, ModelRequest? request = null) =>
        await Assert.ThrowsAsync<ModelException>(() => hub.OpenAsync(request ?? new(), null, Token));

    private static async Task<string> AskAsync(SelectedModel selected) =>
        (await selected.Model.Client.GetResponseAsync([new(ChatRole.User, "hi")], cancellationToken: Token)).Text;

    [Fact]
    public async Task Without_any_model_the_answer_is_the_command_that_gets_one()
    {
        await using var hub = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider());

        var e = await FailsAsync(hub);

        Assert.Equal("no_model_available", e.Code);
        Assert.Contains("edgecoder models pull qwen2.5-coder:1.5b", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demonstration_model_answers_only_when_there_is_no_other_and_says_what_it_is()
    {
        await using var alone = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider(), Demonstration);
        await using var selected = await alone.OpenAsync(new(), null, Token);
        Assert.True(selected.Model.IsDemonstration);
        Assert.Contains("demonstration", selected.Notice, StringComparison.Ordinal);

        await using var together = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("real"), Demonstration);
        await using var real = await together.OpenAsync(new(), null, Token);
        Assert.Equal(("real", "the only model found"), (real.Model.Identity.Id, real.Why));
    }

    [Fact]
    public async Task Demonstration_model_can_be_named_and_can_be_switched_off()
    {
        await using var hub = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("real"), Demonstration);
        await using var selected = await hub.OpenAsync(new() { Model = "edgecoder-demo" }, null, Token);
        Assert.True(selected.Model.IsDemonstration);

        await using var off = new ModelHub(Settings() with { Demonstration = false }, ModelReach.ThisMachine, new FixedProvider(), Demonstration);
        Assert.Equal("no_model_available", (await FailsAsync(off)).Code);
    }

    [Fact]
    public async Task Named_model_that_is_not_there_is_never_swapped()
    {
        var local = new FixedProvider("alpha", "beta");
        await using var hub = new ModelHub(Settings(), ModelReach.ThisMachine, local, Demonstration);

        foreach (var named in new[] { "alph", "alpha:7b", "gamma" })
        {
            var e = await FailsAsync(hub, new() { Model = named });
            Assert.Equal("model_not_found", e.Code);
            Assert.Contains("alpha", e.Message, StringComparison.Ordinal);
        }

        Assert.Empty(local.Opened);
    }

    [Fact]
    public async Task Model_of_the_catalogue_that_is_not_here_names_the_pull()
    {
        await using var hub = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("alpha"));

        Assert.Equal("edgecoder models pull qwen2.5-coder:1.5b", (await FailsAsync(hub, new() { Model = "qwen2.5-coder:1.5b" })).Hint);
    }

    [Fact]
    public async Task Request_wins_over_session_project_role_and_active_model_in_this_order()
    {
        var settings = Settings() with { Roles = new Dictionary<ModelRole, string> { [ModelRole.Coder] = "of-role" } };
        await using var hub = new ModelHub(settings, ModelReach.ThisMachine, new FixedProvider("asked", "session", "project", "of-role", "active"));
        await hub.UseAsync("active", Token);
        var request = new ModelRequest { Model = "asked", SessionModel = "session", ProjectModel = "project" };

        Assert.Equal("asked", await IdAsync(request));
        Assert.Equal("session", await IdAsync(request with { Model = null }));
        Assert.Equal("project", await IdAsync(request with { Model = null, SessionModel = null }));
        Assert.Equal("of-role", await IdAsync(new()));
        Assert.Equal("active", await IdAsync(new() { Role = ModelRole.Planner }));

        async Task<string> IdAsync(ModelRequest asked)
        {
            await using var selected = await hub.OpenAsync(asked, null, Token);
            return selected.Model.Identity.Id;
        }
    }

    [Fact]
    public async Task Two_hubs_with_different_providers_do_not_influence_each_other()
    {
        using var other = new TemporaryDirectory();
        await using var first = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("alpha"));
        await using var second = new ModelHub(Settings() with { DataDirectory = other.Path }, ModelReach.ThisMachine, new FixedProvider("beta"));
        await first.UseAsync("alpha", Token);

        await using var a = await first.OpenAsync(new(), null, Token);
        await using var b = await second.OpenAsync(new(), null, Token);

        Assert.Equal(["ok from alpha", "ok from beta"], [await AskAsync(a), await AskAsync(b)]);
    }

    [Fact]
    public async Task Active_model_that_is_gone_is_an_error_and_not_another_model()
    {
        await using (var before = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("alpha", "beta")))
        {
            await before.UseAsync("alpha", Token);
        }

        await using var after = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("beta"), Demonstration);

        Assert.Equal("model_not_found", (await FailsAsync(after)).Code);
    }

    [Fact]
    public async Task Ollama_on_this_machine_is_found_proven_once_and_used()
    {
        await using var server = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "qwen2.5-coder:1.5b" });
        await using var hub = new ModelHub(Settings(server.Settings()), ModelReach.ThisMachine, new FixedProvider(), Demonstration);

        await using (var selected = await hub.OpenAsync(new(), null, Token))
        {
            Assert.Equal("ollama-local", selected.Model.Identity.Provider);
            Assert.Equal("sha256:" + new string('d', 64), selected.Model.Identity.Digest);
            Assert.InRange(selected.Model.Window, 4000, 8192);
            Assert.Equal("ok", await AskAsync(selected));
        }

        var calls = server.Requests.Count(request => request.Path == "/api/chat");
        await using var again = await hub.OpenAsync(new(), null, Token);
        Assert.Equal(calls, server.Requests.Count(request => request.Path == "/api/chat"));
    }

    [Fact]
    public async Task Model_made_for_code_is_taken_when_several_are_found_and_the_person_is_told()
    {
        await using var hub = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("nomic-embed-text", "llama3", "qwen2.5-coder"));

        await using var selected = await hub.OpenAsync(new(), null, Token);

        Assert.Equal("qwen2.5-coder", selected.Model.Identity.Id);
        Assert.Contains("models use", selected.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_that_Ollama_only_passes_on_is_not_listed_or_used_for_local_work()
    {
        await using var server = await ScriptedOllama.StartAsync(
            new ScriptedModel { Id = "big:latest", RemoteHost = "https://ollama.com:443" }, new ScriptedModel { Id = "gpt-oss:120b-cloud" });
        await using var hub = new ModelHub(Settings(server.Settings()), ModelReach.ThisMachine, new FixedProvider(), Demonstration);

        await using var selected = await hub.OpenAsync(new(), null, Token);
        Assert.True(selected.Model.IsDemonstration);
        Assert.DoesNotContain(await hub.ListAsync(Token), model => model.Provider == ProviderKinds.Ollama);
        Assert.Equal("model_not_found", (await FailsAsync(hub, new() { Model = "gpt-oss:120b-cloud" })).Code);
        Assert.DoesNotContain(server.Requests, request => request.Path == "/api/chat");
        using var provider = new OllamaProvider(server.Settings(), ModelReach.ThisMachine);
        Assert.Equal("reach_not_allowed", (await Assert.ThrowsAsync<ModelException>(() => provider.OpenAsync("big", Token))).Code);
    }

    [Fact]
    public async Task Hub_for_this_machine_makes_no_client_that_could_leave_it()
    {
        var team = new OpenAIServerSettings { Name = "team", Address = new(new("https://models.team.example/v1/"), IsLoopback: false), Reach = ModelReach.Team };
        var labelledAway = new OpenAIServerSettings { Name = "gateway", Address = new(new("http://127.0.0.1:9/v1/"), IsLoopback: true), Reach = ModelReach.External };
        var settings = Settings(new() { Address = new(new("https://ollama.team.example/"), IsLoopback: false), Reach = ModelReach.Team }, team, labelledAway);

        Assert.Equal([ProviderKinds.Local], HubProvider.All(settings, ModelReach.ThisMachine, new FixedProvider(), TimeProvider.System).Select(provider => provider.Kind));
        Assert.Equal(3, HubProvider.All(settings, ModelReach.Team, new FixedProvider(), TimeProvider.System).Count);
        await using var hub = new ModelHub(settings, ModelReach.ThisMachine, new FixedProvider());
        Assert.Equal("reach_not_allowed", (await FailsAsync(hub, new() { Model = "openai-compatible/team/gpt" })).Code);
    }

    [Fact]
    public async Task Without_fallback_in_the_settings_there_is_none()
    {
        await using var hub = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("spare"));

        Assert.Equal("model_not_found", (await FailsAsync(hub, new() { Model = "main" })).Code);
    }

    [Fact]
    public async Task Fallback_of_the_settings_is_used_and_shown()
    {
        await using var hub = new ModelHub(Settings() with { Fallback = ["gone", "spare"] }, ModelReach.ThisMachine, new FixedProvider("spare"));

        await using var selected = await hub.OpenAsync(new() { Model = "main" }, null, Token);

        Assert.Equal(("spare", "main"), (selected.Model.Identity.Id, selected.FallbackFrom));
        Assert.Contains("main cannot be used", selected.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fallback_does_not_cross_reach()
    {
        await using var away = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "spare" });
        var server = away.Settings("gateway") with { Reach = ModelReach.External };
        await using var hub = new ModelHub(Settings(null, server) with { Fallback = ["openai-compatible/gateway/spare", "spare"] }, ModelReach.ThisMachine, new FixedProvider());

        Assert.Equal("model_not_found", (await FailsAsync(hub, new() { Model = "main" })).Code);
        Assert.Empty(away.Requests);
    }

    [Fact]
    public async Task Configured_server_that_is_down_is_a_fault_and_not_a_reason_to_use_something_else()
    {
        await using var hub = new ModelHub(Settings(Nobody with { IsConfigured = true }), ModelReach.ThisMachine, new FixedProvider(), Demonstration);

        Assert.Equal("model_unavailable", (await FailsAsync(hub)).Code);
    }

    [Fact]
    public async Task Health_is_a_real_probe_with_a_reason()
    {
        await using var server = await ScriptedOllama.StartAsync();
        await using var hub = new ModelHub(Settings(server.Settings()), ModelReach.ThisMachine);

        var (_, empty) = Assert.Single(await hub.HealthAsync(Token));
        Assert.False(empty.Ok);
        Assert.Contains("no model", empty.Reason, StringComparison.Ordinal);

        await server.DisposeAsync();
        await using var later = new ModelHub(Settings(server.Settings()), ModelReach.ThisMachine);
        var (_, gone) = Assert.Single(await later.HealthAsync(Token));
        Assert.False(gone.Ok);
        Assert.Contains("cannot be reached", gone.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_shows_what_is_here_marks_one_active_and_adds_the_catalogue()
    {
        await using var hub = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("alpha", "beta"), Demonstration);
        await hub.UseAsync("beta", Token);

        var models = await hub.ListAsync(Token);

        Assert.Equal("beta", Assert.Single(models, model => model.Active).ModelId);
        Assert.Contains(models, model => model.ModelId == "edgecoder-demo" && model.Installed);
        var offered = Assert.Single(models, model => model.ModelId == "qwen2.5-coder:1.5b");
        Assert.False(offered.Installed);
        Assert.Equal("Apache-2.0", offered.License);
    }

    [Fact]
    public async Task File_that_is_added_becomes_active_when_none_is_and_cannot_be_removed_then()
    {
        var path = _directory["x.gguf"];
        await File.WriteAllBytesAsync(path, TinyGguf.Create(), Token);
        await using var hub = new ModelHub(Settings(), ModelReach.ThisMachine, new FixedProvider("mine"));

        Assert.Equal(new ModelChoice(ProviderKinds.Local, "mine"), await hub.AddFileAsync("mine", path, null, null, Token));

        Assert.Equal("mine", hub.Store.Active?.ModelId);
        Assert.Equal("model_in_use", (await Assert.ThrowsAsync<ModelException>(() => hub.RemoveAsync("mine", Token))).Code);
    }

    [Fact]
    public async Task Pull_through_Ollama_counts_all_layers_and_activates()
    {
        await using var server = await ScriptedOllama.StartAsync();
        server.PullRecords.AddRange([
            new { status = "pulling manifest" },
            new { status = "pulling a", digest = "sha256:a", total = 100, completed = 100 },
            new { status = "pulling b", digest = "sha256:b", total = 300, completed = 100 },
            new { status = "pulling b", digest = "sha256:b", total = 300, completed = 300 },
            new { status = "success" }]);
        server.BytesPerWrite = 7;
        await using var hub = new ModelHub(Settings(server.Settings()), ModelReach.ThisMachine);
        var seen = new List<EdgeCoder.Inference.Catalogue.TransferProgress>();

        await hub.PullAsync("ollama-local/tiny:latest", new Sink(seen), Token);

        Assert.Equal((200L, 400L), seen.Where(p => p.Status == "pulling b").Select(p => (p.CompletedBytes, p.TotalBytes!.Value)).First());
        Assert.Equal(100, seen[^1].Percent);
        Assert.Equal(new ModelChoice(ProviderKinds.Ollama, "tiny:latest"), hub.Store.Active);
    }

    [Theory]
    [InlineData("error", "pull_failed")]
    [InlineData("cut", "stream_interrupted")]
    public async Task Pull_through_Ollama_that_does_not_end_well_is_an_error(string how, string code)
    {
        await using var server = await ScriptedOllama.StartAsync();
        server.PullRecords.Add(new { status = "pulling manifest" });
        if (how == "error")
        {
            server.PullRecords.Add(new { error = "no space left on device" });
        }

        await using var hub = new ModelHub(Settings(server.Settings()), ModelReach.ThisMachine);

        Assert.Equal(code, (await Assert.ThrowsAsync<ModelException>(() => hub.PullAsync("ollama-local/tiny", null, Token))).Code);
        Assert.Null(hub.Store.Active);
    }

    [Fact]
    public async Task Server_nobody_named_that_does_not_answer_is_given_a_second_and_no_more()
    {
        await using var server = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "m" });
        server.TagsWaitFor = new TaskCompletionSource().Task;
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var hub = new ModelHub(Settings(server.Settings() with { IsConfigured = false }), ModelReach.ThisMachine, new FixedProvider(), Demonstration, time);

        var opening = hub.OpenAsync(new(), null, Token);
        await server.FirstRequest("/api/tags").WaitAsync(Token);
        time.Advance(TimeSpan.FromSeconds(1));

        await using var selected = await opening;
        Assert.True(selected.Model.IsDemonstration);
    }

    [Fact]
    public async Task List_goes_on_without_a_configured_server_that_is_down_and_names_it()
    {
        await using var hub = new ModelHub(Settings(Nobody with { IsConfigured = true }), ModelReach.ThisMachine, new FixedProvider("alpha"));
        var missing = new List<string>();

        var models = await hub.ListAsync(e => missing.Add(e.Code), Token);

        Assert.Contains(models, model => model.ModelId == "alpha");
        Assert.Equal(["model_unavailable"], missing);
    }

    [Fact]
    public async Task Making_a_hub_asks_nobody_anything()
    {
        await using var server = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "m" });

        await using var hub = new ModelHub(Settings(server.Settings()), ModelReach.ThisMachine, new FixedProvider());

        Assert.Empty(server.Requests);
    }

    private sealed class Sink(List<EdgeCoder.Inference.Catalogue.TransferProgress> seen) : IProgress<EdgeCoder.Inference.Catalogue.TransferProgress>
    {
        public void Report(EdgeCoder.Inference.Catalogue.TransferProgress value) => seen.Add(value);
    }
}
