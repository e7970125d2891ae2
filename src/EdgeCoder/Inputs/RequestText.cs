using System.Text;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Commands;

namespace EdgeCoder.Inputs;

/// <summary>The person's request: an argument, or standard input for <c>-</c>.</summary>
internal static class RequestText
{
    /// <summary>Most bytes read, in UTF-8. A request that is longer than a model's window is refused later, with both numbers; this bound protects the program.</summary>
    public const int MaxBytes = SnippetTask.MaxRequestBytes;

    /// <summary>Reads the request. Throws <see cref="UsageException"/> when it is empty, too large or not UTF-8.</summary>
    public static async Task<string> ReadAsync(string argument, Stream input, CancellationToken cancellationToken)
    {
        var text = argument == "-" ? await ReadInputAsync(input, cancellationToken) : argument;
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new UsageException("empty_request", "The request is empty.", "Say what to write, for instance: edgecoder run \"write a function that merges two dictionaries\".");
        }

        return Encoding.UTF8.GetByteCount(text) <= MaxBytes ? text : throw TooLarge();
    }

    private static async Task<string> ReadInputAsync(Stream input, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxBytes + 1];
        var count = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        if (count > MaxBytes)
        {
            throw TooLarge();
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, count);
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException("invalid_request", "The request on standard input is not UTF-8 text.");
        }
    }

    private static UsageException TooLarge() =>
        new("request_too_large", $"The request is longer than {MaxBytes / 1024} KiB.", "Describe one function; for work on files, wait for repository work (see docs/status.md).");
}
