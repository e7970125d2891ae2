using EdgeCoder.Coordinator.Diagnostics;
using EdgeCoder.Coordinator.Enrolment;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>Routes of agents and of the portal about them (coordinator-and-mesh 3).</summary>
internal static class AgentEndpoints
{
    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapAgents(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/register", async (HttpContext context, Registration registration) =>
        {
            var request = JsonBody.Read(context, MeshJson.Default.RegisterRequest);
            RefuseOther(context, request.AgentId);
            return TypedResults.Json(await registration.RegisterAsync(request, AddressOf(context), context.RequestAborted), MeshJson.Default.RegisterAnswer);
        }).AllowCallers(CallerKinds.Agent).WithMetadata(new KeyInBody());

        routes.MapPost("/heartbeat", async (HttpContext context, Heartbeats heartbeats) =>
        {
            var request = JsonBody.Read(context, MeshJson.Default.HeartbeatRequest);
            RefuseOther(context, request.AgentId);
            return TypedResults.Json(await heartbeats.TakeAsync(request, context.RequestAborted), MeshJson.Default.HeartbeatAnswer);
        }).AllowCallers(CallerKinds.Agent);

        routes.MapPost("/agent/diagnostics", async (HttpContext context, AgentDiagnostics diagnostics) =>
        {
            var request = JsonBody.Read(context, DiagnosticJson.Default.DiagnosticsRequest);
            RefuseOther(context, request.AgentId);
            return TypedResults.Json(await diagnostics.StoreAsync(request, context.RequestAborted), DiagnosticJson.Default.DiagnosticsStored);
        }).AllowCallers(CallerKinds.Agent);

        routes.MapGet("/agent/diagnostics/{agentId}", async (string agentId, HttpContext context, AgentDiagnostics diagnostics) =>
        {
            RefuseOther(context, agentId);
            return TypedResults.Json(await diagnostics.ReadAsync(agentId, context.RequestAborted), DiagnosticJson.Default.DiagnosticsAnswer);
        }).AllowCallers(CallerKinds.MeshService | CallerKinds.PortalService | CallerKinds.Operator | CallerKinds.Agent);

        routes.MapPost("/nodes/notify", async (HttpContext context, PortalRefresh portal) =>
        {
            var request = JsonBody.Read(context, EnrolmentJson.Default.NotifyRequest);
            if (request.NodeId is not { } nodeId)
            {
                throw Refusal.Invalid([new("nodeId", "required")]);
            }

            await portal.RefreshAsync(nodeId, context.RequestAborted);
            return TypedResults.Json(new Acknowledged(true), AgentJson.Default.Acknowledged);
        }).AllowCallers(CallerKinds.PortalService);
        return routes;
    }

    /// <summary>
    /// Notes every valid signed request as a sighting of its agent (coordinator-and-mesh 3.2). Comes after the check of callers.
    /// </summary>
    public static IApplicationBuilder UseAgentSightings(this IApplicationBuilder app)
    {
        var sightings = app.ApplicationServices.GetRequiredService<AgentSightings>();
        var directory = app.ApplicationServices.GetRequiredService<AgentDirectory>();
        return app.Use(next => context =>
        {
            // A registration is signed with a key that may not be bound yet; it is a sighting once it is written.
            if (context.Features.Get<Caller>() is { Kind: CallerKinds.Agent, Name: var agentId } && directory.IsKnown(agentId))
            {
                sightings.Seen(agentId);
            }

            return next(context);
        });
    }

    /// <summary>The signer acts for itself only (coordinator-and-mesh 2.2, check 9).</summary>
    private static void RefuseOther(HttpContext context, string? agentId)
    {
        if (context.Caller() is { Kind: CallerKinds.Agent } caller && agentId is not null && !string.Equals(caller.Name, agentId, StringComparison.Ordinal))
        {
            throw new Refusal(401, "agent_id_mismatch", "The request names another agent than the one that signed it.");
        }
    }

    private static string? AddressOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null;
}

/// <summary><c>{ok}</c>.</summary>
internal sealed record Acknowledged(bool Ok);
