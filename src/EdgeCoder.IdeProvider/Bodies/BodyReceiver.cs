using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EdgeCoder.IdeProvider.Bodies;

/// <summary>Receives the body of a call.</summary>
internal static class BodyReceiver
{
    /// <summary>Most bytes: 8 MiB, room for a prompt that fills a window of two million tokens.</summary>
    public const int MaxBytes = 8 << 20;

    /// <summary>The bytes. Throws <see cref="Refusal"/> 413 or 415. Only JSON is taken: a page's form cannot send it without being asked for its origin.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(HttpContext context)
    {
        var request = context.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var media) || !media.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new Refusal(415, "unsupported_media_type", "Send the body as application/json.");
        }

        if (request.ContentLength > MaxBytes)
        {
            throw TooLarge();
        }

        if (request.ContentLength is { } length)
        {
            var whole = new byte[length];
            await request.Body.ReadExactlyAsync(whole, context.RequestAborted).ConfigureAwait(false);
            return whole;
        }

        using var received = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            received.Write(buffer, 0, read);
            if (received.Length > MaxBytes)
            {
                throw TooLarge();
            }
        }

        return received.ToArray();
    }

    private static Refusal TooLarge() => new(413, "payload_too_large", $"The body is larger than {MaxBytes >> 20} MiB. Send less.");
}
