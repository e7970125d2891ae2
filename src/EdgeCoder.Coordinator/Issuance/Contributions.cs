using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Ledger.Quorum;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>What was contributed, as the logs tell it.</summary>
internal sealed class Contributions(IDbContextFactory<CoordinatorContext> contexts)
{
    /// <summary>Those of a window, its start exclusive and its end inclusive, of each log up to the size that is named.</summary>
    public async Task<IReadOnlyList<Contribution>> OfAsync(IEnumerable<ProposalSource> sources, long windowStartMs, long windowEndMs, string? accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        List<Contribution> all = [];
        foreach (var (source, size) in sources)
        {
            all.AddRange(await context.Set<ProjectedAccrualRow>()
                .Where(row => row.Source == source && row.Sequence <= size && row.IssuedAtMs > windowStartMs && row.IssuedAtMs <= windowEndMs && (accountId == null || row.AccountId == accountId))
                .Select(row => new Contribution(row.Source, row.AccountId, row.WeightMicro, row.IssuedAtMs, row.Verified, row.SameOwner))
                .ToListAsync(cancellationToken).ConfigureAwait(false));
        }

        return all;
    }

    /// <summary>Whether anything was contributed here after a moment; it need not be in the log yet.</summary>
    public async Task<bool> AnySinceAsync(long afterMs, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<ComputeContributionReportRow>().AnyAsync(row => row.TimestampMs > afterMs, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How far each log is projected; a log that is not known here has no entry.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CursorsAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<ProjectionCursorRow>().ToDictionaryAsync(row => row.Source, row => row.Sequence, cancellationToken).ConfigureAwait(false);
    }
}
