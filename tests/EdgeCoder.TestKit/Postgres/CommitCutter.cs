using System.Net.Sockets;

namespace EdgeCoder.TestKit.Postgres;

/// <summary>
/// Stands between a client and a server of PostgreSQL on Unix sockets. Once armed it lets the next COMMIT through and cuts the client off before it learns
/// what became of it: the server has committed, the client cannot know.
/// </summary>
public sealed class CommitCutter : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _ending = new();
    private readonly string _server;
    private readonly Task _accepting;
    private int _armed;

    /// <param name="directory">Where the client looks for the server; empty.</param>
    /// <param name="serverDirectory">Where the server listens.</param>
    public CommitCutter(string directory, string serverDirectory)
    {
        const string name = ".s.PGSQL.5432";
        _server = Path.Combine(serverDirectory, name);
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory, name)));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>How many commits were cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts the next commit.</summary>
    public void Arm() => Volatile.Write(ref _armed, 1);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ForwardAsync(await _listener.AcceptAsync(_ending.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_server));
            var cut = new StrongBox();
            await Task.WhenAny(RequestsAsync(client, server, cut), AnswersAsync(server, client, cut));
        }
    }

    private async Task RequestsAsync(Socket client, Socket server, StrongBox cut)
    {
        var buffer = new byte[1 << 16];
        for (int read; (read = await ReceiveAsync(client, buffer)) > 0;)
        {
            if (buffer.AsSpan(0, read).IndexOf("COMMIT"u8) >= 0 && Interlocked.Exchange(ref _armed, 0) == 1)
            {
                cut.Value = true;
            }

            await server.SendAsync(buffer.AsMemory(0, read), _ending.Token);
        }
    }

    private async Task AnswersAsync(Socket server, Socket client, StrongBox cut)
    {
        var buffer = new byte[1 << 16];
        for (int read; (read = await ReceiveAsync(server, buffer)) > 0;)
        {
            if (cut.Value)
            {
                // The server has answered, so it has committed.
                Cuts++;
                return;
            }

            await client.SendAsync(buffer.AsMemory(0, read), _ending.Token);
        }
    }

    private async Task<int> ReceiveAsync(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, _ending.Token);
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }
}
