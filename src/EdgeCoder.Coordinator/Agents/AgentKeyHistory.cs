using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Protocol.Keys;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>The keys that were bound to agents, and when each counted: from its binding until that of the next.</summary>
internal sealed class AgentKeyHistory(IDbContextFactory<CoordinatorContext> contexts)
{
    /// <summary>The keys of some agents that counted at a moment or later, oldest first. What was replaced before it proves nothing about anybody.</summary>
    public async Task<ILookup<string, VerifyingKey>> SinceAsync(IReadOnlyCollection<string> agentIds, long sinceMs, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<AgentKeyRow>().Where(row => agentIds.Contains(row.AgentId)).OrderBy(row => row.BoundAtMs).ToListAsync(cancellationToken).ConfigureAwait(false);
        return rows.GroupBy(row => row.AgentId, StringComparer.Ordinal)
            .SelectMany(keys => keys.Zip(keys.Skip(1).Select(next => (long?)next.BoundAtMs).Append(null), (key, untilMs) => (key.AgentId, key.PublicKeyPem, UntilMs: untilMs)))
            .Where(one => one.UntilMs is not { } until || until > sinceMs)
            .Select(one => (one.AgentId, Key: VerifyingKey.TryParse(one.PublicKeyPem, out var key) ? key : null))
            .Where(one => one.Key is not null)
            .ToLookup(one => one.AgentId, one => one.Key!, StringComparer.Ordinal);
    }
}
