using System.Globalization;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.IdeProvider.Problems;

/// <summary>Faults of this endpoint: in OpenAI's form on OpenAI's routes, problem details on our own.</summary>
internal static partial class IdeProblems
{
    /// <summary>Adds it inside <see cref="ProblemTranslation"/>, which speaks for the other routes.</summary>
    public static IApplicationBuilder UseOpenAIErrors(this IApplicationBuilder app, ILogger log) => app.Use(next => async context =>
    {
        if (!IsOpenAI(context.Request.Path))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: 404 or 405 or 415, ContentLength: null, ContentType: null })
            {
                await NoRoute(context.Response.StatusCode).WriteAsync(context).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            var error = OpenAIError.Of(fault);
            if (error.Status == 500)
            {
                LogUnexpected(log, fault, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "no route");
            }

            context.Response.Clear();
            if (fault is Refusal { RetryAfter: { } seconds })
            {
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            await error.WriteAsync(context).ConfigureAwait(false);
        }
        catch (Exception fault) when (context.RequestAborted.IsCancellationRequested && fault is OperationCanceledException or IOException or System.Net.Http.HttpRequestException)
        {
            // Nobody is left to answer.
        }
    });

    /// <summary>Whether a path belongs to the OpenAI API.</summary>
    public static bool IsOpenAI(PathString path) => path.StartsWithSegments("/v1", StringComparison.Ordinal) && !path.StartsWithSegments("/v1/ide", StringComparison.Ordinal) && !path.StartsWithSegments("/v1/router", StringComparison.Ordinal);

    private static OpenAIError NoRoute(int status) => status switch
    {
        405 => new(405, "method_not_allowed", "This address does not take that method."),
        415 => new(415, "unsupported_media_type", "Send the body as application/json."),
        _ => new(404, "not_found", "There is nothing at this address. See docs/endpoint.md for the routes."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed")]
    private static partial void LogUnexpected(ILogger log, Exception fault, string method, string route);
}
