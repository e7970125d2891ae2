using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Amounts;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>
/// Nodes and earnings of the federation (economy-and-ledger 12). Phase 1 reads the own tables; later ones read what the logs of all members say, and the own tables again
/// while the federation is stale. Whether log and tables agree is always part of the answer.
/// </summary>
internal sealed class StatisticsReading(
    LogProjections projections, ParityCheck parity, MirrorReading mirrors, AnchorDesk anchors, IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity, StatisticsSettings settings, TimeProvider time)
{
    private const string OwnTables = "tables";
    private const string Logs = "logs";
    private const int MostListed = 1_000;
    private const long ActiveForMs = 120_000;

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);

    /// <summary>The summary, of one person's accounts and agents where <paramref name="ownerUserId"/> is given. Throws <see cref="Refusal"/> 503 <c>summary_timed_out</c>.</summary>
    public async Task<StatisticsSummary> SummaryAsync(string? ownerUserId, CancellationToken cancellationToken)
    {
        using var budget = new CancellationTokenSource(Budget, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        try
        {
            return await WithinAsync(ownerUserId, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new Refusal(503, "summary_timed_out", "The summary took more than three seconds. Ask again.") { RetryAfter = 5 };
        }
    }

    private async Task<StatisticsSummary> WithinAsync(string? ownerUserId, CancellationToken cancellationToken)
    {
        await projections.CatchUpAsync(cancellationToken).ConfigureAwait(false);
        var head = await mirrors.HeadAsync(cancellationToken).ConfigureAwait(false);
        var finality = await anchors.FinalityAsync(cancellationToken).ConfigureAwait(false);
        var fromLogs = settings.Phase != LedgerPhase.Shadow && finality.FinalityState != FinalityState.StaleFederation;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var (accounts, agents) = ownerUserId is null ? (null, null) : await OfAsync(context, ownerUserId, cancellationToken).ConfigureAwait(false);
        return new(
            identity.PeerId,
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            (int)settings.Phase,
            fromLogs ? Logs : OwnTables,
            head.Head,
            head.QuorumThreshold,
            head.Checkpoint,
            finality,
            await parity.RunAsync(cancellationToken).ConfigureAwait(false),
            await NodesAsync(context, fromLogs, agents, cancellationToken).ConfigureAwait(false),
            await EarningsAsync(context, fromLogs, accounts, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<(List<string> Accounts, List<string> Agents)> OfAsync(CoordinatorContext context, string ownerUserId, CancellationToken cancellationToken) => (
        await context.Set<AccountMembershipRow>().Where(row => row.UserId == ownerUserId).Select(row => row.AccountId).ToListAsync(cancellationToken).ConfigureAwait(false),
        await context.Set<AgentOwnershipRow>().Where(row => row.OwnerUserId == ownerUserId).Select(row => row.AgentId).ToListAsync(cancellationToken).ConfigureAwait(false));

    private async Task<IReadOnlyList<NodeSummary>> NodesAsync(CoordinatorContext context, bool fromLogs, List<string>? agents, CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (fromLogs)
        {
            var told = await context.Set<ProjectedNodeRow>().Where(row => agents == null || agents.Contains(row.NodeId)).OrderBy(row => row.Source).ThenBy(row => row.NodeId).Take(MostListed)
                .ToListAsync(cancellationToken).ConfigureAwait(false);
            return [.. told.Select(row => new NodeSummary(row.Source, row.Kind, row.NodeId, row.Approved, row.LastSeenMs, nowMs - row.LastSeenMs <= ActiveForMs))];
        }

        var kept = await context.Set<AgentRow>().Where(row => agents == null || agents.Contains(row.AgentId)).OrderBy(row => row.AgentId).Take(MostListed)
            .GroupJoin(context.Set<AgentSightingRow>(), row => row.AgentId, seen => seen.AgentId, (row, seen) => new { row.AgentId, row.Approved, row.UpdatedAtMs, Seen = seen.Select(one => (long?)one.LastSeenMs).FirstOrDefault() })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. kept.Select(row => (row, Seen: row.Seen ?? row.UpdatedAtMs)).Select(one => new NodeSummary(identity.PeerId, "agent", one.row.AgentId, one.row.Approved, one.Seen, nowMs - one.Seen <= ActiveForMs))];
    }

    private async Task<IReadOnlyList<EarningSummary>> EarningsAsync(CoordinatorContext context, bool fromLogs, List<string>? accounts, CancellationToken cancellationToken)
    {
        if (fromLogs)
        {
            var told = await context.Set<ProjectedAccrualRow>().Where(row => accounts == null || accounts.Contains(row.AccountId)).GroupBy(row => new { row.Source, row.AccountId })
                .Select(group => new { group.Key.Source, group.Key.AccountId, Mc = group.Sum(row => row.CreditsMc), Count = group.LongCount() })
                .OrderBy(one => one.Source).ThenBy(one => one.AccountId).Take(MostListed).ToListAsync(cancellationToken).ConfigureAwait(false);
            return [.. told.Select(one => new EarningSummary(one.Source, one.AccountId, new Millicredits(one.Mc).Credits, one.Count))];
        }

        var kept = await context.Set<ComputeContributionReportRow>().Where(row => accounts == null || accounts.Contains(row.AccountId)).GroupBy(row => row.AccountId)
            .Select(group => new { AccountId = group.Key, Mc = group.Sum(row => row.PaidMc), Count = group.LongCount() })
            .OrderBy(one => one.AccountId).Take(MostListed).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. kept.Select(one => new EarningSummary(identity.PeerId, one.AccountId, new Millicredits(one.Mc).Credits, one.Count))];
    }
}
