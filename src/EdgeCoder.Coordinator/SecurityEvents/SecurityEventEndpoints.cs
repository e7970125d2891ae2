using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.SecurityEvents;

/// <summary><c>GET /security/events</c> for operators: the newest first.</summary>
internal static class SecurityEventEndpoints
{
    private const int Most = 500;

    /// <summary>Adds <see cref="SecurityLog"/>. Needs the coordinator's identity.</summary>
    public static IServiceCollection AddSecurityEvents(this IServiceCollection services) =>
        services.AddSingleton(provider => new SecurityLog(provider.GetRequiredService<CoordinatorIdentity>().PeerId));

    /// <summary>Maps the route.</summary>
    public static IEndpointRouteBuilder MapSecurityEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/security/events", ListAsync).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, IDbContextFactory<CoordinatorContext> contexts, int? limit, long? beforeMs)
    {
        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        var before = beforeMs ?? long.MaxValue;
        var rows = await context.Set<SecurityEventRow>().Where(r => r.AtMs < before).OrderByDescending(r => r.AtMs).Take(Math.Clamp(limit ?? Most, 1, Most)).ToListAsync(http.RequestAborted);
        return TypedResults.Text(new JsonObject { ["events"] = new JsonArray([.. rows.Select(r => JsonNode.Parse(r.Json))]) }.ToJsonString(), "application/json");
    }
}
