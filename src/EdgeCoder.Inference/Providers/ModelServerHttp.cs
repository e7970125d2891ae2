using System.Net;
using System.Net.Sockets;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// The connection to a model server. To loopback it goes to the literal address and nowhere else: no proxy, no redirect, no name.
/// Elsewhere a redirect is refused too: it would carry the prompt and the key to a host that nobody named.
/// </summary>
internal static class ModelServerHttp
{
    private static readonly TimeSpan LoopbackConnect = TimeSpan.FromSeconds(5); // Refused at once; slow only where the machine is very busy.
    private static readonly TimeSpan RemoteConnect = TimeSpan.FromSeconds(10);

    public static HttpClient Create(ServerAddress address)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !address.IsLoopback,
            ConnectTimeout = address.IsLoopback ? LoopbackConnect : RemoteConnect,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        if (address.IsLoopback)
        {
            sockets.ConnectCallback = ConnectToLoopbackAsync;
        }

        return new(new ModelServerHandler(address, sockets))
        {
            BaseAddress = address.Uri,
            Timeout = Timeout.InfiniteTimeSpan, // Each call has its own, from the measured speed of the model.
        };
    }

    private static async ValueTask<Stream> ConnectToLoopbackAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host.Trim('[', ']');
        if (!IPAddress.TryParse(host, out var ip) || !IPAddress.IsLoopback(ip))
        {
            throw new ModelException("redirect_refused", $"A connection that must stay on this machine was asked to go to {host}.");
        }

        var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(ip, context.DnsEndPoint.Port), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
