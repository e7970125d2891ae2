using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Composition;
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

    /// <summary>A service that shows <c>PORTAL_SERVICE_TOKEN</c>.</summary>
    Service,
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
    private const string ServiceHeader = "x-portal-service-token";

    /// <summary>Adds it, after routing.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app)
    {
        var sessions = app.ApplicationServices.GetRequiredService<SessionStore>();
        var service = app.ApplicationServices.GetRequiredService<PortalSettings>().Edges.ServiceToken is { } token ? new SecretDigest(token) : null;
        return app.Use(next => async context =>
        {
            if (context.GetEndpoint() is not RouteEndpoint route)
            {
                await next(context).ConfigureAwait(false);
                return;
            }

            var rule = route.Metadata.GetMetadata<AccessRule>() ?? throw new InvalidOperationException($"The route {route.RoutePattern.RawText} does not say who may call it.");
            if (rule.Access == Access.Service)
            {
                RefuseOtherServices(context, service);
                await next(context).ConfigureAwait(false);
                return;
            }

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

    // An unset secret closes the edge. What is shown is compared as a hash, in constant time, whatever its length.
    private static void RefuseOtherServices(HttpContext context, SecretDigest? service)
    {
        if (service is null)
        {
            throw new Refusal(503, "service_credential_missing", "PORTAL_SERVICE_TOKEN is not set, so this edge is closed.");
        }

        if (context.Request.Headers[ServiceHeader] is not [{ Length: > 0 } shown] || !service.Is(shown))
        {
            throw new Refusal(401, "portal_service_token_required", "This route is for services that show the portal's service token.");
        }
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
