using System.Net;
using System.Net.Sockets;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// Whether anybody listens at a loopback address. Asked before a whole HTTP client is set up for a server that nobody named: every start
/// pays for this, and most machines have none.
/// </summary>
internal static class LoopbackProbe
{
    public static async Task<bool> IsListeningAsync(ServerAddress address, CancellationToken cancellationToken)
    {
        var ip = IPAddress.Parse(address.Uri.IdnHost.Trim('[', ']'));
        using var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var connect = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(ip, address.Uri.Port) };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connect.Completed += (_, _) => done.TrySetResult();
        if (!socket.ConnectAsync(connect))
        {
            done.TrySetResult();
        }

        // No exception where nobody listens: throwing one costs more than the question.
        await using (cancellationToken.Register(() => Socket.CancelConnectAsync(connect)).ConfigureAwait(false))
        {
            await done.Task.ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return connect.SocketError == SocketError.Success;
    }
}
