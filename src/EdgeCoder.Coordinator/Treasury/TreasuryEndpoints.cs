using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Treasury;

/// <summary>Routes of the treasury (economy-and-ledger 7), and the registration of what they need.</summary>
internal static class TreasuryEndpoints
{
    private const CallerKinds Readers = CallerKinds.Operator | CallerKinds.Agent | CallerKinds.Peer | CallerKinds.MeshService | CallerKinds.PortalService;

    /// <summary>Registers it. <paramref name="skew"/> is <c>SECURITY_MAX_SKEW_MS</c>.</summary>
    public static IServiceCollection AddTreasury(this IServiceCollection services, TimeSpan skew) => services
        .AddSingleton(new TreasuryOptions((long)skew.TotalMilliseconds))
        .AddSingleton<CustodyEvents>()
        .AddSingleton<TreasuryDesk>();

    /// <summary>Maps them. With <paramref name="publicRead"/> anybody reads.</summary>
    public static IEndpointRouteBuilder MapTreasury(this IEndpointRouteBuilder routes, bool publicRead)
    {
        routes.MapGet("/economy/treasury", async (HttpContext context, IStoreWriter writer, TreasuryDesk desk) => TypedResults.Json(
            await writer.WriteAsync(desk.Show, context.RequestAborted), TreasuryJson.Default.TreasuryAnswer)).AllowCallers(publicRead ? Readers | CallerKinds.Anyone : Readers);
        routes.MapPost("/economy/treasury/policies", async (HttpContext context, IStoreWriter writer, TreasuryDesk desk) =>
        {
            var request = JsonBody.Read(context, TreasuryJson.Default.PolicyRequest);
            return TypedResults.Json(await writer.WriteAsync(batch => desk.Create(batch, request), context.RequestAborted), TreasuryJson.Default.PolicyAnswer);
        }).AllowCallers(CallerKinds.Operator);
        routes.MapPost("/economy/treasury/policies/{policyId}/activate", async (string policyId, HttpContext context, IStoreWriter writer, TreasuryDesk desk) =>
        {
            var request = JsonBody.Read(context, TreasuryJson.Default.CustodyRequest);
            return TypedResults.Json(await writer.WriteAsync(batch => desk.Activate(batch, policyId, request), context.RequestAborted), TreasuryJson.Default.PolicyAnswer);
        }).AllowCallers(CallerKinds.Operator).WithMetadata(NeedsFinality.Metadata);
        routes.MapPost("/economy/treasury/policies/{policyId}/events", async (string policyId, HttpContext context, IStoreWriter writer, TreasuryDesk desk, SendPoller poller) =>
        {
            var request = JsonBody.Read(context, TreasuryJson.Default.CustodyRequest);
            var answer = await writer.WriteAsync(batch => desk.Act(batch, policyId, request), context.RequestAborted);

            // It may be the one that a send waited for.
            poller.Wake();
            return TypedResults.Json(answer, TreasuryJson.Default.PolicyAnswer);
        }).AllowCallers(CallerKinds.Operator);
        return routes;
    }
}
