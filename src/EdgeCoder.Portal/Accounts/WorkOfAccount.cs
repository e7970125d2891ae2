using System.Text.Json.Nodes;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Reviews;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Accounts;

/// <summary>What tasks leave in the portal: decisions over results, consents to help, news for pages. It goes with the account, and decisions are in its export.</summary>
internal static class WorkOfAccount
{
    /// <summary>Adds both parts.</summary>
    public static IServiceCollection AddWorkOfAccount(this IServiceCollection services) => services
        .AddSingleton(new RemovalPart((batch, _, id, _) =>
        {
            foreach (var table in new[] { "reviews", "help_consents", "live_events", "live_heads" })
            {
                batch.Execute($"DELETE FROM {table} WHERE account_id = $1", id);
            }
        }))
        .AddSingleton(provider => new ExportPart("reviews.json", (id, cancellation) => ReviewsAsync(provider.GetRequiredService<IDbContextFactory<PortalContext>>(), id, cancellation)));

    private static async Task<JsonNode> ReviewsAsync(IDbContextFactory<PortalContext> contexts, string account, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<ReviewRow>().Where(row => row.AccountId == account).OrderBy(row => row.AtMs).ThenBy(row => row.TaskId).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new JsonArray([.. rows.Select(row => new JsonObject
        {
            ["taskId"] = row.TaskId, ["decision"] = row.Decision, ["note"] = row.Note, ["editedCode"] = row.EditedCode, ["beforeSha256"] = row.BeforeSha256, ["afterSha256"] = row.AfterSha256, ["nextTaskId"] = row.NextTaskId, ["atMs"] = row.AtMs,
        })]);
    }
}
