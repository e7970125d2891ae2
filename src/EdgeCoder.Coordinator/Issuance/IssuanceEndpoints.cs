using System.Globalization;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>Routes of issuance (economy-and-ledger 8.3); the list of its anchors is with the anchors.</summary>
internal static class IssuanceEndpoints
{
    private const int MostEpochs = 200;
    private const int StandardEpochs = 48;
    private const CallerKinds Ledger = CallerKinds.Operator | CallerKinds.Agent | CallerKinds.Peer | CallerKinds.MeshService | CallerKinds.PortalService;

    /// <summary>Maps them. With <paramref name="publicRead"/> anybody reads.</summary>
    public static IEndpointRouteBuilder MapIssuance(this IEndpointRouteBuilder routes, bool publicRead)
    {
        var readers = publicRead ? Ledger | CallerKinds.Anyone : Ledger;
        var issuance = routes.MapGroup("/economy/issuance");
        issuance.MapPost("/recalculate", async (HttpContext http, IssuanceDesk desk) =>
        {
            JsonBody.Read(http, NoMembersJson.Default.NoMembers);
            return TypedResults.Json(await desk.RecalculateAsync(http.RequestAborted), IssuanceJson.Default.RecalculationAnswer);
        }).AllowCallers(CallerKinds.Operator);
        issuance.MapGet("/current", async (HttpContext http, IssuanceDesk desk) => TypedResults.Json(await desk.CurrentAsync(http.RequestAborted), IssuanceJson.Default.CurrentIssuance)).AllowCallers(readers);
        issuance.MapGet("/history", async (HttpContext http, IssuanceDesk desk) => TypedResults.Json(await desk.HistoryAsync(Limit(http), http.RequestAborted), IssuanceJson.Default.IssuanceHistory)).AllowCallers(readers);
        issuance.MapGet("/rolling/{accountId}", async (string accountId, HttpContext http, IssuanceDesk desk) =>
        {
            // A member sees its own account; who reads the log sees every one of it anyhow.
            var account = http.Caller().Kind == CallerKinds.Submitter ? SubmitterAccount.Of(accountId, http.Caller()) : accountId;
            return TypedResults.Json(await desk.RollingAsync(account, http.RequestAborted), IssuanceJson.Default.RollingAnswer);
        }).AllowCallers(readers | CallerKinds.Submitter);
        issuance.MapPost("/quorum/vote", async (HttpContext http, IssuanceDesk desk) =>
            TypedResults.Json(await desk.VoteAsync(JsonBody.Read(http, IssuanceJson.Default.QuorumVoteRequest), http.RequestAborted), IssuanceJson.Default.QuorumVoteAnswer)).AllowCallers(CallerKinds.Operator);
        issuance.MapGet("/quorum/{epochId}", async (string epochId, HttpContext http, IssuanceDesk desk) =>
            TypedResults.Json(await desk.RecordsAsync(epochId, http.RequestAborted), IssuanceJson.Default.QuorumRecords)).AllowCallers(readers);
        issuance.MapPost("/anchor", async (HttpContext http, IssuanceDesk desk) =>
        {
            JsonBody.Read(http, NoMembersJson.Default.NoMembers);
            return TypedResults.Json(await desk.AnchorAsync(http.RequestAborted), IssuanceJson.Default.IssuanceAnchorAnswer);
        }).AllowCallers(CallerKinds.Operator);
        issuance.MapPost("/reconcile", async (HttpContext http, PurchaseDrift drift) =>
        {
            JsonBody.Read(http, NoMembersJson.Default.NoMembers);
            return TypedResults.Json(await drift.LookAsync(http.RequestAborted), IssuanceJson.Default.IssuanceReconciliation);
        }).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static int Limit(HttpContext http)
    {
        if (http.Request.Query["limit"] is not [{ Length: > 0 } text])
        {
            return StandardEpochs;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostEpochs ? limit : throw Refusal.Invalid([new("limit", $"1 to {MostEpochs}")]);
    }
}
