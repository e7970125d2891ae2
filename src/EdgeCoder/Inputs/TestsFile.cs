using System.Text;
using EdgeCoder.Commands;
using EdgeCoder.Executor;

namespace EdgeCoder.Inputs;

/// <summary>The person's own tests. They are read once, before anything runs, and never changed.</summary>
internal static class TestsFile
{
    /// <summary>Most bytes of a tests file.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Reads it. Throws <see cref="UsageException"/> when it is missing, unreadable, empty, too large or not UTF-8.</summary>
    public static async Task<SnippetFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                throw new UsageException("tests_too_large", $"The tests file {path} is larger than {MaxBytes / 1024} KiB.");
            }

            using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
            var text = (await reader.ReadToEndAsync(cancellationToken)).TrimStart('\ufeff');
            return string.IsNullOrWhiteSpace(text)
                ? throw new UsageException("empty_tests", $"The tests file {path} is empty, so nothing could prove the code.")
                : new(Path.GetFileName(path), text);
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException("tests_unreadable", $"The tests file {path} is not UTF-8 text.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("tests_unreadable", $"The tests file {path} cannot be read: {fault.Message}");
        }
    }
}
