using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>Writes events as <c>data: {…}</c>, each at once.</summary>
internal static class EventWriter
{
    /// <summary>Says that events come. Nothing can be refused from here on.</summary>
    public static void Begin(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Writes one; a comment, which readers leave out, for null.</summary>
    public static async Task WriteAsync(HttpContext context, byte[]? json)
    {
        byte[] whole = json is null ? [.. ": waiting\n\n"u8] : [.. "data: "u8, .. json, .. "\n\n"u8];
        await context.Response.Body.WriteAsync(whole, context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
