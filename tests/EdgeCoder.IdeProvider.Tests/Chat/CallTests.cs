using System.Net;
using System.Text.Json;
using EdgeCoder.IdeProvider.Tests.Composition;

namespace EdgeCoder.IdeProvider.Tests.Chat;

public sealed class CallTests
{
    [Fact]
    public async Task A_whole_answer_passes_with_its_marks_and_nothing_else_changed()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) =>
        {
            context.Response.Headers["x-edgecoder-provider"] = "ollama-local";
            context.Response.Headers["x-edgecoder-model"] = "coder";
            context.Response.Headers["x-edgecoder-model-digest"] = "sha256:aa";
            return StubUpstream.JsonAsync(context, 200, StubUpstream.Whole("hello"));
        };
        using var answer = await endpoint.ChatAsync();
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        using var document = JsonDocument.Parse(text);
        var marks = document.RootElement.GetProperty("edgecoder");
        Assert.Equal("ollama-local", Assert.Single(answer.Headers.GetValues("X-EdgeCoder-Route")));
        Assert.Equal("ollama-local", marks.GetProperty("route").GetString());
        Assert.Equal("local", marks.GetProperty("dataClass").GetString());
        Assert.Equal("this-machine", marks.GetProperty("ranOn").GetString());
        Assert.Equal("sha256:aa", marks.GetProperty("modelDigest").GetString());
        Assert.EndsWith(StubUpstream.Whole("hello")[1..], text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_request_passes_byte_for_byte_but_for_the_model()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        const string rest = ""","temperature" : 0.70,"unknown":{"a":[1,2 ]},"stop":["\u0041","é"]""";
        using var answer = await endpoint.ChatAsync(rest);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal($$"""{"model":"","messages":[{"role":"user","content":"hi"}]{{rest}}}""", Assert.Single(endpoint.Inference.Bodies));
        Assert.Equal("this-machine", endpoint.Inference.LastHeaders["x-edgecoder-reach"].ToString());
    }

    [Fact]
    public async Task Our_own_member_does_not_reach_the_upstream()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var answer = await endpoint.ChatAsync(""", "edgecoder": {"dataClass":"local"} """);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain("edgecoder", Assert.Single(endpoint.Inference.Bodies), StringComparison.Ordinal);
        JsonDocument.Parse(endpoint.Inference.Bodies.First()).Dispose();
    }

    [Fact]
    public async Task A_named_model_is_asked_for_by_its_name()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var answer = await endpoint.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"model":"coder"}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"model\":\"coder\"", endpoint.Inference.Bodies.First(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"nobody","messages":[{"role":"user","content":"hi"}]}""", 404, "model_not_found", "model")]
    [InlineData("""{"model":"edgecoder-auto"}""", 400, "invalid_request", "messages")]
    [InlineData("""{"messages":[]}""", 400, "invalid_request", "messages")]
    [InlineData("""{"messages":[{"role":"robot","content":"hi"}]}""", 400, "invalid_request", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""", 400, "invalid_request", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":null}]}""", 400, "invalid_request", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", 400, "invalid_request", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:,"}}]}]}""", 400, "unsupported_parameter", "messages[0].content[0]")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio"}]}]}""", 400, "unsupported_parameter", "messages[0].content[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"n":2}""", 400, "unsupported_parameter", "n")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"logprobs":true}""", 400, "unsupported_parameter", "logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"max_tokens":0}""", 400, "invalid_request", "max_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stream":"yes"}""", 400, "invalid_request", "stream")]
    [InlineData("""{"model":"coder","model":"edgecoder-swarm","messages":[{"role":"user","content":"hi"}]}""", 400, "invalid_request", "model")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}""", 400, "invalid_json", null)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}]} {}""", 400, "invalid_json", null)]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", 400, "invalid_json", null)]
    [InlineData("""[]""", 400, "invalid_json", null)]
    [InlineData("", 400, "empty_body", null)]
    [InlineData("""{"model":"edgecoder-swarm","messages":[{"role":"user","content":"hi"}]}""", 403, "data_class_denied", null)]
    public async Task A_bad_call_is_refused_in_the_form_of_the_api(string body, int status, string code, string? param)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var answer = await endpoint.PostAsync("/v1/chat/completions", body);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var error = document.RootElement.GetProperty("error");
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.NotEqual("", error.GetProperty("message").GetString());
        Assert.Empty(endpoint.Inference.Bodies);
    }

    [Fact]
    public async Task Messages_in_every_form_of_the_api_pass()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var answer = await endpoint.PostAsync("/v1/chat/completions", """
            {"messages":[{"role":"developer","content":"be short"},{"role":"system","content":[{"type":"text","text":"x"}]},{"role":"user","content":"hi","name":"n"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":[{"type":"text","text":"done"}]},
            {"role":"assistant","content":"","refusal":null}],"n":1,"logprobs":false,"stream":null,"logit_bias":{},"modalities":["text"],"max_tokens":null}
            """);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_of_ten_megabytes_is_refused_and_the_next_call_is_served()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var answer = await endpoint.PostAsync("/v1/chat/completions", $$"""{"messages":[{"role":"user","content":"{{new string('a', 10_000_000)}}"}]}""");
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((HttpStatusCode)413, answer.StatusCode);
        Assert.Equal("payload_too_large", document.RootElement.GetProperty("error").GetProperty("code").GetString());
        using var next = await endpoint.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"5,000 of 4,096","type":"invalid_request_error","code":"context_length_exceeded","param":"messages"}}""", 400, "context_length_exceeded")]
    [InlineData(502, """{"error":{"message":"cut","code":"context_truncated"}}""", 502, "context_truncated")]
    [InlineData(503, """{"error":{"message":"none","code":"no_model_available"}}""", 503, "no_model_available")]
    [InlineData(401, """{"error":"inference_unauthorized"}""", 502, "upstream_error")]
    [InlineData(500, "oops", 502, "upstream_error")]
    [InlineData(302, "", 502, "upstream_error")]
    public async Task A_refusal_of_the_inference_service_passes_exactly_and_its_failures_are_named(int given, string body, int status, string code)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        endpoint.Inference.Answer = (context, _) => StubUpstream.JsonAsync(context, given, body);
        using var answer = await endpoint.ChatAsync(""","stream":true""");
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(code, document.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task With_no_inference_service_the_answer_is_that_and_nothing_posing_as_text()
    {
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { Inference = new("http://127.0.0.1:1") });
        using var answer = await endpoint.ChatAsync();
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("local_model_unavailable", document.RootElement.GetProperty("error").GetProperty("code").GetString());
    }
}
