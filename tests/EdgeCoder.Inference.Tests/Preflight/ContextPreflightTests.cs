using EdgeCoder.Inference.Preflight;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Tests.Providers;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Tests.Preflight;

public sealed class ContextPreflightTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Kinds => [ProviderKinds.Ollama, ProviderKinds.OpenAICompatible];

    private async Task<PreflightReport> MeasureAsync(string kind, ScriptedModel model, bool quick = false, int needed = 4096, int seed = 7)
    {
        await using ScriptedServer server = kind == ProviderKinds.Ollama ? await ScriptedOllama.StartAsync(model) : await ScriptedOpenAI.StartAsync(model);
        IModelProvider provider = server is ScriptedOllama ollama
            ? new OllamaProvider(ollama.Settings(window: 16384), ModelReach.ThisMachine)
            : new OpenAICompatibleProvider(((ScriptedOpenAI)server).Settings());
        await using var opened = await provider.OpenAsync("m", Token);
        var preflight = new ContextPreflight(opened, ChatOptionKinds.None, TimeProvider.System, seed: seed);
        return quick ? await preflight.RunQuickAsync(needed, Token) : await preflight.RunAsync(TimeSpan.FromMinutes(5), Token);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Honest_server_proves_its_whole_window(string kind)
    {
        var report = await MeasureAsync(kind, new() { Id = "m" });

        Assert.InRange(report.ProvenWindow, kind == ProviderKinds.Ollama ? 15000 : 30000, kind == ProviderKinds.Ollama ? 16384 : 32768);
        Assert.All(report.Sizes, size => Assert.True(size.Ok, size.Seen));
        Assert.NotNull(report.Speed);
    }

    public static TheoryData<string, PromptCut, CountReport> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, PromptCut, CountReport>();
            foreach (var kind in new[] { ProviderKinds.Ollama, ProviderKinds.OpenAICompatible })
            {
                foreach (var cut in Enum.GetValues<PromptCut>())
                {
                    cuts.Add(kind, cut, CountReport.Read);
                    cuts.Add(kind, cut, CountReport.Sent);
                }
            }

            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Server_that_cuts_at_4096_is_caught_whatever_it_reports(string kind, PromptCut cut, CountReport reports)
    {
        var report = await MeasureAsync(kind, new() { Id = "m", Window = 4096, Cut = cut, Reports = reports });

        Assert.InRange(report.ProvenWindow, 1024, 4096 + ContextPreflight.AnswerTokens);
        Assert.False(report.Sizes[^1].Ok);
    }

    [Theory]
    [InlineData(PromptCut.LosesHead, CountReport.Read)]
    [InlineData(PromptCut.LosesHead, CountReport.Sent)]
    [InlineData(PromptCut.LosesMiddle, CountReport.Sent)]
    public async Task Server_that_gives_half_the_window_it_was_asked_for_is_caught(PromptCut cut, CountReport reports)
    {
        var report = await MeasureAsync(ProviderKinds.Ollama, new() { Id = "m", ShareOfAskedWindow = 0.5, Cut = cut, Reports = reports });

        Assert.InRange(report.ProvenWindow, 4096, 8192 + ContextPreflight.AnswerTokens);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Server_without_counts_proves_nothing(string kind)
    {
        var report = await MeasureAsync(kind, new() { Id = "m", Reports = CountReport.Nothing });

        Assert.Equal(0, report.ProvenWindow);
        Assert.Contains("no token counts", report.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_that_forgets_a_needle_proves_nothing_beyond()
    {
        var report = await MeasureAsync(ProviderKinds.Ollama, new() { Id = "m", Answer = prompt => prompt.Length < 8000 ? NeedleReader.Answer(prompt) : "I do not know" });

        Assert.InRange(report.ProvenWindow, 900, 2100);
        Assert.Contains("needle", report.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_that_thinks_aloud_first_still_proves_its_window()
    {
        var thoughts = "<think>" + string.Concat(Enumerable.Repeat("let me see what they want from me ", 20)) + "</think>";
        var report = await MeasureAsync(ProviderKinds.OpenAICompatible, new() { Id = "m", Answer = prompt => thoughts + NeedleReader.Answer(prompt) }, quick: true);

        Assert.InRange(report.ProvenWindow, 4000, 4500);
    }

    [Fact]
    public async Task Ollama_model_that_can_think_is_measured_without_thinking()
    {
        await using var server = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "m", Capabilities = ["completion", "thinking"] });
        await using var hub = new ModelHub(new() { DataDirectory = _directory.Path, Ollama = server.Settings() }, ModelReach.ThisMachine);

        await using var selected = await hub.OpenAsync(new(), null, Token);

        Assert.True(selected.Model.Thinks);
        Assert.All(server.Requests.Where(request => request.Path == "/api/chat"), request => Assert.False(request.Body.GetProperty("think").GetBoolean()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Quick_form_proves_just_what_is_needed(string kind)
    {
        var report = await MeasureAsync(kind, new() { Id = "m" }, quick: true);

        Assert.InRange(report.ProvenWindow, 4000, 4500);
        Assert.Equal(2, report.Sizes.Count);
        Assert.False(report.Complete);
    }

    // The words of the short prompt set the estimate right; with these the long one came out a little shorter than it had to be, and a good model was refused.
    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(36)]
    [InlineData(59)]
    [InlineData(72)]
    public async Task Quick_form_reaches_the_need_whatever_words_are_drawn(int seed)
    {
        var report = await MeasureAsync(ProviderKinds.Ollama, new() { Id = "m" }, quick: true, needed: 8192, seed: seed);

        Assert.True(report.ProvenWindow >= 8192, $"{report.ProvenWindow}");
        Assert.All(report.Sizes, size => Assert.True(size.Ok, size.Seen));
    }

    [Fact]
    public async Task Quick_form_catches_a_cut_below_the_need()
    {
        var report = await MeasureAsync(ProviderKinds.Ollama, new() { Id = "m", Window = 2048, Cut = PromptCut.LosesHead, Reports = CountReport.Sent }, quick: true);

        Assert.InRange(report.ProvenWindow, 0, 512);
        Assert.False(report.Sizes[^1].Ok);
    }

    [Fact]
    public async Task Calibrated_estimate_is_near_the_models_own_count_for_code_and_prose()
    {
        var report = await MeasureAsync(ProviderKinds.Ollama, new() { Id = "m" }, quick: true);

        foreach (var text in new[] { CalibrationTexts.Words, CalibrationTexts.Gaps, CalibrationTexts.Marks + CalibrationTexts.Gaps + CalibrationTexts.Digits })
        {
            var true_ = ScriptedModel.Tokenize(text).Count;
            Assert.InRange(report.Estimate!.Middle(text), true_ * 0.85, true_ * 1.15);
        }
    }

    [Fact]
    public async Task First_use_through_a_server_that_cuts_is_refused_with_advice_and_not_remembered()
    {
        await using var server = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "m", Window = 2048, Cut = PromptCut.LosesMiddle });
        var settings = new ModelSettings { DataDirectory = _directory.Path, Ollama = server.Settings() };
        await using var hub = new ModelHub(settings, ModelReach.ThisMachine);

        var e = await Assert.ThrowsAsync<ModelException>(() => hub.OpenAsync(new(), null, Token));

        Assert.Equal("window_not_proven", e.Code);
        Assert.Contains("contextWindow", e.Hint, StringComparison.Ordinal);
        server.Models[0].Window = 32768;
        await using var mended = await hub.OpenAsync(new(), null, Token);
        Assert.True(mended.Model.Window >= 4000);
    }

    [Fact]
    public async Task Server_that_begins_to_cut_later_loses_the_answer_and_its_proof()
    {
        await using var server = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "m", Cut = PromptCut.LosesHead });
        await using var hub = new ModelHub(new() { DataDirectory = _directory.Path, Ollama = server.Settings() }, ModelReach.ThisMachine);
        await using var selected = await hub.OpenAsync(new(), null, Token);
        server.Models[0].Window = 1024;

        var e = await Assert.ThrowsAsync<ModelException>(() => selected.Model.Client.GetResponseAsync([new(ChatRole.User, string.Concat(Enumerable.Repeat(CalibrationTexts.Words, 12)))], cancellationToken: Token));

        Assert.Equal("context_truncated", e.Code);
        Assert.Equal("window_not_proven", (await Assert.ThrowsAsync<ModelException>(() => hub.OpenAsync(new(), null, Token))).Code);
    }

    [Fact]
    public async Task Proof_is_remembered_until_digest_version_or_settings_change()
    {
        var subject = new PreflightSubject("sha256:a", "ollama 1", "num_ctx=1");
        var store = new PreflightStore(_directory.Path);
        store.Save((await MeasureAsync(ProviderKinds.Ollama, new() { Id = "m" }, quick: true)) with { Subject = subject });

        Assert.NotNull(new PreflightStore(_directory.Path).Find(subject));
        Assert.Null(store.Find(subject with { Model = "sha256:b" }));
        Assert.Null(store.Find(subject with { Provider = "ollama 2" }));
        Assert.Null(store.Find(subject with { Settings = "num_ctx=2" }));
        Assert.True(store.ProvenWindow("sha256:a") > 0);
        store.Forget(subject);
        Assert.Null(store.Find(subject));
    }
}
