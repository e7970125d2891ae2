using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Hosting.Callers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Status;

/// <summary>Routes that tell how the coordinator is (coordinator-and-mesh 4.7, 11).</summary>
internal static class StatusEndpoints
{
    private const CallerKinds Operators = CallerKinds.Operator | CallerKinds.MeshService;

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/status", async (HttpContext context, CoordinatorFigures figures, StartProgress start) =>
            TypedResults.Json(await figures.StatusAsync(context.RequestAborted) with { NotReady = start.Unfinished is { Count: > 0 } unfinished ? unfinished : null }, StatusJson.Default.StatusAnswer)).AllowCallers(Operators);
        routes.MapGet("/capacity", async (HttpContext context, CoordinatorFigures figures, int? limit, string? cursor) =>
            TypedResults.Json(await figures.CapacityAsync(Math.Clamp(limit ?? 200, 1, 500), cursor, context.RequestAborted), StatusJson.Default.CapacityAnswer)).AllowCallers(Operators);
        routes.MapGet("/features", (AgentOptions options) =>
            TypedResults.Json(new FeaturesAnswer(options.NetworkMode is "public_mesh", options.NetworkMode is "enterprise_overlay"), StatusJson.Default.FeaturesAnswer)).AllowCallers(Operators);
        routes.MapGet("/health/runtime", HealthAsync).AllowCallers(CallerKinds.Anyone | Operators);
        return routes;
    }

    private static async Task<IResult> HealthAsync(HttpContext context, CoordinatorFigures figures, ModelServerProbe probe)
    {
        var status = await figures.StatusAsync(context.RequestAborted);
        var server = await probe.AskAsync(context.RequestAborted);
        var forOperator = context.Features.Get<Caller>() is { } caller && (caller.Kind & Operators) != 0;
        var shown = forOperator ? server : server with { Host = null, Version = null, Error = null };

        // A coordinator runs no model itself (ARCHITECTURE 1).
        return TypedResults.Json(new HealthAnswer(true, new("none", status.Queued, status.Agents, status.Results), shown), StatusJson.Default.HealthAnswer);
    }
}
