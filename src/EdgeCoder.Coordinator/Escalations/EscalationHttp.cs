using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>One call of a back-end: bounded in time and size, without redirects, with its outcome as a value.</summary>
internal static class EscalationHttp
{
    private const int MaxAnswerBytes = 2 << 20;

    /// <summary>The clean parts of a handler for calls to services: no proxy, no redirect, no cookie.</summary>
    public static SocketsHttpHandler Handler() => new() { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) };

    /// <summary>Sends JSON and reads the answer. A fault of the connection is status 0; the time limit is 0 too.</summary>
    public static async Task<(int Status, byte[] Body)> PostAsync<T>(
        HttpMessageInvoker http, Uri address, T body, JsonTypeInfo<T> type, (string Name, string? Value) token, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (token.Value is { } value)
        {
            request.Headers.TryAddWithoutValidation(token.Name, value);
        }

        return await SendAsync(http, request, either.Token, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a request. Only the caller's own cancellation throws.</summary>
    public static async Task<(int Status, byte[] Body)> SendAsync(HttpMessageInvoker http, HttpRequestMessage request, CancellationToken limited, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.SendAsync(request, limited).ConfigureAwait(false);
            await using var stream = await response.Content.ReadAsStreamAsync(limited).ConfigureAwait(false);
            using var body = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int read; (read = await stream.ReadAsync(buffer, limited).ConfigureAwait(false)) > 0;)
            {
                body.Write(buffer, 0, read);
                if (body.Length > MaxAnswerBytes)
                {
                    return (413, []);
                }
            }

            return ((int)response.StatusCode, body.ToArray());
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && fault is HttpRequestException or OperationCanceledException or IOException)
        {
            return (0, []);
        }
    }

    /// <summary>Whether another try may work: no connection, too many requests, a failure inside (agent-executor-models 7.1).</summary>
    public static bool MayRetry(int status) => status is 0 or (int)HttpStatusCode.TooManyRequests or >= 500;

    /// <summary>In words, for the record. Nothing of the answer's own text is repeated: it may hold what must not be kept.</summary>
    public static string Describe(string who, int status) => status == 0 ? $"{who} could not be reached in time." : $"{who} answered with status {status}.";

    /// <summary>The answer as JSON; null when it is none.</summary>
    public static T? Read<T>(byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return body.Length == 0 ? null : JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
