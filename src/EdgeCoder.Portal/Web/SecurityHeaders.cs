using System.Security.Cryptography;
using EdgeCoder.Portal.Composition;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Web;

/// <summary>The headers of portal-and-control-plane 3.2, on every response whatever made it.</summary>
internal static class SecurityHeaders
{
    private const string Permissions =
        "accelerometer=(), ambient-light-sensor=(), autoplay=(), bluetooth=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), "
        + "idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), serial=(), usb=(), web-share=(), xr-spatial-tracking=(), "
        + "clipboard-read=(), clipboard-write=(self), publickey-credentials-create=(self), publickey-credentials-get=(self)";

    /// <summary>Adds them; it comes first.</summary>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app, PortalSettings settings) => app.Use(next => context =>
    {
        context.Response.OnStarting(() =>
        {
            Set(context, settings);
            return Task.CompletedTask;
        });
        return next(context);
    });

    private static void Set(HttpContext context, PortalSettings settings)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy(Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)), context);
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = Permissions;
        if (settings.Exposed)
        {
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        }

        if (headers.CacheControl.Count == 0 || context.GetEndpoint()?.Metadata.GetMetadata<SameForEverybody>() is null || context.Response.StatusCode >= 400)
        {
            headers.CacheControl = "no-store";
            headers.Remove("Pragma");
        }
    }

    private static string Policy(string nonce, HttpContext context)
    {
        // The host was checked before anything was answered but a refusal, which carries no page.
        var socket = context.Items.ContainsKey(HostCheck.Passed) ? $" {(context.Request.IsHttps ? "wss" : "ws")}://{context.Request.Host.Value}" : "";
        return $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'{socket}; manifest-src 'self'; worker-src 'self'; "
            + "form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'; report-uri /csp-report";
    }
}
