using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>Routes of the peer table (coordinator-and-mesh 9.1).</summary>
internal static class PeerEndpoints
{
    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapPeers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/mesh/peers", async (HttpContext http, PeerDesk desk) => TypedResults.Json(await desk.ListAsync(http.RequestAborted), PeerJson.Default.PeerList))
            .AllowCallers(CallerKinds.Peer | CallerKinds.Operator | CallerKinds.MeshService | CallerKinds.PortalService);
        routes.MapPost("/admin/peers", async (HttpContext http, PeerDesk desk) => Done(
            await desk.ApproveAsync(JsonBody.Read(http, PeerJson.Default.PeerApproval), http.Caller().Name, http.RequestAborted))).AllowCallers(CallerKinds.Operator);
        routes.MapPost("/admin/peers/{peerId}/suspend", async (string peerId, HttpContext http, PeerDesk desk) => Done(
            await desk.SuspendAsync(peerId, JsonBody.Read(http, PeerJson.Default.PeerSuspension), http.Caller().Name, http.RequestAborted))).AllowCallers(CallerKinds.Operator);
        routes.MapPost("/admin/peers/{peerId}/resume", async (string peerId, HttpContext http, PeerDesk desk) => Done(
            await desk.ResumeAsync(peerId, http.Caller().Name, http.RequestAborted))).AllowCallers(CallerKinds.Operator);
        routes.MapPost("/admin/peers/{peerId}/overdraft", async (string peerId, HttpContext http, PeerOverdraft overdraft) => TypedResults.Json(
            await overdraft.SetAsync(peerId, JsonBody.Read(http, PeerJson.Default.PeerOverdraftRequest), http.RequestAborted), PeerJson.Default.PeerOverdraftAnswer)).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static IResult Done(PeerOperated answer) => TypedResults.Json(answer, PeerJson.Default.PeerOperated);
}
