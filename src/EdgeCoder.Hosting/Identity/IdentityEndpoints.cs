using EdgeCoder.Hosting.Callers;
using EdgeCoder.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Hosting.Identity;

/// <summary><c>GET /identity</c> (coordinator-and-mesh 9.1).</summary>
public static class IdentityEndpoints
{
    /// <summary>Maps the route; <see cref="CoordinatorIdentity"/> and <see cref="TimeProvider"/> are registered.</summary>
    public static IEndpointRouteBuilder MapIdentity(this IEndpointRouteBuilder routes, string networkMode)
    {
        routes.MapGet("/identity", (string? challenge, CoordinatorIdentity identity, TimeProvider time) =>
                TypedResults.Json(identity.Answer(challenge, networkMode, time.GetUtcNow().ToUnixTimeMilliseconds()), MeshJson.Default.IdentityAnswer))
            .AllowCallers(CallerKinds.Anyone);
        return routes;
    }
}
