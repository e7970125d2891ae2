using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Batching;
using EdgeCoder.Inference.Llama.Gguf;
using EdgeCoder.Inference.Llama.Sampling;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Llama.Batching;

public sealed class LlamaEngineTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly LlamaModel _model;
    private readonly LlamaEngine _engine;

    public LlamaEngineTests()
    {
        // Whole floats: batches of different size then differ too little to change a choice.
        _model = LlamaModel.Load(new SyntheticModel { Type = GgmlType.F32, Context = 4096 }.Save(_directory["m.gguf"]), cancellationToken: Cancellation);
        _engine = LlamaEngine.Start(_model, new() { Slots = 4 });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _engine.Dispose();
        _model.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Same_request_gives_the_same_text()
    {
        var first = await TextAsync(_engine, Request("def add(a, b):", 24));
        Assert.NotEmpty(first);
        Assert.Equal(first, await TextAsync(_engine, Request("def add(a, b):", 24)));
    }

    [Fact]
    public async Task Streams_together_give_what_each_gives_alone()
    {
        string[] prompts = ["one", "two two", "three three three", "four", "five five", "six"];
        List<string> alone = [];
        foreach (var prompt in prompts)
        {
            alone.Add(await TextAsync(_engine, Request(prompt, 16) with { ReusePrefix = false }));
        }

        var together = await Task.WhenAll(prompts.Select(prompt => TextAsync(_engine, Request(prompt, 16) with { ReusePrefix = false })));
        Assert.Equal(alone, together);
    }

    [Fact]
    public async Task Reused_prefix_changes_nothing_but_the_count()
    {
        var prompt = string.Concat(Enumerable.Repeat("the return of the in ", 20));
        var cold = await RunAsync(_engine, Request(prompt + "a", 16));
        var warm = await RunAsync(_engine, Request(prompt + "a", 16));
        Assert.Equal(cold.Text, warm.Text);
        Assert.Equal(0, cold.Result.ReusedTokens);
        Assert.Equal(warm.Result.PromptTokens - 1, warm.Result.ReusedTokens);
    }

    [Fact]
    public async Task System_prompt_is_kept_although_all_slots_were_used_for_other_things()
    {
        var system = Tokens(string.Concat(Enumerable.Repeat("you are the one ", 10)));
        await RunAsync(_engine, new() { Prompt = [.. system, .. Tokens("first")], MaxTokens = 4, KeptPrefix = system.Length, IgnoreEnd = true });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => RunAsync(_engine, Request($"{i} something else {i}", 8))));

        var later = await RunAsync(_engine, new() { Prompt = [.. system, .. Tokens("second")], MaxTokens = 4, KeptPrefix = system.Length, IgnoreEnd = true });
        Assert.True(later.Result.ReusedTokens >= system.Length);
    }

    [Fact]
    public async Task Long_prompt_is_read_in_pieces_and_gives_what_one_piece_gives()
    {
        using var pieces = LlamaEngine.Start(_model, new() { Slots = 2, PromptChunk = 32 });
        var prompt = string.Concat(Enumerable.Range(0, 60).Select(i => $"line {i}\n"));
        Assert.Equal(await TextAsync(_engine, Request(prompt, 12)), await TextAsync(pieces, Request(prompt, 12)));
    }

    [Fact]
    public async Task Grammar_text_of_several_bytes_a_character_arrives_whole()
    {
        var pieces = new List<string>();
        var generation = _engine.Submit(Request("x", 50) with { Sampling = new() { Grammar = "root ::= \"é☃𝄞\"" }, IgnoreEnd = false }, Cancellation);
        await foreach (var piece in generation.Text.ReadAllAsync(Cancellation))
        {
            pieces.Add(piece);
        }

        Assert.Equal("é☃𝄞", string.Concat(pieces));
        Assert.DoesNotContain(pieces, piece => piece.Contains('\uFFFD') || char.IsHighSurrogate(piece[^1]));
        Assert.Equal(GenerationEnd.Stop, (await generation.Completion).End);
    }

    [Fact]
    public async Task Text_cut_inside_a_character_ends_before_it()
    {
        var run = await RunAsync(_engine, Request("x", 4) with { Sampling = new() { Grammar = "root ::= \"é☃𝄞\"" } });
        Assert.Equal("é", run.Text);
        Assert.Equal(GenerationEnd.Length, run.Result.End);
    }

    [Fact]
    public async Task Stop_string_ends_the_text_and_is_not_part_of_it()
    {
        var run = await RunAsync(_engine, Request("x", 50) with { Sampling = new() { Grammar = "root ::= \"hello STOP world\"" }, Stop = ["STOP"] });
        Assert.Equal("hello ", run.Text);
        Assert.Equal(GenerationEnd.Stop, run.Result.End);
    }

    [Fact]
    public async Task Broken_grammar_fails_its_request_only()
    {
        var other = TextAsync(_engine, Request("fine", 32));
        var error = await Assert.ThrowsAsync<ModelException>(() => TextAsync(_engine, Request("x", 5) with { Sampling = new() { Grammar = "root ::= (" } }));
        Assert.Equal("invalid_grammar", error.Code);
        Assert.NotEmpty(await other);
    }

    [Fact]
    public async Task Seed_decides_what_is_drawn()
    {
        // What is cached changes the last bits of the scores, which a high temperature can show.
        var hot = Request("once", 24) with { ReusePrefix = false, Sampling = new() { Temperature = 1.5f, Seed = 7, TopP = 0.95f } };
        var first = await TextAsync(_engine, hot);
        Assert.Equal(first, await TextAsync(_engine, hot));
        Assert.NotEqual(first, await TextAsync(_engine, hot with { Sampling = hot.Sampling with { Seed = 8 } }));
    }

    [Fact]
    public async Task Doubt_of_the_model_is_reported()
    {
        var result = (await RunAsync(_engine, Request("once", 24))).Result;
        Assert.True(result.MeanLogProbability < 0);
        Assert.True(result.WorstWindowLogProbability <= result.MeanLogProbability + 1e-9);
    }

    [Fact]
    public void Prompt_that_leaves_no_room_is_refused_with_both_numbers()
    {
        var error = Assert.Throws<ModelException>(() => _engine.Submit(new() { Prompt = new int[4000], MaxTokens = 97 }, Cancellation));
        Assert.Equal("context_length_exceeded", error.Code);
        Assert.Contains("4000", error.Message, StringComparison.Ordinal);
        Assert.Contains("97", error.Message, StringComparison.Ordinal);
        Assert.Contains("4096", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_prompt_is_refused() =>
        Assert.Equal("empty_prompt", Assert.Throws<ModelException>(() => _engine.Submit(new() { Prompt = [], MaxTokens = 1 }, Cancellation)).Code);

    [Fact]
    public async Task Requests_wait_for_room_and_none_is_lost()
    {
        using var small = LlamaEngine.Start(_model, new() { Slots = 4, ContextSize = 256, CacheSize = 256 });
        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => RunAsync(small, Request($"{i}{i}{i} number", 110))));
        Assert.All(results, run => Assert.Equal(110, run.Result.GeneratedTokens));
    }

    [Fact]
    public async Task Model_of_a_short_window_still_serves_all_its_slots_at_once()
    {
        using var small = LlamaEngine.Start(_model, new() { Slots = 4, ContextSize = 256 });
        var all = Enumerable.Range(0, 4).Select(i => small.Submit(Request($"{i}", 250), Cancellation)).ToList();
        await Task.WhenAll(all.Select(generation => generation.Completion));

        // One after the other would be four times as many steps.
        Assert.True(small.Steps < 2 * 250, $"{small.Steps} steps");
    }

    [Fact]
    public async Task Idle_caches_make_room_for_a_request_that_needs_the_whole_context()
    {
        using var small = LlamaEngine.Start(_model, new() { Slots = 4, ContextSize = 256, CacheSize = 256 });
        foreach (var i in Enumerable.Range(0, 4))
        {
            await RunAsync(small, Request($"{i}{i}{i}{i}{i} different beginnings", 30));
        }

        Assert.Equal(240, (await RunAsync(small, Request("whole", 240))).Result.GeneratedTokens);
    }

    [Fact]
    public async Task Cancelled_generation_ends_and_the_slot_is_free_again()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var generation = _engine.Submit(Request("long", 4000), source.Token);
        await generation.Text.WaitToReadAsync(Cancellation);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generation.Completion);
        Assert.NotEmpty(await TextAsync(_engine, Request("next", 8)));
    }

    [Fact]
    public async Task Cancelled_prompt_does_not_disturb_the_stream_beside_it()
    {
        var expected = await TextAsync(_engine, Request("beside", 200) with { ReusePrefix = false });
        var beside = TextAsync(_engine, Request("beside", 200) with { ReusePrefix = false });
        for (var i = 0; i < 10; i++)
        {
            using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var before = _engine.Steps;
            var big = _engine.Submit(new() { Prompt = [.. Enumerable.Range(0, 2000).Select(token => (token + i) % 250)], MaxTokens = 8 }, source.Token);
            SpinWait.SpinUntil(() => _engine.Steps > before || big.Completion.IsCompleted);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => big.Completion);
        }

        Assert.Equal(expected, await beside);
    }

    [Fact]
    public async Task Queued_request_can_be_cancelled()
    {
        using var one = LlamaEngine.Start(_model, new() { Slots = 1 });
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = one.Submit(Request("running", 300), Cancellation);
        var queued = one.Submit(Request("queued", 10), source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.Completion);
        Assert.Equal(300, (await running.Completion).GeneratedTokens);
    }

    [Fact]
    public async Task Stopping_the_engine_fails_what_runs_and_what_waits()
    {
        var engine = LlamaEngine.Start(_model, new() { Slots = 1 });
        var running = engine.Submit(Request("running", 4000), Cancellation);
        var queued = engine.Submit(Request("queued", 10), Cancellation);
        await running.Text.WaitToReadAsync(Cancellation);
        engine.Dispose();
        Assert.Equal("model_unloaded", (await Assert.ThrowsAsync<ModelException>(() => running.Completion)).Code);
        Assert.Equal("model_unloaded", (await Assert.ThrowsAsync<ModelException>(() => queued.Completion)).Code);
        Assert.Throws<ObjectDisposedException>(() => engine.Submit(Request("late", 1), Cancellation));
    }

    [Fact]
    public void Machine_without_memory_for_the_context_is_told_so() =>
        Assert.Equal("out_of_memory", Assert.Throws<ModelException>(() => LlamaEngine.Start(_model, new() { FreeMemoryBytes = 1000 })).Code);

    [Fact]
    public async Task Load_and_free_leave_nothing_behind_that_breaks_the_next()
    {
        for (var i = 0; i < 12; i++)
        {
            using var model = LlamaModel.Load(_directory["m.gguf"], cancellationToken: Cancellation);
            using var engine = LlamaEngine.Start(model, new() { Slots = 2, ContextSize = 512, Threads = (i % 2) + 1 });
            Assert.NotEmpty(await TextAsync(engine, Request("again", 8)));
        }
    }

    private int[] Tokens(string text) => _model.Tokenize(text);

    private GenerationRequest Request(string text, int maxTokens) => new() { Prompt = Tokens(text), MaxTokens = maxTokens, IgnoreEnd = true };

    private static async Task<string> TextAsync(LlamaEngine engine, GenerationRequest request) => (await RunAsync(engine, request)).Text;

    private static async Task<(string Text, GenerationResult Result)> RunAsync(LlamaEngine engine, GenerationRequest request)
    {
        var generation = engine.Submit(request, Cancellation);
        var text = string.Concat(await generation.Text.ReadAllAsync(Cancellation).ToListAsync(Cancellation));
        return (text, await generation.Completion);
    }
}
