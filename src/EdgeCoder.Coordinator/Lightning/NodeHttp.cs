using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Escalations;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>Calls of one node: its credential goes to its own address only, redirects are not followed, TLS is checked, time and size are bounded.</summary>
internal sealed class NodeHttp : IDisposable
{
    private const int MostLineBytes = 2 << 20;

    private readonly HttpMessageInvoker _http;
    private readonly string _address;
    private readonly (string Name, string Value) _credential;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    /// <param name="settings">With address and credential.</param>
    /// <param name="header">Header that carries the credential.</param>
    /// <param name="time">Clock.</param>
    public NodeHttp(LightningSettings settings, string header, TimeProvider time)
    {
        var handler = EscalationHttp.Handler();
        if (settings.TrustedCertificate is { } certificate)
        {
            // A node signs its own certificate: it is named and trusted alone. Name and dates are checked as ever.
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { certificate },
                RevocationMode = X509RevocationMode.NoCheck,
            };
        }

        _http = new(handler, disposeHandler: true);
        _address = settings.Address!.AbsoluteUri.TrimEnd('/');
        _credential = (header, settings.Credential!);
        (_timeout, _time) = (settings.Timeout, time);
    }

    /// <summary>Sends one. The status is 0 when there was no answer in time; the body null when it is no JSON object.</summary>
    public async Task<NodeAnswer> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken, TimeSpan? timeout = null)
    {
        using var limit = new CancellationTokenSource(timeout ?? _timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = Request(method, path, body);
        var (status, bytes) = await EscalationHttp.SendAsync(_http, request, either.Token, cancellationToken).ConfigureAwait(false);
        return new(status, Parse(bytes));
    }

    /// <summary>Sends one that is answered with a stream of lines, reads the first and leaves. The same meaning of what is missing.</summary>
    public async Task<NodeAnswer> FirstAsync(HttpMethod method, string path, JsonObject? body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = Request(method, path, body);
        try
        {
            using var response = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            return new((int)response.StatusCode, Parse(await LineAsync(stream, either.Token).ConfigureAwait(false)));
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && fault is HttpRequestException or OperationCanceledException or IOException)
        {
            return new(0, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path, JsonObject? body)
    {
        var request = new HttpRequestMessage(method, _address + path);
        request.Headers.TryAddWithoutValidation(_credential.Name, _credential.Value);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return request;
    }

    // A line that is too long is none.
    private static async Task<byte[]> LineAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var line = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            var end = buffer.AsSpan(0, read).IndexOf((byte)'\n');
            line.Write(buffer, 0, end < 0 ? read : end);
            if (end >= 0)
            {
                break;
            }

            if (line.Length > MostLineBytes)
            {
                return [];
            }
        }

        return line.ToArray();
    }

    private static JsonObject? Parse(byte[] bytes)
    {
        try
        {
            return bytes.Length == 0 ? null : JsonNode.Parse(bytes, null, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>An answer of a node.</summary>
/// <param name="Status">HTTP status; 0: none in time.</param>
/// <param name="Body">The object; null when there is none.</param>
internal sealed record NodeAnswer(int Status, JsonObject? Body)
{
    /// <summary>Whether it did what it was asked for.</summary>
    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>A text member; null when it is none.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>A whole number that is not negative, as a number or, as protocol buffers write 64 bits, as its digits; null for anything else.</summary>
    public static long? Number(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<long>(out var number) && number >= 0 => number,
        JsonValue value when value.TryGetValue<string>(out var digits) && long.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };
}
