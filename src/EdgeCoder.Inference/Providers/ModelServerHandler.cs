using System.Net;
using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Calls;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// Turns what a model server says of a fault into a <see cref="ModelException"/> before a client library can lose it: statuses, redirects,
/// and error records in the middle of a stream.
/// </summary>
internal sealed class ModelServerHandler(ServerAddress address, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MaxErrorBytes = 8192;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                throw await FaultAsync(response, cancellationToken).ConfigureAwait(false);
            }
        }

        if (response.Content.Headers.ContentType?.MediaType is "application/x-ndjson" or "text/event-stream")
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var content = new StreamContent(new ErrorRecordStream(stream, CallLimit.Current));
            foreach (var header in response.Content.Headers)
            {
                content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }

            response.Content = content;
        }

        return response;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw Unavailable(e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable(e); // The connect time-out.
        }
    }

    private ModelException Unavailable(Exception e) =>
        new("model_unavailable", $"The model server at {address} cannot be reached: {e.Message}", "Start it, or choose another model: edgecoder models list", e);

    private async Task<ModelException> FaultAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
        {
            return new("redirect_refused", $"The model server at {address} wants to send the request elsewhere (status {status}). It was not followed.", "Name the final address in the settings.");
        }

        var message = ErrorMessage(await BodyAsync(response, cancellationToken).ConfigureAwait(false));
        var said = message.Length == 0 ? "" : $": {message}";
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => new("model_not_found", $"The model server at {address} has no such model or route{said}", "edgecoder models list"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new("model_unauthorized", $"The model server at {address} refused the key (status {status}){said}", "Check apiKeyFile of this server in models.json."),
            HttpStatusCode.TooManyRequests => new("model_busy", $"The model server at {address} takes no more requests now{said}", "Try again later."),
            HttpStatusCode.BadRequest when SaysContext(message) => new("context_length_exceeded", $"The model server at {address} refused the length of the prompt{said}", "Ask for less, or set a larger contextWindow."),
            _ => new("model_error", $"The model server at {address} answered with status {status}{said}", status >= 500 ? "See the server's own log." : null),
        };
    }

    private static bool SaysContext(string message) =>
        message.Contains("context", StringComparison.OrdinalIgnoreCase) && (message.Contains("length", StringComparison.OrdinalIgnoreCase) || message.Contains("size", StringComparison.OrdinalIgnoreCase));

    private static async Task<string> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxErrorBytes];
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(bytes, 0, read);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return "";
        }
    }

    /// <summary>The text of <c>{"error":"…"}</c> or <c>{"error":{"message":"…"}}</c>, one line, at most 300 characters; the text itself when it is neither.</summary>
    internal static string ErrorMessage(string body)
    {
        var message = body;
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error))
            {
                message = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var inner) ? inner.ToString() : error.ToString();
            }
        }
        catch (JsonException)
        {
            // Plain text or a page of a proxy; its start says enough.
        }

        message = string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return message.Length > 300 ? message[..300] + "…" : message;
    }
}
