using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace EdgeCoder.Coordinator.Membership;

/// <summary>
/// Orleans' table of silos in our store. Orleans' contract (<see cref="IMembershipTable"/>): a change of a silo and of the table's version happen together
/// or not at all, and only from the version the caller has seen; silo and version are read as of one moment; a sign of life changes neither etag.
/// Changes are operations of the store's writer; reads are one statement each, so that a writer which waits does not stop them.
/// </summary>
internal sealed class StoreMembershipTable(IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, IOptions<ClusterOptions> cluster) : IMembershipTable
{
    private readonly string _cluster = cluster.Value.ClusterId;

    /// <inheritdoc/>
    public Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken) =>
        tryInitTableVersion ? WriteAsync(batch => batch.TryInsert(new SiloTableRow { ClusterId = _cluster, Version = 0, Etag = NewEtag() }), cancellationToken) : Task.CompletedTask;

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken) => WriteAsync(batch =>
    {
        batch.Execute("DELETE FROM silos WHERE cluster_id = $1", clusterId);
        return batch.Execute("DELETE FROM silo_tables WHERE cluster_id = $1", clusterId) == 1;
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var dead = await context.Set<SiloRow>().Where(r => r.ClusterId == _cluster && r.Status == SiloStatus.Dead).ToListAsync(cancellationToken);
        var before = beforeDate.ToUnixTimeMilliseconds();
        foreach (var row in dead.Where(r => SiloEntries.LastKnownMs(r) < before))
        {
            await WriteAsync(batch => batch.Execute("DELETE FROM silos WHERE cluster_id = $1 AND address = $2 AND etag = $3", _cluster, row.Address, row.Etag) == 1, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken) => ReadAsync(key.ToParsableString(), cancellationToken);

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken) => ReadAsync(null, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken)
    {
        var row = SiloEntries.Row(_cluster, entry, NewEtag());
        return WriteAsync(batch =>
        {
            if (batch.Query("SELECT etag FROM silos WHERE cluster_id = $1 AND address = $2", r => r.Text(0), _cluster, row.Address).Count > 0 || !Move(batch, tableVersion))
            {
                return false;
            }

            batch.Insert(row);
            return true;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken)
    {
        var row = SiloEntries.Row(_cluster, entry, NewEtag());
        return WriteAsync(batch =>
        {
            var known = batch.Query("SELECT etag FROM silos WHERE cluster_id = $1 AND address = $2", r => r.Text(0), _cluster, row.Address);
            if (known.Count == 0 || !string.Equals(known[0], etag, StringComparison.Ordinal) || !Move(batch, tableVersion))
            {
                return false;
            }

            batch.Execute(
                """
                UPDATE silos SET etag = $1, status = $2, proxy_port = $3, host_name = $4, silo_name = $5, role_name = $6, update_zone = $7, fault_zone = $8, suspects = $9,
                started_at_ms = $10, i_am_alive_ms = $11 WHERE cluster_id = $12 AND address = $13
                """,
                row.Etag, row.Status, row.ProxyPort, row.HostName, row.SiloName, row.RoleName, row.UpdateZone, row.FaultZone, row.Suspects,
                row.StartedAtMs, row.IAmAliveMs, _cluster, row.Address);
            return true;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken)
    {
        var address = entry.SiloAddress.ToParsableString();
        var alive = SiloEntries.Milliseconds(entry.IAmAliveTime);
        return WriteAsync(batch => batch.Execute("UPDATE silos SET i_am_alive_ms = $1 WHERE cluster_id = $2 AND address = $3", alive, _cluster, address) == 1, cancellationToken);
    }

    private static string NewEtag() => Guid.NewGuid().ToString("N");

    // The caller gives the next number with the etag of the version it has seen.
    private bool Move(IStoreBatch batch, TableVersion next) => batch.Execute(
        "UPDATE silo_tables SET version = $1, etag = $2 WHERE cluster_id = $3 AND etag = $4 AND version < $1", next.Version, NewEtag(), _cluster, next.VersionEtag) == 1;

    private async Task<MembershipTableData> ReadAsync(string? address, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await (
            from table in context.Set<SiloTableRow>()
            where table.ClusterId == _cluster
            from silo in context.Set<SiloRow>().Where(s => s.ClusterId == table.ClusterId && (address == null || s.Address == address)).DefaultIfEmpty()
            select new { table, silo }).ToListAsync(cancellationToken);
        var version = rows.Count == 0 ? new TableVersion(0, "0") : new TableVersion(rows[0].table.Version, rows[0].table.Etag);
        return new(rows.Where(r => r.silo is not null).Select(r => Tuple.Create(SiloEntries.Entry(r.silo), r.silo.Etag)).ToList(), version);
    }

    private Task<bool> WriteAsync(Func<IStoreBatch, bool> operation, CancellationToken cancellationToken) => writer.WriteAsync(operation, cancellationToken);

    // The forms without a token are obsolete; Orleans calls the others.
    Task IMembershipTable.InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    Task IMembershipTable.DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    Task IMembershipTable.CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadAll() => ReadAllAsync(CancellationToken.None);

    Task<bool> IMembershipTable.InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

    Task<bool> IMembershipTable.UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    Task IMembershipTable.UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);
}
