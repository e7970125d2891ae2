using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Coordinator.Peers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Keys;

/// <summary>Routes of the coordinator's keys and of those of its peers (economy-and-ledger 16.2).</summary>
internal static class KeyEndpoints
{
    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/admin/keys/rotate", async (HttpContext http, KeyRotation rotation) => TypedResults.Json(
            await rotation.AskedAsync(JsonBody.Read(http, KeyJson.Default.KeyRotationRequest), http.Caller().Name, http.RequestAborted), KeyJson.Default.KeyRotated)).AllowCallers(CallerKinds.Operator);
        routes.MapGet("/admin/keys", (CoordinatorIdentity identity, KeyKeeper keeper) => identity.Chain is { } chain && keeper.Schedule is var (dueAtMs, expiresAtMs)
            ? TypedResults.Json(new KeyStatus([.. chain.Periods.Select(period => new KeyView(period.Key.KeyId, period.FromMs, period.UntilMs))], dueAtMs, expiresAtMs, identity.CanRotate), KeyJson.Default.KeyStatus)
            : throw new Refusal(503, "log_not_ready", "The log has not begun. Try again in a second.") { RetryAfter = 1 }).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    /// <summary>Maps what peers call.</summary>
    public static IEndpointRouteBuilder MapPeerKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/mesh/keys", async (HttpContext http, PeerKeyChanges changes) => TypedResults.Json(
            new PeerKeysTaken(true, await changes.ToldAsync(http.Caller().Name, JsonBody.Read(http, KeyJson.Default.PeerKeyStatements).Statements, http.RequestAborted)), KeyJson.Default.PeerKeysTaken))
            .AllowCallers(CallerKinds.Peer);
        return routes;
    }
}
