using System.Net;
using System.Net.Http;
using System.Net.Sockets;

namespace EdgeCoder.IdeProvider.Upstreams;

/// <summary>
/// Connections that cannot leave this machine: only literal loopback addresses are connected to, whatever an address says; no proxy, no redirect, no
/// name lookup (agent-executor-models 0, 4.1). The graph that serves <c>local</c> work holds connections of this kind and no other.
/// </summary>
internal sealed class LoopbackHttp : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        MaxResponseDrainSize = 0,
        ConnectCallback = ConnectAsync,
        ActivityHeadersPropagator = null,
    });

    /// <summary>Sends a request to an address of this machine.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(context.DnsEndPoint.Host, out var address) || !IPAddress.IsLoopback(address))
        {
            throw new HttpRequestException("This connection is for addresses of this machine only.");
        }

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
