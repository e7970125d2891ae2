using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>Routes of the blacklist (economy-and-ledger 14).</summary>
internal static class BlacklistEndpoints
{
    private const CallerKinds Anybody = CallerKinds.Operator | CallerKinds.Peer | CallerKinds.Agent;

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapBlacklists(this IEndpointRouteBuilder routes)
    {
        var list = routes.MapGroup("/security/blacklist");
        list.MapGet("", async (HttpContext http, BlacklistReading reading) => Json(await reading.ActiveAsync(http.RequestAborted))).AllowCallers(Anybody);
        list.MapGet("/audit", async (HttpContext http, BlacklistReading reading, string? source, long? after) => Json(await reading.AuditAsync(source, after ?? 0, http.RequestAborted))).AllowCallers(CallerKinds.Operator | CallerKinds.Peer);
        list.MapGet("/evidence/{hash}", async (string hash, HttpContext http, BlacklistReading reading) => TypedResults.Bytes(await reading.EvidenceAsync(hash, http.RequestAborted), "application/json"))
            .AllowCallers(CallerKinds.Operator | CallerKinds.Peer);
        list.MapGet("/reviews", async (HttpContext http, BlacklistReading reading) => TypedResults.Json(await reading.ReviewsAsync(http.RequestAborted), BlacklistJson.Default.BlacklistReviews))
            .AllowCallers(CallerKinds.Operator);
        list.MapPost("", async (HttpContext http, BlacklistDecisions decisions) =>
            Json(await decisions.AddAsync(JsonBody.Read(http, BlacklistJson.Default.BlacklistRequest), http.Caller(), http.RequestAborted))).AllowCallers(Anybody).WithMetadata(new SubjectInBody());
        list.MapPost("/{eventId}/appeal", async (string eventId, HttpContext http, BlacklistDecisions decisions) =>
            Json(await decisions.AppealAsync(eventId, JsonBody.Read(http, BlacklistJson.Default.BlacklistAppealRequest), http.Caller(), http.RequestAborted))).AllowCallers(CallerKinds.Agent);
        list.MapPost("/{eventId}/revoke", async (string eventId, HttpContext http, BlacklistDecisions decisions) =>
            Json(await decisions.RevokeAsync(eventId, Reason(http), http.Caller(), http.RequestAborted))).AllowCallers(CallerKinds.Operator);
        list.MapPost("/{eventId}/uphold", async (string eventId, HttpContext http, BlacklistDecisions decisions) =>
            Json(await decisions.UpholdAsync(eventId, Reason(http), http.RequestAborted))).AllowCallers(CallerKinds.Operator);
        list.MapPost("/reports/{reportId}/dismiss", async (string reportId, HttpContext http, BlacklistDecisions decisions) =>
            Json(await decisions.DismissAsync(reportId, Reason(http), http.RequestAborted))).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static string? Reason(HttpContext http) => JsonBody.Read(http, BlacklistJson.Default.BlacklistDecisionRequest).Reason;

    private static IResult Json(JsonObject answer) => TypedResults.Text(answer.ToJsonString(), "application/json");
}
