using System.Linq.Expressions;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Composition;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Audit;

/// <summary>Which rows somebody may see.</summary>
/// <param name="Self"><c>user:ID</c> of who looks: rows of this actor, target or concern. Null: all rows.</param>
/// <param name="Targets">Further targets whose rows may be seen.</param>
internal sealed record AuditScope(string? Self, IReadOnlyList<string> Targets)
{
    /// <summary>All.</summary>
    public static readonly AuditScope Everything = new(null, []);
}

/// <summary>What is looked for.</summary>
/// <param name="Actor">Exact; null: anybody.</param>
/// <param name="Action">Exact; null: anything.</param>
/// <param name="Target">Exact; null: anything.</param>
/// <param name="Before">Only rows before this place; null: from the newest.</param>
internal sealed record AuditSearch(string? Actor, string? Action, string? Target, long? Before);

/// <summary>Reads the audit log.</summary>
/// <param name="contexts">Reads.</param>
internal sealed class AuditReading(IDbContextFactory<PortalContext> contexts)
{
    private const int ExportPage = 500;

    /// <summary>A page of rows, newest first, and whether there are more.</summary>
    public async Task<(List<AuditLineRow> Rows, bool More)> ListAsync(AuditScope scope, AuditSearch search, int limit, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await Where(context.Set<AuditLineRow>(), scope, search).OrderByDescending(row => row.Seq).Take(limit + 1).ToListAsync(cancellationToken).ConfigureAwait(false);
        var more = rows.Count > limit;
        return (more ? rows[..limit] : rows, more);
    }

    /// <summary>All rows up to a place, in order.</summary>
    public async IAsyncEnumerable<AuditLineRow> UpToAsync(long last, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long from = 0; from < last;)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            var rows = await context.Set<AuditLineRow>().Where(row => row.Seq > from && row.Seq <= last).OrderBy(row => row.Seq).Take(ExportPage).ToListAsync(cancellationToken).ConfigureAwait(false);
            foreach (var row in rows)
            {
                yield return row;
            }

            from = rows.Count == 0 ? last : rows[^1].Seq;
        }
    }

    /// <summary>Addresses of the accounts that rows name, for who may see them.</summary>
    public async Task<Dictionary<string, string>> NamesAsync(IEnumerable<AuditLineRow> rows, CancellationToken cancellationToken)
    {
        const string user = "user:";
        string[] ids = [.. rows.SelectMany(row => new[] { row.Actor, row.Target, row.About ?? "" }).Where(text => text.StartsWith(user, StringComparison.Ordinal)).Select(text => text[user.Length..]).Distinct()];
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<AccountRow>().Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => user + row.Id, row => row.Email, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Id of the verified account of an address; null when there is none.</summary>
    public async Task<string?> AccountAsync(string email, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<AccountRow>().Where(row => row.Email == email && row.EmailVerifiedAtMs != null).Select(row => row.Id).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    private static IQueryable<AuditLineRow> Where(IQueryable<AuditLineRow> rows, AuditScope scope, AuditSearch search)
    {
        rows = scope.Self is { } self ? rows.Where(row => row.Actor == self || row.Target == self || row.About == self || scope.Targets.Contains(row.Target)) : rows;
        rows = If(rows, search.Actor, row => row.Actor == search.Actor);
        rows = If(rows, search.Action, row => row.Action == search.Action);
        rows = If(rows, search.Target, row => row.Target == search.Target);
        return search.Before is { } before ? rows.Where(row => row.Seq < before) : rows;
    }

    private static IQueryable<AuditLineRow> If(IQueryable<AuditLineRow> rows, string? wanted, Expression<Func<AuditLineRow, bool>> filter) => wanted is null ? rows : rows.Where(filter);
}
