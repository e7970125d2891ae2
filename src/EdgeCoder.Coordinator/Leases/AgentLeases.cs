using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Signatures;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>Leases that agents hold, for the limit of their requests (coordinator-and-mesh 2.2, check 8). Asked only beyond loopback, for requests that name leases.</summary>
internal sealed class AgentLeases(IDbContextFactory<CoordinatorContext> contexts) : ILiveLeases
{
    public async ValueTask<bool> HoldsAnyAsync(string agentId, IReadOnlyList<string> leaseIds, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<LeaseRow>()
            .AnyAsync(lease => leaseIds.Contains(lease.LeaseId) && lease.AgentId == agentId && lease.State == LeaseState.Live, cancellationToken)
            .ConfigureAwait(false);
    }
}
