using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Local;
using EdgeCoder.Inference.Tests.Completions;
using EdgeCoder.Inference.Tests.Llama;
using EdgeCoder.Inference.Tests.Local;
using EdgeCoder.Inference.Tests.Providers;
using EdgeCoder.Inference.Tests.Service;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Swaps;

public sealed class SwapTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Swap_counts_for_the_next_plan_escalation_and_chat_and_survives_a_restart()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "one", Answer = _ => "1" }, new ScriptedModel { Id = "two", Answer = _ => "2" });
        await using (var host = await InferenceHost.StartAsync(_directory, server))
        {
            Assert.Equal("ready", (await SwapAsync(host, "one")).GetProperty("status").GetString());
            await UseAllAsync(host, server, "one");
            var answer = await SwapAsync(host, "two");
            Assert.Equal(("one", "two", "ready"), (answer.GetProperty("previous").GetString(), answer.GetProperty("active").GetString(), answer.GetProperty("status").GetString()));
            await UseAllAsync(host, server, "two");
        }

        await using var after = await InferenceHost.StartAsync(_directory, server);
        await UseAllAsync(after, server, "two");
        var history = (await GetAsync(after, "/dashboard/api/swap-history")).GetProperty("history");
        Assert.Equal(["one>two", "none>one"], history.EnumerateArray().Select(swap => $"{swap.GetProperty("from").GetString()}>{swap.GetProperty("to").GetString()}"));
    }

    [Fact]
    public async Task Swap_to_the_active_model_is_no_change()
    {
        await using var host = await InferenceHost.StartAsync(_directory, local: new FixedProvider("one"));
        await SwapAsync(host, "one");
        await SwapAsync(host, "one");

        Assert.Equal(1, (await GetAsync(host, "/dashboard/api/swap-history")).GetProperty("history").GetArrayLength());
    }

    [Fact]
    public async Task Model_that_cannot_be_loaded_does_not_become_active()
    {
        var store = new ModelStore(_directory.Path);
        await store.AddFileAsync(new() { ModelId = "good" }, new SyntheticModel().Save(_directory["good.gguf"]), expected: null, progress: null, Cancellation);
        await store.AddFileAsync(new() { ModelId = "hollow" }, new SyntheticModel { WithTensors = false }.Save(_directory["hollow.gguf"]), expected: null, progress: null, Cancellation);
        await using var host = await InferenceHost.StartAsync(_directory, local: new EdgeCoderLocalProvider(store, [], WorkerHost.Options, TimeProvider.System));

        Assert.Equal("ready", (await SwapAsync(host, "good")).GetProperty("status").GetString());
        var answer = await SwapAsync(host, "hollow");

        Assert.Equal(("error", "good"), (answer.GetProperty("status").GetString(), answer.GetProperty("active").GetString()));
        Assert.True(answer.GetProperty("error").GetString()!.Length > 0);
        Assert.Equal("error", (await GetAsync(host, "/model/status")).GetProperty("status").GetString());
        Assert.Single((await GetAsync(host, "/model/list")).EnumerateArray(), model => model.GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task Server_that_cuts_prompts_does_not_become_active()
    {
        await using var ollama = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "liar:1b", Window = 1000, Cut = PromptCut.LosesHead, Reports = CountReport.Sent });
        await using var host = await InferenceHost.StartAsync(_directory, change: settings => settings with { Ollama = ollama.Settings() });

        var answer = await SwapAsync(host, "liar:1b");

        Assert.StartsWith("window_not_proven", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(answer.TryGetProperty("active", out _));
    }

    [Fact]
    public async Task Model_that_is_not_here_is_pulled_with_progress_of_the_whole_and_then_activated()
    {
        await using var ollama = await ScriptedOllama.StartAsync();
        ollama.PullRecords.AddRange(
        [
            new { status = "pulling manifest" },
            new { status = "pulling a", digest = "sha256:a", total = 100, completed = 100 },
            new { status = "pulling b", digest = "sha256:b", total = 300, completed = 100 },
            new { status = "success" },
        ]);
        await using var host = await InferenceHost.StartAsync(_directory, change: settings => settings with { Ollama = ollama.Settings() });

        var answer = await SwapAsync(host, "new:1b");

        Assert.Equal("pulling", answer.GetProperty("status").GetString());
        await host.PullEndsAsync();
        var status = await GetAsync(host, "/model/status");
        Assert.Equal(("new:1b", "ready"), (status.GetProperty("model").GetString(), status.GetProperty("status").GetString()));
        Assert.Equal("idle", (await GetAsync(host, "/model/pull/progress")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Pull_that_fails_keeps_its_error_until_the_next_and_activates_nothing()
    {
        await using var ollama = await ScriptedOllama.StartAsync();
        ollama.PullRecords.AddRange([new { status = "pulling a", digest = "sha256:a", total = 100, completed = 50 }, new { error = "no such layer" }]);
        await using var host = await InferenceHost.StartAsync(_directory, change: settings => settings with { Ollama = ollama.Settings() });

        using var answer = await host.Coordinator.PostAsJsonAsync("/model/pull", new { model = "new:1b" }, Cancellation);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await host.PullEndsAsync();
        var progress = await GetAsync(host, "/model/pull/progress");
        Assert.Equal(("error", "new:1b"), (progress.GetProperty("status").GetString(), progress.GetProperty("model").GetString()));
        Assert.StartsWith("pull_failed", progress.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("no_model", (await GetAsync(host, "/model/status")).GetProperty("status").GetString());
        using var cancelled = await host.Coordinator.PostAsync("/model/pull/cancel", null, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, cancelled.StatusCode);
        Assert.Equal("idle", (await GetAsync(host, "/model/pull/progress")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Swap_with_a_server_that_is_gone_says_so()
    {
        await using var host = await InferenceHost.StartAsync(_directory, change: settings => settings with { Ollama = settings.Ollama with { IsConfigured = true } });

        var answer = await SwapAsync(host, "ollama-local/new:1b");

        Assert.Equal("error", answer.GetProperty("status").GetString());
        Assert.StartsWith("ollama_not_running", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_model_is_an_error_and_no_other_is_taken()
    {
        await using var host = await InferenceHost.StartAsync(_directory, local: new FixedProvider("one"));

        var answer = await SwapAsync(host, "won");

        Assert.StartsWith("model_not_found", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(answer.TryGetProperty("active", out _));
    }

    [Fact]
    public async Task Swap_without_a_model_is_refused_by_name()
    {
        await using var host = await InferenceHost.StartAsync(_directory);
        using var answer = await host.Coordinator.PostAsJsonAsync("/model/swap", new { }, Cancellation);

        Assert.Equal((HttpStatusCode.BadRequest, "model_required"), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Active_model_cannot_be_removed_and_another_can()
    {
        await using var ollama = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "one:1b" }, new ScriptedModel { Id = "two:1b" });
        await using var host = await InferenceHost.StartAsync(_directory, change: settings => settings with { Ollama = ollama.Settings() });
        await SwapAsync(host, "one:1b");

        using var kept = await host.Coordinator.DeleteAsync("/model/one:1b", Cancellation);
        using var removed = await host.Coordinator.DeleteAsync("/model/two%3A1b", Cancellation);
        using var unknown = await host.Coordinator.DeleteAsync("/model/three", Cancellation);

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.NoContent, HttpStatusCode.NotFound), (kept.StatusCode, removed.StatusCode, unknown.StatusCode));
        Assert.Equal(["one:1b"], ollama.Models.Select(model => model.Id));
    }

    [Fact]
    public async Task Pull_that_the_process_did_not_outlive_says_so_and_a_start_fetches_nothing()
    {
        await using var ollama = await ScriptedOllama.StartAsync();
        await File.WriteAllTextAsync(_directory["pull.json"], """{"model":"new:1b","activate":true,"startedAtMs":1}""", Cancellation);
        await using var host = await InferenceHost.StartAsync(_directory, change: settings => settings with { Ollama = ollama.Settings() });

        Assert.StartsWith("stream_interrupted", (await GetAsync(host, "/model/pull/progress")).GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("new:1b", (await GetAsync(host, "/model/status")).GetProperty("pendingActivation").GetString());
        Assert.DoesNotContain(ollama.Requests, request => request.Path == "/api/pull");
    }

    [Fact]
    public async Task Models_are_listed_in_the_form_of_the_OpenAI_API()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "one" }, new ScriptedModel { Id = "org/two" });
        await using var host = await InferenceHost.StartAsync(_directory, server, demonstration: new FixedProvider("edgecoder-demo") { IsDemonstration = true });
        await SwapAsync(host, "one");

        var list = await GetAsync(host, "/v1/models");

        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal(["one", "org/two", "edgecoder-demo"], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
        var one = list.GetProperty("data")[0].GetProperty("edgecoder");
        Assert.Equal((true, true, "this-machine", "openai-compatible/test", true), (one.GetProperty("available").GetBoolean(), one.GetProperty("tools").GetBoolean(), one.GetProperty("reach").GetString(), one.GetProperty("provider").GetString(), one.GetProperty("active").GetBoolean()));
    }

    // Plan, escalation, /chat and the OpenAI route, none of which names a model.
    private static async Task UseAllAsync(InferenceHost host, ScriptedOpenAI server, string model)
    {
        server.Requests.Clear();
        using var plan = await host.Coordinator.PostAsJsonAsync("/decompose", new { taskId = "task-1", prompt = "write f", snapshotRef = "a", language = "python", dataClass = "team" }, Cancellation);
        using var escalation = await host.Coordinator.PostAsJsonAsync("/escalate", new { task = "write f", failedCode = "x", errorHistory = new[] { "e" }, language = "python" }, Cancellation);
        using var chat = await host.Coordinator.PostAsJsonAsync("/chat", new { messages = Completion.Hi }, Cancellation);
        await host.AskAsync(new { messages = Completion.Hi });

        var asked = server.Requests.Where(request => request.Method == "POST").Select(request => request.Body.GetProperty("model").GetString()).ToList();
        Assert.True(asked.Count >= 4, string.Join(", ", asked));
        Assert.All(asked, id => Assert.Equal(model, id));
    }

    private static async Task<JsonElement> SwapAsync(InferenceHost host, string model)
    {
        using var answer = await host.Coordinator.PostAsJsonAsync("/model/swap", new { model }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    private static Task<JsonElement> GetAsync(InferenceHost host, string path) => host.Coordinator.GetFromJsonAsync<JsonElement>(path, Cancellation);
}
