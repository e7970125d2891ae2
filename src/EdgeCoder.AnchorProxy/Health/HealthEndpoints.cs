using System.Text.Json;
using EdgeCoder.AnchorProxy.Broadcasts;
using EdgeCoder.AnchorProxy.Composition;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Anchors.Bitcoind;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.AnchorProxy.Health;

/// <summary><c>GET /health</c>, open, and <c>GET /health/detailed</c> (economy-and-ledger 13.5).</summary>
internal static class HealthEndpoints
{
    private const string Provider = "anchor-proxy";

    /// <summary>Maps them.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.ServiceProvider.GetRequiredService<NodeHealth>();
        var limit = routes.ServiceProvider.GetRequiredService<BroadcastLimit>();
        var network = routes.ServiceProvider.GetRequiredService<BitcoindOptions>().Network.Name;
        routes.MapGuarded("GET", "/health", ProxyRule.Open, async context =>
        {
            var facts = await health.AskAsync(context.RequestAborted).ConfigureAwait(false);
            var status = Healthy(facts) ? facts.Status! : throw Ill([]);
            await TypedResults.Json(new HealthAnswer(true, network, status.Chain, status.Blocks, facts.BalanceSats is not null, Provider), ProxyJson.Default.HealthAnswer).ExecuteAsync(context).ConfigureAwait(false);
        });
        routes.MapGuarded("GET", "/health/detailed", ProxyRule.Bearer, async context =>
        {
            var facts = await health.AskAsync(context.RequestAborted).ConfigureAwait(false);
            var node = new NodeAnswer(
                facts.Status is not null, facts.Status?.Chain, facts.Status?.Blocks, facts.Status?.Headers, facts.Status?.Progress, facts.BalanceSats is not null, facts.BalanceSats, facts.BalanceSats is null ? null : "sats", Provider, facts.Error);
            var answer = new DetailedAnswer(Healthy(facts), network, node, new(limit.Most, limit.Current));
            if (!answer.Ok)
            {
                throw Ill(JsonSerializer.SerializeToElement(answer, ProxyJson.Default.DetailedAnswer).EnumerateObject().ToDictionary(member => member.Name, member => member.Value));
            }

            await TypedResults.Json(answer, ProxyJson.Default.DetailedAnswer).ExecuteAsync(context).ConfigureAwait(false);
        });
    }

    // Without its wallet it still confirms; on another chain it does nothing that is meant.
    private static bool Healthy(NodeFacts facts) => facts.Status is not null && facts.Error?.StartsWith("bitcoind_wrong_network", StringComparison.Ordinal) != true;

    private static Refusal Ill(Dictionary<string, JsonElement> more)
    {
        more["ok"] = JsonElement.Parse("false");
        return new(503, "health_check_failed", "The Bitcoin node does not answer, or follows another chain than BITCOIN_NETWORK.") { More = more };
    }
}

/// <summary>Answer of <c>GET /health</c>.</summary>
internal sealed record HealthAnswer(bool Ok, string Network, string Chain, long Blocks, bool WalletAvailable, string Provider);

/// <summary>Answer of <c>GET /health/detailed</c>.</summary>
internal sealed record DetailedAnswer(bool Ok, string Network, NodeAnswer Node, LimitAnswer RateLimit);

/// <summary>The node in it. The balance is in <c>Unit</c>.</summary>
internal sealed record NodeAnswer(
    bool Reachable, string? Chain, long? Blocks, long? Headers, double? VerificationProgress, bool WalletAvailable, long? WalletBalance, string? Unit, string Provider, string? Error);

/// <summary>The limit in it.</summary>
internal sealed record LimitAnswer(int MaxPerMinute, int CurrentWindow);
