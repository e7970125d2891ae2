using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EdgeCoder.Agent.Sessions;

/// <summary>
/// An append-only file of JSON lines, readable by its owner alone. A line counts when it is whole; a torn last line is cut off when the file is
/// opened again, and nothing is ever written after a failed write.
/// </summary>
internal sealed class LineFile<T> : IDisposable
    where T : class, ILine
{
    private readonly string _path;
    private readonly Action<Utf8JsonWriter, T> _write;
    private readonly Stream _stream;
    private bool _broken;

    private LineFile(string path, JsonSerializerContext json, Stream stream)
    {
        _path = path;
        // Made by the resolver, not taken from the context: the context's own is configured with everything it refers to, which is compiled each time
        // the program starts and takes longer than all the rest of the loop.
        var type = (JsonTypeInfo<T>?)((IJsonTypeInfoResolver)json).GetTypeInfo(typeof(T), json.Options);
        _write = type?.SerializeHandler ?? throw new ArgumentException($"{typeof(T).Name} has no generated writer.", nameof(json));
        _stream = stream;
    }

    /// <summary>Opens or creates the file, for appending.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="json">How a line is written.</param>
    /// <param name="existing">The lines that are there.</param>
    public static LineFile<T> Open(string path, JsonSerializerContext json, out IReadOnlyList<T> existing)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            var stream = new FileStream(path, options);
            try
            {
                existing = Recover(stream, path, json);
                return new LineFile<T>(path, json, stream);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw SessionStoreException.ForWrite(path, fault);
        }
    }

    /// <summary>Reads the whole lines of a file without changing it.</summary>
    public static IReadOnlyList<T> Read(string path, JsonSerializerContext json)
    {
        var bytes = File.ReadAllBytes(path);
        return Parse(bytes, path, json, out _);
    }

    /// <summary>For tests: a file on any stream.</summary>
    internal static LineFile<T> On(Stream stream, JsonSerializerContext json) => new("a stream", json, stream);

    /// <summary>Appends a line; with <paramref name="durable"/> it is on the disk when the call returns.</summary>
    public void Append(T record, bool durable)
    {
        if (_broken)
        {
            throw new SessionStoreException("session_unwritable", $"{_path} could not be written before.");
        }

        try
        {
            var line = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(line))
            {
                _write(writer, record);
            }

            line.Write("\n"u8);
            _stream.Write(line.WrittenSpan);
            if (durable && _stream is FileStream file)
            {
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _broken = true;
            throw SessionStoreException.ForWrite(_path, fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static IReadOnlyList<T> Recover(FileStream stream, string path, JsonSerializerContext json)
    {
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var records = Parse(bytes, path, json, out var whole);
        if (whole < bytes.Length)
        {
            stream.SetLength(whole);
        }

        stream.Position = whole;
        if (whole > 0 && bytes[whole - 1] != (byte)'\n')
        {
            // Only the line end was lost: the record itself is whole and its effect must not happen again.
            stream.WriteByte((byte)'\n');
        }

        return records;
    }

    private static List<T> Parse(byte[] bytes, string path, JsonSerializerContext json, out int whole)
    {
        var records = new List<T>();
        whole = 0;
        while (whole < bytes.Length)
        {
            var length = bytes.AsSpan(whole).IndexOf((byte)'\n');
            var last = length < 0;
            var line = last ? bytes.AsSpan(whole) : bytes.AsSpan(whole, length);
            try
            {
                var record = (T?)JsonSerializer.Deserialize(line, typeof(T), json);
                records.Add(record is { IsWhole: true } ? record : throw new JsonException("A line holds nothing."));
            }
            catch (JsonException) when (last)
            {
                return records;
            }
            catch (Exception fault) when (fault is JsonException or NotSupportedException)
            {
                throw new SessionStoreException("session_damaged", $"Line {records.Count + 1} of {path} cannot be read.", "Delete this session and start again.", fault);
            }

            whole += line.Length + (last ? 0 : 1);
        }

        return records;
    }
}
