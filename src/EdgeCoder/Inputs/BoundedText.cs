using System.Buffers;
using System.Text.Unicode;
using EdgeCoder.Commands;

namespace EdgeCoder.Inputs;

/// <summary>
/// Text of a bounded size that somebody gave: UTF-8, or refused with a code of its own (<c>source_missing</c>, <c>source_directory</c>, <c>source_unreadable</c>,
/// <c>source_too_large</c>, <c>source_not_utf8</c>, <c>source_nul</c>; the first word says what it was to be).
/// </summary>
/// <param name="code">First word of the codes.</param>
/// <param name="name">What a person calls it, for instance <c>The program x.py</c>.</param>
/// <param name="maximumBytes">Most bytes.</param>
internal sealed class BoundedText(string code, string name, int maximumBytes)
{
    /// <summary>How long a file may take to be read: a named pipe that nobody writes to has no end.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Reads a file. Throws <see cref="UsageException"/>.</summary>
    public async Task<string> ReadFileAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            throw new UsageException(code + "_directory", $"{name} is a directory.", "Name a file.");
        }

        if (!File.Exists(path))
        {
            throw new UsageException(code + "_missing", $"{name} is not there.");
        }

        try
        {
            // On a thread of its own, because opening a named pipe waits for its writer and cannot be cancelled.
            var reading = Task.Run(
                async () =>
                {
                    await using var file = File.OpenRead(path);
                    return await ReadAsync(file, cancellationToken);
                },
                cancellationToken);
            return await reading.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new UsageException(code + "_unreadable", $"{name} did not come to its end within {Patience.TotalSeconds} s.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(code + "_unreadable", $"{name} cannot be read: {fault.Message}");
        }
    }

    /// <summary>Reads a stream to its end, or to the first byte too many. Throws <see cref="UsageException"/>.</summary>
    public async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var piece = new byte[64 * 1024];
        // A terminal's or pipe's read cannot be cancelled; who waits for it can.
        while (await stream.ReadAsync(piece, cancellationToken).AsTask().WaitAsync(cancellationToken) is > 0 and var count)
        {
            bytes.Write(piece, 0, count);
            if (bytes.Length > maximumBytes)
            {
                throw new UsageException(code + "_too_large", $"{name} is larger than {maximumBytes >> 20} MiB.");
            }
        }

        return Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[bytes.Length];
        if (Utf8.ToUtf16(bytes, text, out var read, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            throw new UsageException(code + "_not_utf8", $"{name} is not UTF-8 text: byte 0x{bytes[read]:x2} in line {LineOf(bytes, read)}.", "Save it as UTF-8.");
        }

        return bytes.IndexOf((byte)0) is >= 0 and var at
            ? throw new UsageException(code + "_nul", $"{name} contains a NUL byte in line {LineOf(bytes, at)}.")
            : new string(text, 0, written).TrimStart('\ufeff');
    }

    private static int LineOf(ReadOnlySpan<byte> bytes, int at) => bytes[..at].Count((byte)'\n') + 1;
}
