using EdgeCoder.Portal.Composition;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Sessions;

/// <summary>The cookie and the bearer that carry a session's key.</summary>
internal static class SessionCookie
{
    /// <summary>Its name.</summary>
    public const string Name = "edgecoder_portal_session";

    private const string Bearer = "Bearer ";

    /// <summary>Key of the cookie.</summary>
    public static string? OfCookie(HttpContext context) => context.Request.Cookies[Name];

    /// <summary>Key of <c>Authorization: Bearer</c>.</summary>
    public static string? OfBearer(HttpContext context) =>
        context.Request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : null;

    /// <summary>Gives a browser its key.</summary>
    public static void Give(HttpContext context, PortalSettings settings, string key) => context.Response.Cookies.Append(Name, key, Options(context, settings, settings.SessionTime));

    /// <summary>Takes it away.</summary>
    public static void Clear(HttpContext context, PortalSettings settings) => context.Response.Cookies.Delete(Name, Options(context, settings, null));

    private static CookieOptions Options(HttpContext context, PortalSettings settings, TimeSpan? maxAge) => new()
    {
        Path = "/",
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = settings.Exposed || context.Request.IsHttps,
        MaxAge = maxAge,
        IsEssential = true,
    };
}
