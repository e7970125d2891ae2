using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>Routes of anchors (economy-and-ledger 8.3, 12).</summary>
internal static class AnchorEndpoints
{
    private const CallerKinds Readers = CallerKinds.Operator | CallerKinds.Agent | CallerKinds.Peer | CallerKinds.MeshService | CallerKinds.PortalService;

    private static readonly UnauthorizedCode Unauthorized = new("stats_access_unauthorized");

    /// <summary>Maps them. With <paramref name="publicRead"/> anybody reads.</summary>
    public static IEndpointRouteBuilder MapAnchors(this IEndpointRouteBuilder routes, bool publicRead)
    {
        var readers = publicRead ? Readers | CallerKinds.Anyone : Readers;
        routes.MapPost("/stats/anchors/anchor-latest", async (HttpContext context, AnchorDesk desk) =>
            TypedResults.Json(await desk.AnchorLatestAsync(context.RequestAborted), AnchorJson.Default.AnchorLatestAnswer)).AllowCallers(CallerKinds.Operator);
        routes.MapPost("/stats/anchors/close", async (HttpContext context, AnchorDesk desk) =>
            TypedResults.Json(await desk.CloseAsync(JsonBody.Read(context, AnchorJson.Default.AnchorCloseRequest), context.RequestAborted), AnchorJson.Default.AnchorCloseAnswer)).AllowCallers(CallerKinds.Operator);
        routes.MapGet("/stats/anchors/verify", async (HttpContext context, AnchorDesk desk) =>
            TypedResults.Json(await desk.VerifyAsync(context.Request.Query["checkpointHash"] is [var hash] ? hash : null, context.RequestAborted), AnchorJson.Default.AnchorVerifyAnswer)).AllowCallers(readers).WithMetadata(Unauthorized);
        routes.MapGet("/economy/issuance/anchors", async (HttpContext context, AnchorDesk desk) =>
            TypedResults.Json(await desk.IssuanceAsync(context.RequestAborted), AnchorJson.Default.AnchorListAnswer)).AllowCallers(readers);
        routes.MapGet("/stats/anchors/set", async (HttpContext context) =>
        {
            var desk = context.RequestServices.GetService<AnchorSetDesk>() ?? throw new Refusal(404, "anchor_set_not_found", "This coordinator anchors nothing for others.");
            return TypedResults.Json(
                await desk.FindAsync(context.Request.Query["origin"] is [var origin] ? origin : null, context.Request.Query["network"] is [var network] ? network : null, context.RequestAborted),
                AnchorJson.Default.AnchorSetAnswer);
        }).AllowCallers(readers);
        return routes;
    }
}
