using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Escalations;

/// <summary>The owner of a task lets operators read it to help (portal-and-control-plane 14.1).</summary>
internal sealed class HelpConsentRow
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Whose task.</summary>
    public required string AccountId { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }
}

internal sealed class HelpConsentRowConfiguration : IEntityTypeConfiguration<HelpConsentRow>
{
    public void Configure(EntityTypeBuilder<HelpConsentRow> builder)
    {
        builder.ToTable("help_consents");
        builder.HasKey(row => row.TaskId);
    }
}

/// <summary>Consents as rows; each change is a line of the audit log.</summary>
/// <param name="contexts">Reads.</param>
/// <param name="writer">Writes.</param>
/// <param name="time">Clock.</param>
internal sealed class HelpConsents(IDbContextFactory<PortalContext> contexts, IStoreWriter writer, TimeProvider time)
{
    /// <summary>Whether operators may read a task.</summary>
    public async Task<bool> HasAsync(string taskId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<HelpConsentRow>().AnyAsync(row => row.TaskId == taskId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives it or takes it back. Whoever calls has made sure whose task it is.</summary>
    public Task SetAsync(string accountId, string taskId, bool allow, AuditSource by, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(
            batch =>
            {
                var changed = allow
                    ? batch.TryInsert(new HelpConsentRow { TaskId = taskId, AccountId = accountId, AtMs = now })
                    : batch.Execute("DELETE FROM help_consents WHERE task_id = $1 AND account_id = $2", taskId, accountId) > 0;
                if (changed)
                {
                    AuditLog.Append(batch, by, allow ? "task.help_allowed" : "task.help_withdrawn", "task:" + taskId, now);
                }

                return changed;
            },
            cancellationToken);
    }
}
