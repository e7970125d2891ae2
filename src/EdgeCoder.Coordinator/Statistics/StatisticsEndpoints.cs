using EdgeCoder.Coordinator.Manifests;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Identifiers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>Routes of the statistics ledger (economy-and-ledger 12), and the parts that they need.</summary>
internal static class StatisticsEndpoints
{
    private const CallerKinds Readers = CallerKinds.Operator | CallerKinds.MeshService | CallerKinds.PortalService | CallerKinds.Peer;

    /// <summary>Registers them. Needs store, log, peers and anchors.</summary>
    public static IServiceCollection AddStatistics(this IServiceCollection services, StatisticsSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<ManifestIntake>()
        .AddSingleton<LogProjections>()
        .AddSingleton<FederationFacts>()
        .AddSingleton<ParityCheck>()
        .AddSingleton<FederationGate>()
        .AddSingleton<PayoutGate>(provider => provider.GetRequiredService<FederationGate>().IsOpenAsync)
        .AddSingleton<StatisticsReading>();

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapStatistics(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/stats/projections/summary", async (HttpContext http, StatisticsReading reading) =>
        {
            var owner = http.Request.Query["ownerUserId"].ToString() is { Length: > 0 } named ? named : null;
            if (owner is not null && !ClientId.IsValid(owner))
            {
                throw Refusal.Invalid([new("ownerUserId", "the portal's id of a person")]);
            }

            return TypedResults.Json(await reading.SummaryAsync(owner, http.RequestAborted), StatisticsJson.Default.StatisticsSummary);
        }).AllowCallers(Readers);
        return routes;
    }
}
