using System.Text.Json;
using EdgeCoder.Inference.Service;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Inference.Completions;

/// <summary>What the OpenAI routes have in common: their errors, and the reach of their work.</summary>
internal static class ApiRoutes
{
    /// <summary>Runs a route; what it refuses is told in OpenAI's form while there can still be a status.</summary>
    public static async Task RunAsync(HttpContext context, Func<HttpContext, RequestedReach, Task> route)
    {
        try
        {
            var reach = ReachHeader.Read(context.Request.Headers[ReachHeader.Name].ToString())
                ?? throw new ApiFault(400, "invalid_value", $"The header {ReachHeader.Name} must be this-machine or team.", ReachHeader.Name);
            await route(context, reach).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (ApiFault fault) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, fault).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a whole answer, with its length, so that whoever relays it need not wait for its end.</summary>
    public static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task RefuseAsync(HttpContext context, ApiFault fault)
    {
        context.Response.StatusCode = fault.Status;
        context.Response.ContentType = "application/json";
        if (fault.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            AnswerJson.Error(json, fault);
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
