using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Routes of offline credits (economy-and-ledger 17).</summary>
internal static class OfflineEndpoints
{
    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapOfflineCredits(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/credits/offline-allowances", async (HttpContext context, OfflineAllowances allowances) => TypedResults.Json(
            await allowances.OpenAsync(JsonBody.Read(context, CreditJson.Default.AllowanceRequest), context.Caller(), context.RequestAborted), CreditJson.Default.AllowanceAnswer))
            .AllowCallers(CallerKinds.Submitter | CallerKinds.PortalService | CallerKinds.Agent);
        routes.MapPost("/credits/ble-sync", async (HttpContext context, OfflineSync sync) => TypedResults.Json(
            await sync.RunAsync(JsonBody.Read(context, CreditJson.Default.SyncRequest), context.Caller(), context.RequestAborted), CreditJson.Default.SyncAnswer))
            .AllowCallers(CallerKinds.Agent);
        return routes;
    }
}
