using System.Data.Common;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Hosting.Web;

/// <summary>Turns every way in which a request can fail into one RFC 9457 document with a stable code (coordinator-and-mesh 1).</summary>
public static partial class ProblemTranslation
{
    /// <summary>Adds it; it comes first.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app, ILogger log) => app.Use(next => async context =>
    {
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            {
                await WriteAsync(context, OfStatus(context.Response.StatusCode)).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (!context.Response.HasStarted && fault is not OperationCanceledException)
        {
            var problem = Explain(fault);
            if (problem.Status == 500)
            {
                LogUnexpected(log, fault, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "no route");
            }

            context.Response.Clear();
            if (fault is Refusal { RetryAfter: { } seconds })
            {
                context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            await WriteAsync(context, problem).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
    });

    /// <summary>Writes a problem as the answer.</summary>
    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = "application/problem+json";
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, MeshJson.Default.Problem);
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>What an exception means to a caller: nothing of its own text, unless it was written for one.</summary>
    public static Problem Explain(Exception fault) => fault switch
    {
        Refusal refusal => Make(refusal.Status, refusal.Error, refusal.Message) with
        {
            Reason = refusal.Reason,
            Issues = refusal.Issues,
            More = refusal.TaskId is { } task ? new() { ["taskId"] = JsonElement.Parse($"\"{JsonEncodedText.Encode(task)}\"") } : refusal.More?.ToDictionary(),
        },
        BadHttpRequestException { StatusCode: 413 } => OfStatus(413),
        BadHttpRequestException bad => Make(bad.StatusCode, "invalid_request", "The request could not be read as HTTP. Send it again."),
        JsonException => Make(400, "invalid_json", "The body is not the JSON that this route takes. See the route's documentation."),
        DbException or TimeoutException => Make(503, "storage_unavailable", "The store does not answer. Try again in a moment; nothing was changed."),
        _ => Make(500, "internal_error", "Something failed here that should not. Try again; the operator finds it in the log."),
    };

    private static Problem OfStatus(int status) => status switch
    {
        404 => Make(404, "not_found", "There is nothing at this address."),
        405 => Make(405, "method_not_allowed", "This address does not take that method."),
        413 => Make(413, "payload_too_large", "The body is larger than this route takes."),
        415 => Make(415, "unsupported_media_type", "Send the body as application/json."),
        _ => Make(status, "refused", "The request was refused."),
    };

    private static Problem Make(int status, string error, string detail) => new() { Status = status, Title = ReasonPhrases.GetReasonPhrase(status), Error = error, Detail = detail };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed")]
    private static partial void LogUnexpected(ILogger log, Exception fault, string method, string route);
}
