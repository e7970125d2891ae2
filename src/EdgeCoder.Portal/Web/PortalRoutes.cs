using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Portal.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Portal.Web;

/// <summary>What an action gave: JSON for programs, the next page for forms.</summary>
/// <param name="Body">Answer for programs.</param>
/// <param name="Next">Path that a browser goes to after its form.</param>
/// <param name="Status">Status of the answer for programs.</param>
internal sealed record ActionOutcome(JsonObject Body, string Next, int Status = StatusCodes.Status200OK)
{
    /// <summary><c>{ok:true}</c>.</summary>
    public static ActionOutcome Ok(string next) => new(new() { ["ok"] = true }, next);
}

/// <summary>A request of an action.</summary>
/// <param name="Http">The request.</param>
/// <param name="Input">What it was given.</param>
internal sealed record ActionRequest(HttpContext Http, ActionInput Input)
{
    /// <summary>Cancelled when the caller is gone.</summary>
    public CancellationToken Cancelled => Http.RequestAborted;

    /// <summary>Whence it comes.</summary>
    public Visitor Visitor => new(ClientAddress.LimitKey(Http), DeviceName.Of(Http.Request.Headers.UserAgent.ToString()), SessionCookie.OfCookie(Http) ?? SessionCookie.OfBearer(Http));
}

/// <summary>The only ways to map a route of the portal: each with the rule of who may call it.</summary>
internal static class PortalRoutes
{
    /// <summary>A page.</summary>
    public static IEndpointConventionBuilder MapPage(this IEndpointRouteBuilder routes, string pattern, Access access, Func<HttpContext, Task<IResult>> render) =>
        routes.MapMethods(pattern, [HttpMethods.Get], async context =>
        {
            var result = await render(context).ConfigureAwait(false);
            await result.ExecuteAsync(context).ConfigureAwait(false);
        }).WithMetadata(new AccessRule(access));

    /// <summary>JSON that is only read.</summary>
    public static IEndpointConventionBuilder MapQuery(this IEndpointRouteBuilder routes, string pattern, Access access, Func<HttpContext, Task<JsonObject>> answer) =>
        routes.MapMethods(pattern, [HttpMethods.Get], async context => await WriteAsync(context, StatusCodes.Status200OK, await answer(context).ConfigureAwait(false)).ConfigureAwait(false)).WithMetadata(new AccessRule(access));

    /// <summary>A file that is written as it is read.</summary>
    public static IEndpointConventionBuilder MapDownload(this IEndpointRouteBuilder routes, string pattern, Access access, Func<HttpContext, Task> write) =>
        routes.MapMethods(pattern, [HttpMethods.Get], context => write(context)).WithMetadata(new AccessRule(access));

    /// <summary>An action for programs and for the forms of pages. A form that is refused shows its page again, with the reason.</summary>
    public static IEndpointConventionBuilder MapAction(
        this IEndpointRouteBuilder routes, string method, string pattern, Access access, Func<ActionRequest, Task<ActionOutcome>> run, Func<HttpContext, PageView, int, Task<IResult>>? page = null) =>
        routes.MapMethods(pattern, [method], async context =>
        {
            var input = await ActionInput.ReadAsync(context).ConfigureAwait(false);
            ActionOutcome outcome;
            try
            {
                outcome = await run(new(context, input)).ConfigureAwait(false);
            }
            catch (Refusal refusal) when (page is not null && PageRequests.IsForm(context))
            {
                if (refusal.RetryAfter is { } seconds)
                {
                    context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
                }

                var again = await page(context, PageResults.View(context, ProblemTranslation.Explain(refusal), input.Typed), refusal.Status).ConfigureAwait(false);
                await again.ExecuteAsync(context).ConfigureAwait(false);
                return;
            }

            if (PageRequests.IsForm(context))
            {
                context.Response.StatusCode = StatusCodes.Status303SeeOther;
                context.Response.Headers.Location = outcome.Next;
                return;
            }

            await WriteAsync(context, outcome.Status, outcome.Body).ConfigureAwait(false);
        }).WithMetadata(new AccessRule(access));

    /// <summary>A route that writes its answer by itself: events, or a file.</summary>
    public static IEndpointConventionBuilder MapStream(this IEndpointRouteBuilder routes, string method, string pattern, Access access, Func<HttpContext, Task> answer) =>
        routes.MapMethods(pattern, [method], context => answer(context)).WithMetadata(new AccessRule(access));

    private static Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
