using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EdgeCoder.Hosting.Callers;

/// <summary>Reads a body once and keeps its exact bytes.</summary>
internal static class BodyReceiver
{
    private const int MostBytes = 1 << 20;
    private const int FirstBytes = 64 * 1024;
    private const int SmallBytes = 4 * 1024;

    private static readonly ReceivedBody Empty = new(ReadOnlyMemory<byte>.Empty);

    /// <summary>The body; more than 1 MiB is 413 <c>payload_too_large</c>.</summary>
    public static async ValueTask<ReceivedBody> ReceiveAsync(HttpContext context)
    {
        if (context.Features.Get<ReceivedBody>() is { } received)
        {
            return received;
        }

        received = await ReadAsync(context).ConfigureAwait(false);
        context.Features.Set(received);
        return received;
    }

    private static async ValueTask<ReceivedBody> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return Empty;
        }

        var declared = context.Request.ContentLength;
        if (declared > MostBytes)
        {
            throw TooLarge();
        }

        // The declared length is not believed before the bytes are there. One byte more, so that the end is seen without growing.
        var bytes = new byte[Math.Min((int)(declared ?? SmallBytes) + 1, FirstBytes)];
        var count = 0;
        for (int read; (read = await context.Request.Body.ReadAsync(bytes.AsMemory(count), context.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            count += read;
            if (count > MostBytes)
            {
                throw TooLarge();
            }

            if (count == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(bytes.Length * 2, MostBytes + 1));
            }
        }

        return count == 0 ? Empty : new(bytes.AsMemory(0, count));
    }

    private static Refusal TooLarge() => new(413, "payload_too_large", "A body has at most 1 MiB. Put larger content in a blob with PUT /blobs/{sha256}.");
}
