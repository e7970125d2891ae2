using System.Threading.Channels;

namespace EdgeCoder.Agent.Mcp;

/// <summary>
/// What a server of this machine prints, read by the protocol's library. It never waits for its reader; a line that is too long, or more than a bound that
/// nobody has read yet, is a fault of the server, and ends it.
/// </summary>
internal sealed class ServerOutput : Stream
{
    /// <summary>Longest line, in bytes.</summary>
    public const int LongestLine = 8 << 20;

    private const long MostWaiting = 32 << 20;

    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    private ReadOnlyMemory<byte> _left;
    private long _waiting;
    private int _line;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Takes a piece. Gives what is wrong with the server when it prints too much; null when all is well.</summary>
    public string? Take(ReadOnlySpan<byte> bytes)
    {
        var last = bytes.LastIndexOf((byte)'\n');
        var longest = last < 0 ? _line + bytes.Length : Math.Max(_line + bytes.IndexOf((byte)'\n'), bytes.Length - last - 1);
        _line = last < 0 ? longest : bytes.Length - last - 1;
        if (longest > LongestLine)
        {
            return $"it printed a line of more than {LongestLine >> 20} MiB";
        }

        if (Interlocked.Add(ref _waiting, bytes.Length) > MostWaiting)
        {
            return "it prints faster than anybody can read";
        }

        _pieces.Writer.TryWrite(bytes.ToArray());
        return null;
    }

    /// <summary>Nothing more comes.</summary>
    public void End() => _pieces.Writer.TryComplete();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_left.IsEmpty)
        {
            if (!await _pieces.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }

            if (_pieces.Reader.TryRead(out var piece))
            {
                Interlocked.Add(ref _waiting, -piece.Length);
                _left = piece;
            }
        }

        var count = Math.Min(buffer.Length, _left.Length);
        _left[..count].CopyTo(buffer);
        _left = _left[count..];
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read without blocking.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
