using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol.Rotations;
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
        routes.MapGet("/admin/keys", ShowAsync).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static async Task<IResult> ShowAsync(HttpContext http, CoordinatorIdentity identity, KeyKeeper keeper, IStoreWriter writer)
    {
        if (identity.Chain is not { } chain || keeper.Schedule is not var (dueAtMs, expiresAtMs))
        {
            throw new Refusal(503, "log_not_ready", "The log has not begun. Try again in a second.") { RetryAfter = 1 };
        }

        var changes = (await writer.WriteAsync(
            batch => batch.Query("SELECT new_key_id, reason, operator_id FROM key_changes", row => (KeyId: row.Text(0), Reason: row.Text(1), OperatorId: row.TextOrNull(2))), http.RequestAborted)).ToDictionary(one => one.KeyId);
        return TypedResults.Json(
            new KeyStatus(
                [.. chain.Periods.Select(period => View(period, changes.GetValueOrDefault(period.Key.KeyId)))],
                dueAtMs, expiresAtMs, identity.CanRotate),
            KeyJson.Default.KeyStatus);
    }

    private static KeyView View(KeyPeriod period, (string KeyId, string Reason, string? OperatorId) change) => new(period.Key.KeyId, period.FromMs, period.UntilMs, change.Reason, change.OperatorId);

    /// <summary>Maps what peers call.</summary>
    public static IEndpointRouteBuilder MapPeerKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/mesh/keys", async (HttpContext http, PeerKeyChanges changes) => TypedResults.Json(
            new PeerKeysTaken(true, await changes.ToldAsync(http.Caller().Name, JsonBody.Read(http, KeyJson.Default.PeerKeyStatements).Statements, http.RequestAborted)), KeyJson.Default.PeerKeysTaken))
            .AllowCallers(CallerKinds.Peer);
        return routes;
    }
}
