using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Standing;

/// <summary>
/// Bans in force. The events that make and revoke them are a chain (economy-and-ledger 14): it calls <see cref="Add"/> and <see cref="Revoke"/> in the
/// transaction of its event.
/// </summary>
internal sealed class Blacklist(IDbContextFactory<CoordinatorContext> contexts, AgentOptions options, TimeProvider time)
{
    private const long FreshMs = 1_000;

    private readonly Lock _gate = new();
    private ExpectedRevision _expected;
    private Bans? _kept;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Bans an agent and every key that was bound to it.</summary>
    public void Add(IStoreBatch batch, BlacklistEntryRow entry)
    {
        if (batch.TryInsert(entry))
        {
            Changed(batch);
        }
    }

    /// <summary>Revokes a ban; false when there was none in force.</summary>
    public bool Revoke(IStoreBatch batch, string eventId, long nowMs)
    {
        if (batch.Execute("UPDATE blacklist_entries SET revoked_at_ms = $1 WHERE event_id = $2 AND revoked_at_ms IS NULL", nowMs, eventId) == 0)
        {
            return false;
        }

        Changed(batch);
        return true;
    }

    /// <summary>The bans that are not revoked, with the version of the list; those that have ended are left out when asked for with a time.</summary>
    public async ValueTask<Bans> ActiveAsync(CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        lock (_gate)
        {
            if (_kept is { } kept && _expected.IsMet(kept.Version, nowMs) && (!options.SharedStore || nowMs - kept.ReadAtMs < FreshMs))
            {
                return kept;
            }
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);

        // Counted before the entries are read: a list may be newer than it says, never older.
        var version = await context.Set<BlacklistEventRow>().CountAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<BlacklistEntryRow>().ToListAsync(cancellationToken).ConfigureAwait(false);
        var keys = await (
            from key in context.Set<AgentKeyRow>()
            join entry in context.Set<BlacklistEntryRow>() on key.AgentId equals entry.AgentId
            where entry.RevokedAtMs == null
            select new { key.PublicKeySha256, Entry = entry }).ToListAsync(cancellationToken).ConfigureAwait(false);
        var read = new Bans(
            version,
            nowMs,
            rows.Where(r => r.RevokedAtMs is null).ToLookup(r => r.AgentId, StringComparer.Ordinal),
            keys.ToLookup(k => k.PublicKeySha256, k => k.Entry, StringComparer.Ordinal));
        lock (_gate)
        {
            if (_kept is null || _kept.Version <= read.Version)
            {
                _kept = read;
            }

            return _kept;
        }
    }

    /// <summary>An event was added in this transaction: what is kept in memory is old once it is committed.</summary>
    public void Changed(IStoreBatch batch)
    {
        var version = batch.Query("SELECT count(*) FROM blacklist_events", r => r.Number(0))[0];
        lock (_gate)
        {
            _expected.Raise(version, NowMs);
        }
    }
}

/// <summary>Bans that are not revoked.</summary>
/// <param name="Version">Number of events known here.</param>
/// <param name="ReadAtMs">When they were read.</param>
/// <param name="OfAgents">By agent.</param>
/// <param name="OfKeys">By hex SHA-256 of a key's SPKI.</param>
internal sealed record Bans(long Version, long ReadAtMs, ILookup<string, BlacklistEntryRow> OfAgents, ILookup<string, BlacklistEntryRow> OfKeys)
{
    /// <summary>The ban of an agent or of its key, when one is in force.</summary>
    public BlacklistEntryRow? Of(AgentRow agent, long nowMs) => Of(agent.AgentId, agent.PublicKeySha256, nowMs);

    /// <summary>The ban of an agent id or of a key, when one is in force.</summary>
    public BlacklistEntryRow? Of(string agentId, string publicKeySha256, long nowMs) =>
        OfAgents[agentId].FirstOrDefault(e => e.IsActive(nowMs)) ?? OfKeys[publicKeySha256].FirstOrDefault(e => e.IsActive(nowMs));

    /// <summary>Ids of agents under a ban, in order.</summary>
    public IReadOnlyList<string> Agents(long nowMs) =>
        OfAgents.Count == 0 ? [] : [.. OfAgents.Where(entries => entries.Any(e => e.IsActive(nowMs))).Select(entries => entries.Key).Order(StringComparer.Ordinal)];
}
