using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Chats;

/// <summary>Conversations and their messages as rows of their owners (portal-and-control-plane 13). Somebody else's are not there: 404 <c>conversation_not_found</c>.</summary>
/// <param name="contexts">Reads.</param>
/// <param name="writer">Writes.</param>
/// <param name="time">Clock.</param>
internal sealed class ConversationStore(IDbContextFactory<PortalContext> contexts, IStoreWriter writer, TimeProvider time)
{
    /// <summary>Conversations of a page.</summary>
    public const int PageSize = 50;

    /// <summary>Messages of a page of JSON, and most of a page for people.</summary>
    public const int MessagePageSize = 200;

    /// <summary>Title until something was said.</summary>
    public const string NewTitle = "New chat";

    /// <summary>For how long a deleted conversation can be taken back.</summary>
    public static readonly TimeSpan UndoTime = TimeSpan.FromSeconds(30);

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The refusal for what is not there, or not theirs.</summary>
    public static Refusal NotFound() => new(404, "conversation_not_found", "You have no such conversation. It may have been deleted.");

    /// <summary>Begins one; gives its id.</summary>
    public async Task<string> CreateAsync(string accountId, string? title, string? model, ChatReach reach, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString();
        var now = NowMs;
        await writer.WriteAsync(
            batch =>
            {
                batch.Insert(new ConversationRow { Id = id, AccountId = accountId, Title = title ?? NewTitle, Model = model, DataClass = reach, FromSeq = 0, CreatedAtMs = now, UpdatedAtMs = now });
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return id;
    }

    /// <summary>A page of somebody's conversations, newest first, whose titles hold some words; and where the next page begins.</summary>
    public async Task<(List<ConversationRow> Rows, string? NextCursor)> ListAsync(string accountId, string? search, string? cursor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = context.Set<ConversationRow>().Where(row => row.AccountId == accountId && row.DeletedAtMs == null);
        if (search is not null)
        {
            var lower = search.ToLowerInvariant();
            rows = rows.Where(row => row.Title.ToLower().Contains(lower));
        }

        if (ConversationCursor.Read(cursor) is var (atMs, id))
        {
            rows = rows.Where(row => row.UpdatedAtMs < atMs || (row.UpdatedAtMs == atMs && string.Compare(row.Id, id) > 0));
        }

        var found = await rows.OrderByDescending(row => row.UpdatedAtMs).ThenBy(row => row.Id).Take(PageSize + 1).ToListAsync(cancellationToken).ConfigureAwait(false);
        return found.Count > PageSize ? (found[..PageSize], ConversationCursor.Write(found[PageSize - 1])) : (found, null);
    }

    /// <summary>One of somebody's. Throws <see cref="NotFound"/>.</summary>
    public async Task<ConversationRow> FindAsync(string accountId, string id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<ConversationRow>().FirstOrDefaultAsync(row => row.Id == id && row.AccountId == accountId && row.DeletedAtMs == null, cancellationToken).ConfigureAwait(false) ?? throw NotFound();
    }

    /// <summary>Messages of a conversation after a place, oldest first; one more than <paramref name="most"/> says that there are more.</summary>
    public async Task<List<ChatMessageRow>> MessagesAsync(string conversationId, long afterSeq, int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<ChatMessageRow>().Where(row => row.ConversationId == conversationId && row.Seq > afterSeq).OrderBy(row => row.Seq).Take(most).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The last messages of a conversation, oldest first.</summary>
    public async Task<List<ChatMessageRow>> LastAsync(string conversationId, int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<ChatMessageRow>().Where(row => row.ConversationId == conversationId).OrderByDescending(row => row.Seq).Take(most).ToListAsync(cancellationToken).ConfigureAwait(false);
        rows.Reverse();
        return rows;
    }

    /// <summary>A message of a conversation; null when it is not there.</summary>
    public async Task<ChatMessageRow?> MessageAsync(string conversationId, string id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<ChatMessageRow>().FirstOrDefaultAsync(row => row.Id == id && row.ConversationId == conversationId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes title, model or class; what is null stays, an empty model is the active one. A wider class is for what is said from now on: no earlier message is sent with it.</summary>
    public Task ChangeAsync(string accountId, string id, string? title, string? model, ChatReach? reach, CancellationToken cancellationToken) => WriteAsync(
        accountId, id,
        (batch, row) =>
        {
            var widened = reach > row.DataClass;
            var from = widened ? LastSeq(batch, id) + 1 : row.FromSeq;
            batch.Execute(
                "UPDATE conversations SET title = $1, model = $2, data_class = $3, from_seq = $4, updated_at_ms = $5 WHERE id = $6",
                title ?? row.Title, model is null ? row.Model : model.Length == 0 ? null : model, reach ?? row.DataClass, from, NowMs, id);
            return true;
        },
        cancellationToken);

    /// <summary>Leaves out the older half of what models are sent. Gives the place from which on they are.</summary>
    public Task<long> LeaveOutAsync(string accountId, string id, CancellationToken cancellationToken) => WriteAsync(
        accountId, id,
        (batch, row) =>
        {
            var sent = batch.Query("SELECT seq FROM chat_messages WHERE conversation_id = $1 AND seq >= $2 AND role = 'user' ORDER BY seq", found => found.Number(0), id, row.FromSeq);

            // A question stays with its answer; the last question always stays.
            var from = sent.Count < 2 ? row.FromSeq : sent[sent.Count / 2];
            batch.Execute("UPDATE conversations SET from_seq = $1 WHERE id = $2", from, id);
            return from;
        },
        cancellationToken);

    /// <summary>Deletes a conversation; <see cref="RestoreAsync"/> takes it back for <see cref="UndoTime"/>.</summary>
    public Task DeleteAsync(string accountId, string id, CancellationToken cancellationToken) =>
        WriteAsync(accountId, id, (batch, _) => batch.Execute("UPDATE conversations SET deleted_at_ms = $1 WHERE id = $2", NowMs, id), cancellationToken);

    /// <summary>Takes a deletion back. Throws <see cref="NotFound"/> when it is too late.</summary>
    public async Task RestoreAsync(string accountId, string id, CancellationToken cancellationToken)
    {
        var since = NowMs - (long)UndoTime.TotalMilliseconds;
        if (await writer.WriteAsync(batch => batch.Execute("UPDATE conversations SET deleted_at_ms = NULL WHERE id = $1 AND account_id = $2 AND deleted_at_ms > $3", id, accountId, since), cancellationToken).ConfigureAwait(false) == 0)
        {
            throw NotFound();
        }
    }

    /// <summary>Runs a change of somebody's conversation in one transaction. Throws <see cref="NotFound"/>.</summary>
    public Task<T> WriteAsync<T>(string accountId, string id, Func<IStoreBatch, ConversationRow, T> change, CancellationToken cancellationToken) => writer.WriteAsync(
        batch =>
        {
            var found = batch.Query(
                "SELECT title, model, data_class, from_seq, created_at_ms, updated_at_ms FROM conversations WHERE id = $1 AND account_id = $2 AND deleted_at_ms IS NULL",
                row => new ConversationRow
                {
                    Id = id, AccountId = accountId, Title = row.Text(0), Model = row.TextOrNull(1), DataClass = EnumText.Parse<ChatReach>(row.Text(2)), FromSeq = row.Number(3), CreatedAtMs = row.Number(4),
                    UpdatedAtMs = row.Number(5),
                },
                id, accountId);
            return found is [var conversation] ? change(batch, conversation) : throw NotFound();
        },
        cancellationToken);

    /// <summary>Place of the last message; 0 without one.</summary>
    public static long LastSeq(IStoreBatch batch, string conversationId) => batch.Query("SELECT coalesce(max(seq), 0) FROM chat_messages WHERE conversation_id = $1", row => row.Number(0), conversationId)[0];
}

/// <summary>Where a page of conversations ended.</summary>
internal static class ConversationCursor
{
    /// <summary>As text.</summary>
    public static string Write(ConversationRow last) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{last.UpdatedAtMs}_{last.Id}");

    /// <summary>Reads it; null for none. Throws 400 <c>validation_failed</c>.</summary>
    public static (long AtMs, string Id)? Read(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
        {
            return null;
        }

        return cursor.Split('_') is [var at, var id] && long.TryParse(at, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var atMs) && Guid.TryParseExact(id, "D", out _)
            ? (atMs, id)
            : throw new Refusal(400, "validation_failed", "The cursor is that of an earlier answer, unchanged.");
    }
}
