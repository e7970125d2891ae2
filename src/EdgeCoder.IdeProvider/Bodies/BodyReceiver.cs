using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EdgeCoder.IdeProvider.Bodies;

/// <summary>Receives the body of a call.</summary>
internal static class BodyReceiver
{
    /// <summary>Most bytes: 8 MiB, room for a prompt that fills a window of two million tokens.</summary>
    public const int MaxBytes = 8 << 20;

    private const int LeastRoom = 4 * 1024;
    private const int FirstRoom = 64 * 1024;

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

        // Room grows with what has come: a client that announces megabytes and sends none holds none.
        var buffer = new byte[Math.Clamp(request.ContentLength ?? 0, LeastRoom, FirstRoom)];
        var have = 0;
        for (int read; (read = await request.Body.ReadAsync(buffer.AsMemory(have), context.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            have += read;
            if (have == request.ContentLength)
            {
                break;
            }

            if (have > MaxBytes)
            {
                throw TooLarge();
            }

            if (have == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(request.ContentLength ?? MaxBytes + 1, 4L * have));
            }
        }

        return buffer.AsMemory(0, have);
    }

    private static Refusal TooLarge() => new(413, "payload_too_large", $"The body is larger than {MaxBytes >> 20} MiB. Send less.");
}
