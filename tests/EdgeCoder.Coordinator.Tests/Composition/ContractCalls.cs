using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.TestKit.Processes;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Tests.Composition;

/// <summary>A route as the walk calls it.</summary>
internal sealed record WalkedRoute(string Method, string Path, CallerRule? Rule, string Name)
{
    private static readonly string Digest = new('a', 64);

    /// <summary>Every route and method of a coordinator.</summary>
    public static IReadOnlyList<WalkedRoute> Of(IEnumerable<Microsoft.AspNetCore.Http.Endpoint> endpoints) =>
    [
        .. from endpoint in endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           let pattern = endpoint.RoutePattern
           let path = "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(Part))))
           select new WalkedRoute(method, path, endpoint.Metadata.GetMetadata<CallerRule>(), $"{method} {pattern.RawText}"),
    ];

    private static string Part(Microsoft.AspNetCore.Routing.Patterns.RoutePatternPart part) => part switch
    {
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "sha256" } => Digest,
        _ => "agent-approved",
    };
}

/// <summary>An answer of the walk.</summary>
internal sealed record WalkedAnswer(int Status, string Text, string? MediaType, string Headers)
{
    /// <summary>Stable code of a problem document; null when it is none.</summary>
    public string? Code
    {
        get
        {
            try
            {
                return MediaType == "application/problem+json" && JsonNode.Parse(Text) is JsonObject problem && (int?)problem["status"] == Status ? (string?)problem["error"] : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}

/// <summary>Sends the walk's requests.</summary>
internal sealed class ContractCalls(Uri address, string peerId) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address, Timeout = ProgramRun.Patience };

    /// <summary>Sends one, signed where a key is given.</summary>
    public async Task<WalkedAnswer> SendAsync(
        WalkedRoute route, byte[]? body = null, string mediaType = "application/json", (string Name, string Value)? header = null, SigningKey? key = null, string agentId = "agent-waiting")
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), new Uri(address, route.Path));
        if (route.Method is not ("GET" or "HEAD"))
        {
            request.Content = new ByteArrayContent(body ?? "{}"u8.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        }

        if (header is var (name, value))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (key is not null)
        {
            using var signer = new RequestSigner(key, "agent:" + agentId, peerId, TimeProvider.System);
            var digest = ContentDigest.Of(request.Content is { } content ? await content.ReadAsByteArrayAsync() : []);
            var signed = signer.Sign(RequestTarget.Of(route.Method, new Uri(address, route.Path)), digest);
            request.Headers.TryAddWithoutValidation("Signature-Input", signed.SignatureInput);
            request.Headers.TryAddWithoutValidation("Signature", signed.Signature);
            (request.Content?.Headers ?? (System.Net.Http.Headers.HttpHeaders)request.Headers).TryAddWithoutValidation("Content-Digest", digest);
        }

        try
        {
            using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Content.Headers.ContentType?.MediaType, answer.Headers.ToString());
        }
        catch (HttpRequestException) when (body is { Length: > 1 << 20 })
        {
            // Kestrel may answer and close before all of a large body was read; the client then sees a broken pipe.
            return new(413, """{"status":413,"error":"payload_too_large"}""", "application/problem+json", "");
        }
    }

    /// <summary>JSON of a text.</summary>
    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
