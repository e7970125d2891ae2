using System.Net.Sockets;
using System.Text;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;

namespace EdgeCoder.Benchmarks.Coordinator;

/// <summary>
/// One kept HTTP/1.1 connection that costs as little as it can, so that what is measured is the server: a request is one write, an answer with a length is
/// read whole. What it speaks is what Kestrel answers; anything else is an error.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly string _authority;
    private byte[] _buffer = new byte[16 * 1024];
    private int _filled;

    private LoadConnection(Uri address) => _authority = address.Authority;

    /// <summary>Connects.</summary>
    public static async Task<LoadConnection> OpenAsync(Uri address)
    {
        var connection = new LoadConnection(address);
        await connection._socket.ConnectAsync(address.Host, address.Port);
        return connection;
    }

    /// <summary>Sends a POST with headers of the caller and gives status and body. The body is valid until the next call.</summary>
    public async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> PostAsync(string path, ReadOnlyMemory<byte> body, string headers)
    {
        var head = Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {_authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{headers}\r\n");
        var request = new byte[head.Length + body.Length];
        head.CopyTo(request, 0);
        body.CopyTo(request.AsMemory(head.Length));
        await _socket.SendAsync(request);
        return await ReadAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> ReadAsync()
    {
        _filled = 0;
        while (true)
        {
            if (Whole() is { } answer)
            {
                return answer;
            }

            if (_filled == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * _buffer.Length);
            }

            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled));
            _filled += read > 0 ? read : throw new IOException("The server closed the connection.");
        }
    }

    private (int Status, ReadOnlyMemory<byte> Body)? Whole()
    {
        var read = _buffer.AsSpan(0, _filled);
        var end = read.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var status = (100 * (read[9] - '0')) + (10 * (read[10] - '0')) + read[11] - '0';
        var at = read[..end].IndexOf("Content-Length: "u8);
        if (at < 0)
        {
            return Chunked(status, end + 4);
        }

        var length = 0;
        foreach (var digit in read[(at + 16)..end])
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                break;
            }

            length = (10 * length) + digit - '0';
        }

        return _filled < end + 4 + length ? null : (status, _buffer.AsMemory(end + 4, length));
    }

    // Kestrel writes an answer without a length as chunks; ours are one chunk and the last.
    private (int Status, ReadOnlyMemory<byte> Body)? Chunked(int status, int from)
    {
        var read = _buffer.AsSpan(0, _filled);
        if (!read.EndsWith("0\r\n\r\n"u8))
        {
            return null;
        }

        var body = new MemoryStream();
        for (var at = from; ;)
        {
            var line = read[at..].IndexOf("\r\n"u8);
            var size = Convert.ToInt32(Encoding.ASCII.GetString(read.Slice(at, line)), 16);
            if (size == 0)
            {
                return (status, body.ToArray());
            }

            body.Write(read.Slice(at + line + 2, size));
            at += line + 2 + size + 2;
        }
    }
}

/// <summary>An agent that signs, over one connection.</summary>
internal sealed class LoadAgent(string agentId, SigningKey key, string audience, Uri coordinator, LoadConnection connection) : IDisposable
{
    private readonly RequestSigner _signer = new(key, "agent:" + agentId, audience, TimeProvider.System);

    /// <summary>The agent.</summary>
    public string AgentId => agentId;

    /// <summary>Its key.</summary>
    public SigningKey Key => key;

    /// <summary>Posts a signed body.</summary>
    public ValueTask<(int Status, ReadOnlyMemory<byte> Body)> PostAsync(string path, ReadOnlyMemory<byte> body) => PostAsync(_signer, coordinator, connection, path, body);

    /// <summary>The same with a key that is needed only until this returns.</summary>
    public static ValueTask<(int Status, ReadOnlyMemory<byte> Body)> PostAsync(
        LoadConnection connection, SigningKey key, string agentId, string audience, Uri coordinator, string path, ReadOnlyMemory<byte> body)
    {
        using var signer = new RequestSigner(key, "agent:" + agentId, audience, TimeProvider.System);
        return PostAsync(signer, coordinator, connection, path, body);
    }

    private static ValueTask<(int Status, ReadOnlyMemory<byte> Body)> PostAsync(RequestSigner signer, Uri coordinator, LoadConnection connection, string path, ReadOnlyMemory<byte> body)
    {
        var signed = signer.Sign(RequestTarget.Of("POST", new Uri(coordinator, path)), ContentDigest.Of(body.Span));
        return connection.PostAsync(path, body, $"Content-Digest: {signed.ContentDigest}\r\nSignature-Input: {signed.SignatureInput}\r\nSignature: {signed.Signature}\r\n");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        connection.Dispose();
        _signer.Dispose();
    }
}
