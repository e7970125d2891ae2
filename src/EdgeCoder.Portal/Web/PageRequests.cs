using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Web;

/// <summary>Which requests want a page and not JSON, and where a page may send a browser.</summary>
internal static class PageRequests
{
    /// <summary>Where people go without a place to go to.</summary>
    public const string Home = "/portal/dashboard";

    /// <summary>Whether a browser asks for a page.</summary>
    public static bool IsPage(HttpContext context) => context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the body is a form of a page.</summary>
    public static bool IsForm(HttpContext context) => context.Request.HasFormContentType;

    /// <summary>A path of this site that was asked for before sign-in, or <see cref="Home"/>: never another site.</summary>
    public static string Return(string? path) =>
        path is ['/', not ('/' or '\\'), ..] && path.Length <= 512 && !path.Any(char.IsControl) && !path.Contains('\\', StringComparison.Ordinal) && !path.StartsWith("/auth/", StringComparison.Ordinal) ? path : Home;
}
