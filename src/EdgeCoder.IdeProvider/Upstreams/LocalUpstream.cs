using System.Net.Http;
using System.Net.Http.Headers;

namespace EdgeCoder.IdeProvider.Upstreams;

/// <summary>A service of this machine that speaks the OpenAI API: the inference service, or a model server of the operator.</summary>
/// <param name="Route">What <c>X-EdgeCoder-Route</c> says when the answer does not name its provider.</param>
/// <param name="Name">For messages.</param>
/// <param name="Base">Address that the paths are below, ending with a slash.</param>
/// <param name="Http">Connections.</param>
/// <param name="Headers">Headers of every request: credentials and reach.</param>
internal sealed record LocalUpstream(string Route, string Name, Uri Base, LoopbackHttp Http, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>Posts JSON; the answer is given when its headers are here.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = Json;
        using var request = Request(HttpMethod.Post, path);
        request.Content = content;
        return await Http.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, path);
        return await Http.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Without its credentials.</summary>
    public override string ToString() => $"{Name} at {Base.GetLeftPart(UriPartial.Authority)}";

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(Base, path));
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
