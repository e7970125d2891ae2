using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Responses;

/// <summary>Sends the events of a response as server-sent events; where the client asked for the whole, they go nowhere.</summary>
internal sealed class ResponseEvents(HttpContext context, bool isStream)
{
    /// <summary>Where it ran, for the header.</summary>
    public string Route { get; set; } = "";

    /// <summary>Keeps a quiet stream open; nothing where the client asked for the whole.</summary>
    public async ValueTask CommentAsync()
    {
        if (isStream)
        {
            await context.Response.Body.WriteAsync(": waiting\n\n"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Sends them at once.</summary>
    public async ValueTask SendAsync(IEnumerable<JsonObject> events)
    {
        var text = new StringBuilder();
        foreach (var said in events)
        {
            if (isStream)
            {
                text.Append("event: ").Append((string?)said["type"]).Append("\ndata: ").Append(said.ToJsonString()).Append("\n\n");
            }
        }

        if (text.Length == 0)
        {
            return;
        }

        var response = context.Response;
        if (!response.HasStarted)
        {
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache";
            response.Headers["X-Accel-Buffering"] = "no";
            response.Headers["X-EdgeCoder-Route"] = Route;
        }

        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), context.RequestAborted).ConfigureAwait(false);
        await response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
