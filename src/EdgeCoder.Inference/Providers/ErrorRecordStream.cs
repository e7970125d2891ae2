using System.Text;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// Passes a streamed answer through and watches its lines for an error record: <c>{"error":…}</c> of Ollama, <c>data: {"error":…}</c> of
/// OpenAI-compatible servers. Client libraries take such a line for the end of the answer; here it is thrown.
/// Every read also ends with <paramref name="call"/>: OllamaSharp reads without a token, and a server that falls silent would hold it for ever.
/// </summary>
internal sealed class ErrorRecordStream(Stream inner, CancellationToken call) : Stream
{
    private const int MaxKept = 4096;
    private static readonly byte[][] Marks = [.. new[] { "{\"error\"", "data: {\"error\"", "data:{\"error\"" }.Select(Encoding.ASCII.GetBytes)];
    private readonly List<byte> _line = [];
    private bool _maybeError = true;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = cancellationToken.CanBeCanceled && call.CanBeCanceled && cancellationToken != call
            ? await ReadLinkedAsync(buffer, cancellationToken).ConfigureAwait(false)
            : await inner.ReadAsync(buffer, call.CanBeCanceled ? call : cancellationToken).ConfigureAwait(false);
        Watch(buffer.Span[..read], ended: read == 0 && buffer.Length > 0);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // A synchronous read of a connection cannot be cancelled, so this is none.
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadLinkedAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, call);
        return await inner.ReadAsync(buffer, either.Token).ConfigureAwait(false);
    }

    private void Watch(ReadOnlySpan<byte> bytes, bool ended)
    {
        foreach (var b in bytes)
        {
            if (b is (byte)'\n' or (byte)'\r')
            {
                EndLine();
            }
            else if (_maybeError && _line.Count < MaxKept)
            {
                _line.Add(b);
                _maybeError = Marks.Any(Fits);
            }
        }

        if (ended)
        {
            EndLine();
        }
    }

    private bool Fits(byte[] mark)
    {
        var length = Math.Min(mark.Length, _line.Count);
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_line)[..length].SequenceEqual(mark.AsSpan(0, length));
    }

    private void EndLine()
    {
        var isError = _maybeError && Marks.Any(mark => _line.Count >= mark.Length && Fits(mark));
        var line = isError ? Encoding.UTF8.GetString([.. _line]) : "";
        _line.Clear();
        _maybeError = true;
        if (isError)
        {
            throw new ModelException(
                "model_stream_error",
                $"The model server stopped in the middle of its answer: {ModelServerHandler.ErrorMessage(line[line.IndexOf('{', StringComparison.Ordinal)..])}",
                "See the server's own log.");
        }
    }
}
