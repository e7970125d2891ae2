using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;

namespace EdgeCoder.Inference.Local.Worker;

/// <summary>JSON values, one on a line, over a pair of streams. Writing is safe from any thread; reading is one loop's.</summary>
internal sealed class LineStream(Stream input, Stream output) : IAsyncDisposable
{
    /// <summary>A longer line is refused: it would be held in memory whole.</summary>
    public const int LongestLine = 64 << 20;

    private static readonly ReadOnlyMemory<byte> LineEnd = "\n"u8.ToArray();

    private readonly PipeReader _reader = PipeReader.Create(input, new(bufferSize: 16 * 1024, leaveOpen: true));
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>The next value; null at the end.</summary>
    /// <exception cref="InvalidDataException">The line is too long or not JSON of this kind.</exception>
    public async ValueTask<T?> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end);
                var value = Parse(line, type);
                _reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return value;
            }

            if (read.Buffer.Length > LongestLine)
            {
                throw new InvalidDataException("A line between program and worker is too long.");
            }

            if (read.IsCompleted)
            {
                // What stands there without its line end was cut off with its writer.
                return null;
            }

            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Writes a value whole, and flushes it.</summary>
    public async ValueTask WriteAsync<T>(T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(value, type);
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Half a line would spoil all that follow, so a cancellation waits for the end of it.
            await output.WriteAsync((byte[])[.. line, .. LineEnd.Span], CancellationToken.None).ConfigureAwait(false);
            await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync().ConfigureAwait(false);
        _writing.Dispose();
    }

    private static T Parse<T>(ReadOnlySequence<byte> line, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            return JsonSerializer.Deserialize(ref reader, type) ?? throw new InvalidDataException("A line between program and worker is null.");
        }
        catch (JsonException error)
        {
            // The message would quote the line, which may hold a prompt.
            throw new InvalidDataException("A line between program and worker is not valid JSON.", error.InnerException);
        }
    }
}
