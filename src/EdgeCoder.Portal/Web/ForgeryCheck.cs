using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Sessions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Web;

/// <summary>
/// Requests that another site makes a browser send (portal-and-control-plane 3.2, CSRF). A state-changing request with a session's cookie, and every form, needs
/// the antiforgery token of this session and <c>Origin</c> or <c>Sec-Fetch-Site</c> of this site. Bearer requests without a cookie are exempt: no browser adds a bearer by itself.
/// </summary>
internal static class ForgeryCheck
{
    /// <summary>Adds it, after <see cref="AccessMiddleware"/>.</summary>
    public static IApplicationBuilder UseForgeryCheck(this IApplicationBuilder app, PortalSettings settings)
    {
        var antiforgery = app.ApplicationServices.GetRequiredService<IAntiforgery>();
        return app.Use(next => async context =>
        {
            if (Changes(context))
            {
                if (SessionCookie.OfCookie(context) is not null || PageRequests.IsForm(context))
                {
                    if (!IsOfThisSite(context, settings) || !await antiforgery.IsRequestValidAsync(context).ConfigureAwait(false))
                    {
                        throw Refused();
                    }
                }
                else if (context.Request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsOwn(context, settings, origin) && !settings.AllowedOrigins.Contains(origin, StringComparer.Ordinal))
                {
                    throw Refused();
                }
            }

            await next(context).ConfigureAwait(false);
        });
    }

    private static bool Changes(HttpContext context) =>
        context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<ChangesNothing>() is null
        && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method);

    // What a browser says of itself; one of the two must be there and neither may contradict. Our pages send no referrer, and then browsers write the origin of
    // a form as "null" (Fetch, 3.2): that says nothing, so the other header must say it.
    private static bool IsOfThisSite(HttpContext context, PortalSettings settings)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin == "null")
        {
            origin = "";
        }

        var site = context.Request.Headers["Sec-Fetch-Site"].ToString();
        return (origin.Length > 0 || site.Length > 0) && (origin.Length == 0 || IsOwn(context, settings, origin)) && (site.Length == 0 || site == "same-origin");
    }

    private static bool IsOwn(HttpContext context, PortalSettings settings, string origin) =>
        origin == settings.PublicUrl?.GetLeftPart(UriPartial.Authority) || origin == $"{context.Request.Scheme}://{context.Request.Host.Value}";

    private static Refusal Refused() => new(400, "csrf_token_invalid", "This form is out of date, or another site sent it. Open the page again and repeat.");
}

/// <summary>Binds antiforgery tokens to the session: one that was given before a sign-in, or to another session, is no proof.</summary>
internal sealed class SessionInToken : IAntiforgeryAdditionalDataProvider
{
    /// <inheritdoc/>
    public string GetAdditionalData(HttpContext context) => context.Person()?.KeyHash ?? "";

    /// <inheritdoc/>
    public bool ValidateAdditionalData(HttpContext context, string additionalData) => additionalData == GetAdditionalData(context);
}
