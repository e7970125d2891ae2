using System.Net;
using System.Net.Sockets;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// Whether anybody listens at a loopback address. The answer comes without an exception and without the HTTP stack: a start of the program
/// asks it although most machines have no model server at the usual port.
/// </summary>
internal static class LoopbackPort
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>True when a connection was made. Anything but loopback is answered with true: only a call can tell there.</summary>
    public static async ValueTask<bool> ListensAsync(ServerAddress address, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!address.IsLoopback || !IPAddress.TryParse(address.Uri.Host.Trim('[', ']'), out var ip))
        {
            return true;
        }

        using var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var connect = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(ip, address.Uri.Port) };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connect.Completed += (_, _) => done.TrySetResult();
        if (socket.ConnectAsync(connect))
        {
            using var patience = time.CreateTimer(_ => Socket.CancelConnectAsync(connect), null, Patience, Timeout.InfiniteTimeSpan);
            using var cancelled = cancellationToken.Register(() => Socket.CancelConnectAsync(connect));
            await done.Task.ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return connect.SocketError == SocketError.Success;
    }
}
