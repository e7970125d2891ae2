using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Inference.Tests.Service;

namespace EdgeCoder.Inference.Tests.Completions;

/// <summary>Asks the OpenAI routes as a client library does.</summary>
internal static class Completion
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A conversation of one message.</summary>
    public static object[] Hi { get; } = [new { role = "user", content = "hi" }];

    public static async Task<(HttpResponseMessage Answer, JsonElement Body)> AskAsync(this InferenceHost host, object body, string? reach = null, string path = "/v1/chat/completions")
    {
        var answer = await host.SendAsync(JsonContent.Create(body), reach, path);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        return (answer, JsonElement.Parse(text.Length == 0 ? "null" : text));
    }

    public static async Task<HttpResponseMessage> SendAsync(this InferenceHost host, HttpContent content, string? reach = null, string path = "/v1/chat/completions")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (reach is not null)
        {
            request.Headers.Add("x-edgecoder-reach", reach);
        }

        return await host.Coordinator.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    /// <summary>The data of every event, in order; a comment counts as one with its text.</summary>
    public static async Task<IReadOnlyList<string>> EventsAsync(this InferenceHost host, object body, string path = "/v1/chat/completions")
    {
        using var answer = await host.SendAsync(JsonContent.Create(body), path: path);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return await EventsAsync(answer);
    }

    public static async Task<IReadOnlyList<string>> EventsAsync(HttpResponseMessage answer) =>
        [.. (await answer.Content.ReadAsStringAsync(Cancellation)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.StartsWith("data: ", StringComparison.Ordinal) ? e[6..] : e)];

    public static IReadOnlyList<JsonElement> Chunks(IEnumerable<string> events) => [.. events.Where(e => e.StartsWith('{')).Select(e => JsonElement.Parse(e))];

    public static string TextOf(IEnumerable<JsonElement> chunks) => string.Concat(chunks.SelectMany(chunk => chunk.TryGetProperty("choices", out var choices) ? choices.EnumerateArray().ToList() : [])
        .Select(choice => choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : ""));

    /// <summary>Checks the form of an error and gives its code and param.</summary>
    public static (HttpStatusCode Status, string Code, string? Param) Fault((HttpResponseMessage Answer, JsonElement Body) told)
    {
        var error = told.Body.GetProperty("error");
        Assert.True(error.GetProperty("message").GetString()!.Length > 0);
        Assert.True(error.GetProperty("type").GetString() is "invalid_request_error" or "server_error" or "rate_limit_error");
        return (told.Answer.StatusCode, error.GetProperty("code").GetString()!, error.GetProperty("param").GetString());
    }
}
