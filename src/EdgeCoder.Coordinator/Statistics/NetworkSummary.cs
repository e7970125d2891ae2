using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary><c>GET /stats/network/summary</c> (economy-and-ledger 12): counts of what this coordinator knows, and no name of anybody.</summary>
internal static class NetworkSummary
{
    /// <summary>Maps it.</summary>
    public static IEndpointRouteBuilder MapNetworkSummary(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/stats/network/summary", async (HttpContext http, AgentDirectory directory, PeerDirectory peers, IDbContextFactory<CoordinatorContext> contexts, TimeProvider time) =>
            TypedResults.Json(await CountAsync(directory, peers, contexts, time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted), NetworkSummaryJson.Default.NetworkFigures))
            .AllowCallers(CallerKinds.Operator | CallerKinds.MeshService | CallerKinds.PortalService);
        return routes;
    }

    private static async Task<NetworkFigures> CountAsync(AgentDirectory directory, PeerDirectory peers, IDbContextFactory<CoordinatorContext> contexts, long nowMs, CancellationToken cancellationToken)
    {
        var known = await directory.KnownAsync(cancellationToken).ConfigureAwait(false);
        var live = (await directory.AllAsync(cancellationToken).ConfigureAwait(false)).Where(agent => agent.Status == AgentStatus.Active).Select(agent => agent.AgentId).ToHashSet(StringComparer.Ordinal);
        var coordinators = await peers.AllAsync(cancellationToken).ConfigureAwait(false);
        var active = coordinators.Count(peer => peer.Status == PeerStatus.Active);
        var models = known.Where(agent => live.Contains(agent.Row.AgentId)).Select(agent => directory.SightingOf(agent).ActiveModel).OfType<string>().Distinct(StringComparer.Ordinal).Count();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var users = await context.Set<AccountMembershipRow>().Select(row => row.UserId).Distinct().LongCountAsync(cancellationToken).ConfigureAwait(false);
        var queued = await context.Set<SubtaskRow>().LongCountAsync(row => row.State == SubtaskState.Queued, cancellationToken).ConfigureAwait(false);

        // This coordinator is one of them.
        return new(
            nowMs,
            users,
            new(known.Count + coordinators.Count + 1, known.Count(agent => agent.Row.Approved) + active + 1, live.Count + active + 1, known.Count, coordinators.Count + 1),
            new(live.Count, queued, 0, models));
    }
}

/// <summary>Answer of <c>GET /stats/network/summary</c>.</summary>
/// <param name="Timestamp">When, in milliseconds.</param>
/// <param name="Users">People with an account here.</param>
/// <param name="Nodes">Agents and coordinators.</param>
/// <param name="Live">What goes on now.</param>
internal sealed record NetworkFigures(long Timestamp, long Users, NetworkNodes Nodes, NetworkLife Live);

/// <summary>Nodes that are known here.</summary>
/// <param name="Enrolled">Agents and coordinators, this one included.</param>
/// <param name="Approved">Of them, those that may take part.</param>
/// <param name="Active">Of those, agents that work and peers that are not suspended.</param>
/// <param name="Agents">Agents.</param>
/// <param name="Coordinators">Coordinators, this one included.</param>
internal sealed record NetworkNodes(int Enrolled, int Approved, int Active, int Agents, int Coordinators);

/// <summary>What goes on now.</summary>
/// <param name="AgentsConnected">Agents that are active.</param>
/// <param name="QueueDepth">Subtasks that wait for an agent.</param>
/// <param name="ActiveTunnels">Tunnels; this program opens none.</param>
/// <param name="ModelsAvailable">Different models that active agents have in use.</param>
internal sealed record NetworkLife(int AgentsConnected, long QueueDepth, int ActiveTunnels, int ModelsAvailable);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NetworkFigures))]
internal sealed partial class NetworkSummaryJson : JsonSerializerContext;
