using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Agent.Submissions;

/// <summary>Calls to one coordinator with one credential. It follows no redirect and asks no proxy: what it sends goes to that address or nowhere.</summary>
internal sealed class SubmitterHttp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly SubmitterAccess _access;

    /// <summary>Opens no connection yet. Throws <see cref="ArgumentException"/> for an address that credentials may not be sent to.</summary>
    public SubmitterHttp(SubmitterAccess access, HttpMessageHandler? handler)
    {
        if (!SubmitterAccess.IsPermitted(access.Coordinator))
        {
            throw new ArgumentException("A coordinator's address is https, or http on this machine.", nameof(access));
        }

        _access = access;
        _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = new(access.Coordinator.AbsoluteUri.TrimEnd('/') + "/"), Timeout = Patience };
    }

    /// <summary>The answer as text.</summary>
    public async Task<string> TextAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, body, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        return await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The answer as JSON.</summary>
    public async Task<T> JsonAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(await TextAsync(method, path, body, cancellationToken).ConfigureAwait(false), type);

    /// <summary>Sends; an answer that is no success is thrown as <see cref="SubmitterException"/>.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, HttpCompletionOption until, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Authorization = new("Bearer", _access.ApiKey);
        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, until, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            throw new SubmitterException(SubmitterException.Unreachable, $"No coordinator answers at {Address}.", "Start one here with edgecoder up, or set COORDINATOR_URL.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SubmitterException(SubmitterException.TimedOut, $"The coordinator at {Address} did not answer within a minute.", "Try again.");
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await ExplainAsync(answer, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A body of JSON.</summary>
    public static HttpContent Json<T>(T value, JsonTypeInfo<T> type) => Bytes(JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json");

    /// <summary>A body of bytes.</summary>
    public static HttpContent Bytes(byte[] bytes, string mediaType)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }

    /// <summary>Reads what the coordinator said.</summary>
    public static T Read<T>(string text, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new SubmitterException(SubmitterException.Fault, "The coordinator answered with something that this program does not know.", "Is it of the same version?");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private string Address => _access.Coordinator.GetLeftPart(UriPartial.Path).TrimEnd('/');

    private static async Task<SubmitterException> ExplainAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        Problem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), MeshJson.Default.Problem);
        }
        catch (JsonException)
        {
            // Something that is no coordinator answered.
        }

        var status = (int)answer.StatusCode;
        return problem is null
            ? new(SubmitterException.Fault, $"The coordinator answered {status} without an explanation.", "Is COORDINATOR_URL the address of an EdgeCoder coordinator?", status)
            : new(problem.Error, problem.Detail ?? problem.Title, null, status);
    }
}
