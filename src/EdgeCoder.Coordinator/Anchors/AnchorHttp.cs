using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>Calls of proxy and explorer: bounded in time and size, without redirects. A fault of the connection is an <see cref="Ledger.Anchors.AnchorException"/>, an answer is not.</summary>
internal sealed class AnchorHttp(Uri address, string? bearer, string who, TimeProvider time) : IDisposable
{
    private const int MostBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpMessageInvoker _http = new(
        new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, disposeHandler: true);

    private readonly Uri _root = new(address.AbsoluteUri.TrimEnd('/') + "/");

    /// <summary>Asks; a body makes it a POST of JSON.</summary>
    public async Task<(HttpStatusCode Status, string Text)> AskAsync(string path, string? json, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(json is null ? HttpMethod.Get : HttpMethod.Post, new Uri(_root, path)) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        try
        {
            using var response = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            using var body = new MemoryStream();
            var buffer = new byte[8 * 1024];
            for (int read; (read = await stream.ReadAsync(buffer, either.Token).ConfigureAwait(false)) > 0;)
            {
                body.Write(buffer, 0, read);
                if (body.Length > MostBytes)
                {
                    throw new IOException("The answer is too large.");
                }
            }

            return (response.StatusCode, Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length));
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new Ledger.Anchors.AnchorException(who + "_unreachable", $"{who}_unreachable: it could not be reached in time.");
        }
    }

    /// <summary>The JSON of an answer with status 200.</summary>
    public JsonElement Read((HttpStatusCode Status, string Text) answer)
    {
        try
        {
            return answer.Status == HttpStatusCode.OK ? JsonElement.Parse(answer.Text) : throw Unreadable(answer.Status);
        }
        catch (JsonException)
        {
            throw Unreadable(answer.Status);
        }
    }

    /// <summary>It answered something that is not understood here.</summary>
    public Ledger.Anchors.AnchorException Unreadable(HttpStatusCode status) => new(who + "_unreadable", $"{who}_unreadable: it answered with status {(int)status} and not as it should.");

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
