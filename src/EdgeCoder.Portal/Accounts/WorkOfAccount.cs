using System.Text.Json.Nodes;
using EdgeCoder.Portal.Chats;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Reviews;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Accounts;

/// <summary>What tasks and chat leave in the portal: decisions over results, consents to help, news for pages; and conversations. All go with the account; decisions and conversations are in its export.</summary>
internal static class WorkOfAccount
{
    /// <summary>Adds both parts.</summary>
    public static IServiceCollection AddWorkOfAccount(this IServiceCollection services) => services
        .AddSingleton(new RemovalPart((batch, _, id, _) =>
        {
            foreach (var table in new[] { "reviews", "help_consents", "live_events", "live_heads", "conversations" })
            {
                batch.Execute($"DELETE FROM {table} WHERE account_id = $1", id);
            }
        }))
        .AddSingleton(provider => new ExportPart("reviews.json", (id, cancellation) => ReviewsAsync(provider.GetRequiredService<IDbContextFactory<PortalContext>>(), id, cancellation)))
        .AddSingleton(provider => new ExportPart("conversations.json", (id, cancellation) => ConversationsAsync(provider.GetRequiredService<IDbContextFactory<PortalContext>>(), id, cancellation)));

    private static async Task<JsonNode> ConversationsAsync(IDbContextFactory<PortalContext> contexts, string account, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var conversations = await context.Set<ConversationRow>().Where(row => row.AccountId == account).OrderBy(row => row.CreatedAtMs).ThenBy(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
        string[] ids = [.. conversations.Select(row => row.Id)];
        var messages = await context.Set<ChatMessageRow>().Where(row => ids.Contains(row.ConversationId)).OrderBy(row => row.ConversationId).ThenBy(row => row.Seq).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new JsonArray([.. conversations.Select(row => new JsonObject
        {
            ["id"] = row.Id, ["title"] = row.Title, ["createdAtMs"] = row.CreatedAtMs, ["updatedAtMs"] = row.UpdatedAtMs, ["deletedAtMs"] = row.DeletedAtMs,
            ["messages"] = new JsonArray([.. messages.Where(message => message.ConversationId == row.Id).Select(message => new JsonObject { ["role"] = message.Role, ["content"] = message.Content, ["model"] = message.Model, ["createdAtMs"] = message.CreatedAtMs })]),
        })]);
    }

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
