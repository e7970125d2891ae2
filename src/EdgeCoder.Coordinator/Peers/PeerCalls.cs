using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Protocol.Signatures;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>What a peer answered; status 0: it could not be reached in time.</summary>
internal readonly record struct PeerAnswer(int Status, byte[] Body)
{
    /// <summary>The body as text; null where it is no UTF-8.</summary>
    public string? Text
    {
        get
        {
            try
            {
                return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Body);
            }
            catch (DecoderFallbackException)
            {
                return null;
            }
        }
    }

    /// <summary>The body as JSON; null where it is none of this form.</summary>
    public T? Read<T>(JsonTypeInfo<T> type)
        where T : class => Status == 200 ? EscalationHttp.Read(Body, type) : null;
}

/// <summary>Requests to peers, signed for the one that is meant and without any token (coordinator-and-mesh 9.1). Each is bounded in time and size and follows no redirect.</summary>
internal sealed class PeerCalls(CoordinatorIdentity identity, PeerOptions options, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, HttpMessageInvoker> _clients = new(StringComparer.Ordinal);

    /// <summary>Asks a peer.</summary>
    public Task<PeerAnswer> GetAsync(PeerRow peer, string path, TimeSpan timeout, CancellationToken cancellationToken) => SendAsync(peer, HttpMethod.Get, path, null, timeout, cancellationToken);

    /// <summary>Sends a text to a peer.</summary>
    public Task<PeerAnswer> PostAsync(PeerRow peer, string path, string text, CancellationToken cancellationToken) => SendAsync(peer, HttpMethod.Post, path, text, options.Timeout, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    // A peer that refuses the key may not have heard that it was changed: the key before it, which it knows, tells it so, once.
    private async Task<PeerAnswer> SendAsync(PeerRow peer, HttpMethod method, string path, string? text, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var answer = await OnceAsync(peer, method, path, text, timeout, cancellationToken).ConfigureAwait(false);
        return answer.Status == 401 && await TellAsync(peer, timeout, cancellationToken).ConfigureAwait(false) ? await OnceAsync(peer, method, path, text, timeout, cancellationToken).ConfigureAwait(false) : answer;
    }

    private async Task<bool> TellAsync(PeerRow peer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (identity.Signers(time.GetUtcNow().ToUnixTimeMilliseconds()) is not [_, var old] || identity.Chain is not { } chain)
        {
            return false;
        }

        using var client = new HttpMessageInvoker(new RequestSigner(old, "peer:" + identity.PeerId, peer.PeerId, time) { InnerHandler = options.Handler() });
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(peer.CoordinatorUrl), "/mesh/keys"));
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new PeerKeyStatements(chain.Texts()), KeyJson.Default.PeerKeyStatements));
        request.Content.Headers.ContentType = new("application/json");
        var (status, _) = await EscalationHttp.SendAsync(client, request, either.Token, cancellationToken).ConfigureAwait(false);
        return status == 200;
    }

    private async Task<PeerAnswer> OnceAsync(PeerRow peer, HttpMethod method, string path, string? text, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var client = _clients.GetOrAdd(peer.PeerId, id => new(new RequestSigner(() => identity.Key, "peer:" + identity.PeerId, id, time) { InnerHandler = options.Handler() }));
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(method, new Uri(new Uri(peer.CoordinatorUrl), path));
        if (text is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            request.Content.Headers.ContentType = new("text/plain");
        }

        var (status, body) = await EscalationHttp.SendAsync(client, request, either.Token, cancellationToken).ConfigureAwait(false);
        return new(status, body);
    }
}
