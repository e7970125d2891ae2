using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OllamaSharp;

namespace EdgeCoder.Inference.Providers;

/// <summary>OllamaSharp's client for one model, with what Ollama must be told on every call so that it never cuts a prompt in silence.</summary>
internal static class OllamaChatClient
{
    /// <summary>Options that OllamaSharp writes into the request; the others it leaves out.</summary>
    public const ChatOptionKinds Options = ChatOptionKinds.TopK | ChatOptionKinds.Reasoning;

    public static IChatClient Create(HttpClient server, string modelId, int window)
    {
        var http = new HttpClient(new NoTruncation(server, window)) { BaseAddress = server.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        return new OllamaApiClient(http, modelId);
    }

    /// <summary>
    /// Adds to each chat request <c>num_ctx</c>, and <c>truncate</c> and <c>shift</c> off (<c>api/types.go</c> of ollama/ollama: the server then
    /// refuses a prompt that is too long instead of cutting it). Older servers ignore the two; the count after each call finds those.
    /// </summary>
    private sealed class NoTruncation(HttpClient server, int window) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var own = new HttpRequestMessage(request.Method, request.RequestUri);
            if (request.Content is { } content)
            {
                var body = JsonNode.Parse(await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false))!.AsObject();
                body.Remove("CustomHeaders"); // OllamaSharp's own note, not Ollama's.
                body["truncate"] = false;
                body["shift"] = false;
                var options = body["options"] as JsonObject ?? [];
                options["num_ctx"] = window;
                body["options"] = options;
                own.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            }

            return await server.SendAsync(own, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
    }
}
