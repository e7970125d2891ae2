using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Web;

/// <summary>Who may call a route. A route without one is a fault that answers 500 and that a test finds.</summary>
internal enum Access
{
    /// <summary>Anyone.</summary>
    Anyone,

    /// <summary>Who is signed in.</summary>
    Person,

    /// <summary>A system-admin.</summary>
    SystemAdmin,
}

/// <summary>The rule of a route.</summary>
/// <param name="Access">Who.</param>
internal sealed record AccessRule(Access Access);

/// <summary>A route that changes nothing although its method could, so that it needs no proof against forged requests.</summary>
internal sealed record ChangesNothing;

/// <summary>A route that is the same for everybody, so that nobody's session is looked up.</summary>
internal sealed record SameForEverybody;

/// <summary>Reads the session of a request and holds the rules: the one place that decides.</summary>
internal static class AccessMiddleware
{
    /// <summary>Adds it, after routing.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app)
    {
        var sessions = app.ApplicationServices.GetRequiredService<SessionStore>();
        return app.Use(next => async context =>
        {
            if (context.GetEndpoint() is not RouteEndpoint route)
            {
                await next(context).ConfigureAwait(false);
                return;
            }

            var rule = route.Metadata.GetMetadata<AccessRule>() ?? throw new InvalidOperationException($"The route {route.RoutePattern.RawText} does not say who may call it.");
            if (route.Metadata.GetMetadata<SameForEverybody>() is null)
            {
                // Both at once count as the cookie, which needs the proof against forged requests (3.2).
                var key = SessionCookie.OfCookie(context) ?? SessionCookie.OfBearer(context);
                if (await sessions.FindAsync(key, context.RequestAborted).ConfigureAwait(false) is { } person)
                {
                    context.Features.Set(person);
                }
            }

            if (Refuse(rule, context.Person()) is { } refusal)
            {
                if (refusal.Status == StatusCodes.Status401Unauthorized && PageRequests.IsPage(context) && HttpMethods.IsGet(context.Request.Method))
                {
                    context.Response.Redirect("/portal?returnTo=" + Uri.EscapeDataString(context.Request.Path + context.Request.QueryString));
                    return;
                }

                throw refusal;
            }

            await next(context).ConfigureAwait(false);
        });
    }

    private static Refusal? Refuse(AccessRule rule, SignedIn? person) => rule.Access switch
    {
        Access.Anyone => null,
        _ when person is null => new(401, "not_authenticated", "Sign in first."),
        Access.Person => null,
        Access.SystemAdmin when person.Roles.IsSystemAdmin => null,
        _ => new(403, "admin_only", "This is for system administrators."),
    };
}
