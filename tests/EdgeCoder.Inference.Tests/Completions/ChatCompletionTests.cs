using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EdgeCoder.Inference.Completions;
using EdgeCoder.Inference.Tests.Providers;
using EdgeCoder.Inference.Tests.Service;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Inference.Tests.Completions;

public sealed class ChatCompletionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Answer_has_the_form_of_the_OpenAI_API_with_true_counts_and_says_who_answered()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "Grüße an <alle>" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var (answer, body) = await host.AskAsync(new { model = "chatty", messages = Completion.Hi });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        var choice = body.GetProperty("choices")[0];
        Assert.Equal(("assistant", "Grüße an <alle>", "stop"), (choice.GetProperty("message").GetProperty("role").GetString(), choice.GetProperty("message").GetProperty("content").GetString(), choice.GetProperty("finish_reason").GetString()));
        var usage = body.GetProperty("usage");
        Assert.Equal(ScriptedModel.Tokenize("Grüße an <alle>").Count, usage.GetProperty("completion_tokens").GetInt32());
        Assert.True(usage.GetProperty("prompt_tokens").GetInt32() > 0);
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal(
            ["openai-compatible", "chatty", "unpinned", "this-machine"],
            ((string[])["x-edgecoder-provider", "x-edgecoder-model", "x-edgecoder-model-digest", "x-edgecoder-reach"]).Select(name => answer.Headers.GetValues(name).Single()));
        Assert.False(body.TryGetProperty("edgecoder", out _)); // The relay in front of this service writes it.
    }

    [Fact]
    public async Task Server_that_reports_no_counts_is_counted_here_and_never_as_nothing()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "one two", Reports = CountReport.Nothing });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var (_, body) = await host.AskAsync(new { messages = Completion.Hi });

        Assert.True(body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 0);
        Assert.True(body.GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Stream_has_the_role_once_the_counts_last_and_done_after_all()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "one two three" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var events = await host.EventsAsync(new { messages = Completion.Hi, stream = true, stream_options = new { include_usage = true } });

        Assert.Equal("[DONE]", events[^1]);
        var chunks = Completion.Chunks(events);
        Assert.Equal("one two three", Completion.TextOf(chunks));
        Assert.Equal(1, chunks.Count(chunk => chunk.GetProperty("choices") is { } choices && choices.GetArrayLength() > 0 && choices[0].GetProperty("delta").TryGetProperty("role", out _)));
        Assert.True(chunks[0].GetProperty("choices")[0].GetProperty("delta").TryGetProperty("role", out _));
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
        Assert.Equal("stop", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.True(chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
        Assert.Single(chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task Stream_without_include_usage_says_nothing_of_it()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var events = await host.EventsAsync(new { messages = Completion.Hi, stream = true });

        Assert.All(Completion.Chunks(events), chunk => Assert.False(chunk.TryGetProperty("usage", out _)));
    }

    [Theory]
    [InlineData("error")]
    [InlineData("cut")]
    [InlineData("end")]
    public async Task Model_that_breaks_off_ends_with_one_error_without_done_and_without_a_finish_reason(string how)
    {
        var heard = new TaskCompletionSource();
        var fault = new ScriptedFault
        {
            WaitFor = heard.Task, WaitBeforePiece = 3, ErrorAfterPieces = how == "error" ? 3 : null, CutAfterPieces = how == "cut" ? 3 : null, EndAfterPieces = how == "end" ? 3 : null,
        };
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "one two three four five six", Fault = fault });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        // The first words are on their way before the server breaks.
        using var answer = await host.SendAsync(JsonContent.Create(new { messages = Completion.Hi, stream = true }));
        heard.SetResult();
        var events = await Completion.EventsAsync(answer);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("upstream_error", JsonElement.Parse(events[^1]).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(1, events.Count(e => e.Contains("\"error\"", StringComparison.Ordinal)));
        Assert.DoesNotContain("[DONE]", events);
        Assert.DoesNotContain(events, e => e.Contains("\"finish_reason\":\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_that_fails_before_the_first_word_has_a_status_of_its_own(bool stream)
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Fault = new() { Status = 500 } });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        Assert.Equal((HttpStatusCode.BadGateway, "upstream_error", null), Completion.Fault(await host.AskAsync(new { messages = Completion.Hi, stream })));
    }

    [Fact]
    public async Task Server_that_is_gone_is_a_local_model_that_is_not_available()
    {
        var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server);
        await server.DisposeAsync();

        var told = await host.AskAsync(new { model = "chatty", messages = Completion.Hi });

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "local_model_unavailable", null), Completion.Fault(told));
        Assert.NotNull(told.Answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task Prompt_beyond_the_window_is_refused_with_both_numbers_and_the_difference()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server, window: 512);

        var told = await host.AskAsync(new { messages = new[] { new { role = "user", content = new string('x', 8000) } }, max_tokens = 100 });

        Assert.Equal((HttpStatusCode.BadRequest, "context_length_exceeded", "messages"), Completion.Fault(told));
        Assert.Contains("512", told.Body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("too many", told.Body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Requests, request => request.Path.EndsWith("/completions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_that_cut_the_prompt_is_found_out_and_its_answer_has_no_end()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Window = 200, Cut = PromptCut.LosesHead });
        await using var host = await InferenceHost.StartAsync(_directory, server);
        var long_ = new[] { new { role = "user", content = string.Concat(Enumerable.Repeat("merge the two lists. ", 400)) } };

        Assert.Equal((HttpStatusCode.BadGateway, "context_truncated", null), Completion.Fault(await host.AskAsync(new { messages = long_ })));
        var events = await host.EventsAsync(new { messages = long_, stream = true });
        Assert.Contains("context_truncated", events[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(events, e => e.Contains("\"finish_reason\":\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_model_is_not_found_and_none_is_taken_in_its_place()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var told = await host.AskAsync(new { model = "chattier", messages = Completion.Hi });

        Assert.Equal((HttpStatusCode.NotFound, "model_not_found", "model"), Completion.Fault(told));
        Assert.Contains("chatty", told.Body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Requests, request => request.Method == "POST");
    }

    [Fact]
    public async Task Without_a_model_nothing_answers_and_the_command_that_gets_one_is_named()
    {
        await using var host = await InferenceHost.StartAsync(_directory, demonstration: new FixedProvider("edgecoder-demo") { IsDemonstration = true });

        var told = await host.AskAsync(new { messages = Completion.Hi });

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no_model_available", null), Completion.Fault(told));
        Assert.Contains("edgecoder models pull", told.Body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demonstration_model_answers_when_it_is_named()
    {
        await using var host = await InferenceHost.StartAsync(_directory, demonstration: new FixedProvider("edgecoder-demo") { IsDemonstration = true });

        var (answer, body) = await host.AskAsync(new { model = "edgecoder-demo", messages = Completion.Hi });

        Assert.Equal("edgecoder-demo", answer.Headers.GetValues("x-edgecoder-model").Single());
        Assert.Equal("ok from edgecoder-demo", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task Fallback_of_the_settings_is_told()
    {
        await using var host = await InferenceHost.StartAsync(_directory, local: new FixedProvider("spare"), change: settings => settings with { Fallback = ["spare"] });

        var (answer, _) = await host.AskAsync(new { model = "gone", messages = Completion.Hi });

        Assert.Equal(("gone", "spare"), (answer.Headers.GetValues("x-edgecoder-fallback-from").Single(), answer.Headers.GetValues("x-edgecoder-model").Single()));
    }

    [Fact]
    public async Task Messages_reach_the_model_whole_and_the_clients_own_system_text_alone()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server);
        object[] messages =
        [
            new { role = "developer", content = "Be brief." },
            new { role = "user", content = new object[] { new { type = "text", text = "first " }, new { type = "text", text = "second" } } },
            new { role = "assistant", content = (string?)null, tool_calls = new[] { new { id = "call_7", type = "function", function = new { name = "look", arguments = "{\"at\":\"ä\"}" } } } },
            new { role = "tool", tool_call_id = "call_7", content = "nothing there" },
            new { role = "user", content = "go on" },
        ];

        var (answer, _) = await host.AskAsync(new { messages, stop = "END", seed = 7, temperature = 0.5, top_p = 0.9, max_tokens = 9 });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var sent = server.Requests.Last(request => request.Method == "POST").Body;
        var turns = sent.GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(["system", "user", "assistant", "tool", "user"], turns.Select(turn => turn.GetProperty("role").GetString()));
        Assert.Contains("first second", turns[1].GetRawText(), StringComparison.Ordinal);
        Assert.Equal("call_7", turns[2].GetProperty("tool_calls")[0].GetProperty("id").GetString());
        Assert.Equal("call_7", turns[3].GetProperty("tool_call_id").GetString());
        Assert.Equal("END", sent.GetProperty("stop")[0].GetString());
        Assert.Equal((7, 9), (sent.GetProperty("seed").GetInt32(), (sent.TryGetProperty("max_completion_tokens", out var limit) ? limit : sent.GetProperty("max_tokens")).GetInt32()));
        Assert.Equal((0.5, 0.9), (sent.GetProperty("temperature").GetDouble(), Math.Round(sent.GetProperty("top_p").GetDouble(), 3)));
    }

    [Fact]
    public async Task Client_without_system_text_gets_a_short_one()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        await host.AskAsync(new { messages = Completion.Hi });

        Assert.Equal("system", server.Requests.Last(request => request.Method == "POST").Body.GetProperty("messages")[0].GetProperty("role").GetString());
        Assert.InRange(ScriptedModel.Tokenize(ModelPrompt.SystemText).Count, 1, 200);
    }

    [Fact]
    public async Task Client_that_goes_away_stops_the_model()
    {
        var never = new TaskCompletionSource();
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "one two three", Fault = new() { WaitFor = never.Task, WaitBeforePiece = 2 } });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        using (var answer = await host.SendAsync(JsonContent.Create(new { messages = Completion.Hi, stream = true })))
        {
            await server.ClientWaits.WaitAsync(Cancellation);
        }

        await server.ClientGone.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task Silence_of_the_model_is_filled_with_comments()
    {
        var time = new FakeTimeProvider();
        var heard = new TaskCompletionSource();
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "one", Fault = new() { WaitFor = heard.Task, WaitBeforePiece = 0 } });
        await using var host = await InferenceHost.StartAsync(_directory, server, time: time);

        var asking = host.SendAsync(JsonContent.Create(new { messages = Completion.Hi, stream = true }));
        await server.ClientWaits.WaitAsync(Cancellation);
        while (!asking.IsCompleted)
        {
            time.Advance(EventStream.CommentEvery);
            await Task.Yield();
        }

        heard.SetResult();
        using var answer = await asking;
        var events = await Completion.EventsAsync(answer);

        Assert.StartsWith(":", events[0], StringComparison.Ordinal);
        Assert.Equal("[DONE]", events[^1]);
    }

    [Fact]
    public async Task Answer_at_its_limit_says_so()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "chatty", Answer = _ => "one two three four" });
        await using var host = await InferenceHost.StartAsync(_directory, server);

        var (_, body) = await host.AskAsync(new { messages = Completion.Hi, max_tokens = 2 });

        Assert.Equal("length", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Theory]
    [InlineData("""{"messages":[]}""", "invalid_value", "messages")]
    [InlineData("""{}""", "invalid_value", "messages")]
    [InlineData("""{"messages":[{"role":"robot","content":"x"}]}""", "invalid_value", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user","content":"x"},{"role":"user"}]}""", "invalid_value", "messages[1].content")]
    [InlineData("""{"messages":[{"role":"user","content":null}]}""", "invalid_value", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", "invalid_value", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"function","content":"x"}]}""", "unsupported_parameter", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:"}}]}]}""", "unsupported_parameter", "messages[0].content[1]")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"n":2}""", "unsupported_parameter", "n")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"logprobs":true}""", "unsupported_parameter", "logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"modalities":["text","audio"]}""", "unsupported_parameter", "modalities")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"functions":[]}""", "unsupported_parameter", "functions")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":3}""", "invalid_value", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":0}""", "invalid_value", "max_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stop":[""]}""", "invalid_value", "stop")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stream":"yes"}""", "invalid_value", "stream")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}""", "invalid_value", "stream_options")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tool_choice":"required"}""", "invalid_value", "tool_choice")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"web_search"}]}""", "unsupported_parameter", "tools[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"xml"}}""", "unsupported_parameter", "response_format.type")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"model":7}""", "invalid_value", "model")]
    [InlineData("""{"messages":[""", "invalid_json", "body")]
    [InlineData("""[]""", "invalid_json", "body")]
    public async Task Request_that_breaks_a_rule_is_refused_by_name(string body, string code, string param)
    {
        await using var host = await InferenceHost.StartAsync(_directory);
        var answer = await host.SendAsync(new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal((HttpStatusCode.BadRequest, code, param), Completion.Fault((answer, await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation))));
    }
}
