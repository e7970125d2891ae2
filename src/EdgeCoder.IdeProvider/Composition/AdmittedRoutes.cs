using EdgeCoder.IdeProvider.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Composition;

/// <summary>The only way to map a route of this endpoint: with the rule of who may call it.</summary>
internal static class AdmittedRoutes
{
    /// <summary>
    /// Maps a route whose handler is called with the caller that the gate let in, before anything of the body is read. <paramref name="method"/> is one method,
    /// or <c>GET HEAD</c> where clients look whether something is there (RFC 9110, 9.3.2: the same answer without its content).
    /// </summary>
    public static IEndpointConventionBuilder MapAdmitted(this IEndpointRouteBuilder routes, string method, string pattern, AccessRule rule, Func<HttpContext, IdeCaller, Task> handler)
    {
        var gate = routes.ServiceProvider.GetRequiredService<AccessGate>();
        return routes.MapMethods(pattern, method.Split(' '), context => handler(context, gate.Admit(context, rule))).WithMetadata(rule);
    }
}
