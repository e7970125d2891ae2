using System.Net;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Access;

/// <summary>Lets a request in, or refuses it before its body is read (agent-executor-models 6.1).</summary>
internal sealed class AccessGate(IdeKeys keys, KeyUse use, AddressGuard addresses)
{
    private const string Bearer = "Bearer ";

    /// <summary>
    /// For every route. 1. The <c>Host</c> names this machine or a configured name, which stops DNS rebinding. 2. An <c>Origin</c> is a configured one, which
    /// stops foreign pages. 3. A browser that says the request comes from another site is a page without an origin of its own.
    /// </summary>
    public void CheckAddress(HttpRequest request)
    {
        if (!addresses.Knows(request.Host.Host))
        {
            throw new Refusal(403, "host_not_allowed", "The Host header does not name this endpoint. Use http://127.0.0.1 with its port.");
        }

        var origin = request.Headers.Origin;
        if (origin.Count > 0 && !(origin.Count == 1 && addresses.Origins.Contains(origin[0]!, StringComparer.Ordinal)))
        {
            throw new Refusal(403, "origin_not_allowed", "Pages of this origin may not call this endpoint. IDE_ALLOWED_ORIGINS names those that may.");
        }

        if (origin.Count == 0 && request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "none" or "same-origin"))
        {
            throw new Refusal(403, "origin_not_allowed", "A page of another site may not call this endpoint.");
        }
    }

    /// <summary>
    /// The caller of a route. A text with the prefix of our keys must be one; any other bearer text counts as none, because clients insist on sending one.
    /// </summary>
    public IdeCaller Admit(HttpContext context, AccessRule rule)
    {
        if (rule == AccessRule.Open)
        {
            return IdeCaller.Loopback;
        }

        if (Presented(context.Request) is { } text)
        {
            var key = keys.Find(text) ?? throw new Refusal(401, "invalid_api_key", "This API key is not known here, or has ended. Make one with: edgecoder keys create");
            use.Enter(key);
            return IdeCaller.Of(key);
        }

        if (rule == AccessRule.Key)
        {
            throw new Refusal(401, "invalid_api_key", $"This route runs tools or code, so it needs a personal API key as Authorization: Bearer. The first one is in {keys.FirstKeyFile}.");
        }

        return IsFromThisMachine(context)
            ? IdeCaller.Loopback
            : throw new Refusal(401, "invalid_api_key", "Callers from another machine need a personal API key as Authorization: Bearer.");
    }

    private static string? Presented(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (header.Count == 0)
        {
            return null;
        }

        var text = header.ToString();
        return header.Count == 1 && text.StartsWith(Bearer + IdeKeys.Prefix, StringComparison.Ordinal) ? text[Bearer.Length..]
            : text.Contains(IdeKeys.Prefix, StringComparison.Ordinal) ? text // Nearly a key: it is refused, never taken for none.
            : null;
    }

    // A proxy on this machine would make everybody a loopback caller, so whatever passed one has none of a loopback caller's rights.
    private static bool IsFromThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && context.Request.Host.Host is { } host && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)))
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");
}
