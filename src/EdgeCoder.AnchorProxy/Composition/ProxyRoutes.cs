using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.AnchorProxy.Composition;

/// <summary>Who may call a route of the proxy. A route without one is a fault that a test finds.</summary>
/// <param name="Token">Whether the bearer is needed.</param>
internal sealed record ProxyRule(bool Token)
{
    /// <summary>Anyone.</summary>
    public static readonly ProxyRule Open = new(false);

    /// <summary>Who holds <c>ANCHOR_PROXY_TOKEN</c>.</summary>
    public static readonly ProxyRule Bearer = new(true);
}

/// <summary>The token, as its digest.</summary>
/// <param name="Digest">Compared in constant time.</param>
internal sealed record ProxyToken(SecretDigest Digest)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(ProxyToken);
}

/// <summary>The only way to map a route of the proxy: with the rule of who may call it.</summary>
internal static class ProxyRoutes
{
    private const string Prefix = "Bearer ";

    /// <summary>Maps a route; its body is received, at most as much as the listener takes, after the caller was let in.</summary>
    public static IEndpointConventionBuilder MapGuarded(this IEndpointRouteBuilder routes, string method, string pattern, ProxyRule rule, RequestDelegate handler)
    {
        var token = routes.ServiceProvider.GetRequiredService<ProxyToken>();
        return routes.MapMethods(pattern, [method], async context =>
        {
            if (rule.Token && !Holds(context, token))
            {
                throw new Refusal(401, "unauthorized", "Send ANCHOR_PROXY_TOKEN in Authorization: Bearer.");
            }

            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
            context.Features.Set(new ReceivedBody(body.ToArray()));
            await handler(context).ConfigureAwait(false);
        }).WithMetadata(rule);
    }

    private static bool Holds(HttpContext context, ProxyToken token) =>
        context.Request.Headers.Authorization is [{ } header] && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && token.Digest.Is(header[Prefix.Length..].Trim());
}
