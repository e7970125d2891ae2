using System.Net;
using System.Net.Sockets;

namespace EdgeCoder.TestKit.Wires;

/// <summary>A listener on loopback that passes bytes on to another, both ways and unchanged, and keeps all of them: what somebody sees who listens on the wire.</summary>
public sealed class RecordedWire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStream _seen = new();
    private readonly Uri _behind;
    private readonly Task _accepting;

    /// <summary>Listens before an address.</summary>
    public RecordedWire(Uri behind)
    {
        _behind = behind;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its own address.</summary>
    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Whether bytes have passed, in either direction. Only for bodies that are neither compressed nor cut into chunks in their middle.</summary>
    public bool Saw(ReadOnlySpan<byte> bytes)
    {
        lock (_seen)
        {
            return _seen.GetBuffer().AsSpan(0, (int)_seen.Length).IndexOf(bytes) >= 0;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
        await _seen.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        List<Task> passing = [];
        try
        {
            while (true)
            {
                passing.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false)));
            }
        }
        catch (Exception fault) when (_stop.IsCancellationRequested && fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(passing).ConfigureAwait(false);
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        using (near)
        using (var far = new TcpClient())
        {
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, _behind.Port, _stop.Token).ConfigureAwait(false);
                await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream()), CopyAsync(far.GetStream(), near.GetStream())).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or IOException)
            {
                // The wire was cut, or the test is over.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[1 << 16];
        for (int read; (read = await from.ReadAsync(buffer, _stop.Token).ConfigureAwait(false)) > 0;)
        {
            lock (_seen)
            {
                _seen.Write(buffer.AsSpan(0, read));
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token).ConfigureAwait(false);
        }
    }
}
