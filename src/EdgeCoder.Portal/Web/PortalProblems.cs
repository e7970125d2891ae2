using System.Diagnostics;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Portal.Web;

/// <summary>Every failure as a problem document, or as a page with a way on where a browser asks for pages (portal-and-control-plane 3.1, 18).</summary>
internal static partial class PortalProblems
{
    /// <summary>Adds it, behind <see cref="SecurityHeaders"/>.</summary>
    public static IApplicationBuilder UsePortalProblems(this IApplicationBuilder app, ILogger log) => app.Use(next => async context =>
    {
        Problem problem;
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is not { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            {
                return;
            }

            problem = ProblemTranslation.Explain(OfStatus(context.Response.StatusCode));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            problem = ProblemTranslation.Explain(fault);
            var retryAfter = (fault as Refusal)?.RetryAfter;
            if (problem.Status == 500)
            {
                var trace = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
                LogUnexpected(log, fault, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "no route", trace);
                problem.More = new() { ["traceId"] = JsonSerializer.SerializeToElement(trace) };
            }

            context.Response.Clear();
            if (retryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        if (PageRequests.IsPage(context) && context.Items.ContainsKey(HostCheck.Passed))
        {
            // A page of nobody: what failed may be the look at the session.
            var view = new PageView { Person = context.Person(), Theme = context.Person()?.Theme ?? Themes.Standard, FormToken = "", Path = context.Request.Path, NowMs = 0, Problem = problem };
            await PageResults.Page<ErrorPage>(view, problem.Status).ExecuteAsync(context).ConfigureAwait(false);
            return;
        }

        await ProblemTranslation.WriteAsync(context, problem).ConfigureAwait(false);
    });

    private static Refusal OfStatus(int status) => status switch
    {
        404 => new(404, "not_found", "There is nothing at this address."),
        405 => new(405, "method_not_allowed", "This address does not take that method."),
        413 => new(413, "payload_too_large", "The body is larger than this route takes."),
        415 => new(415, "unsupported_media_type", "Send the body as application/json."),
        _ => new(status, "refused", "The request was refused."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed, trace {Trace}")]
    private static partial void LogUnexpected(ILogger log, Exception fault, string method, string route, string trace);
}
