using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Portal.Chats;

/// <summary>Conversations and messages as JSON (portal-and-control-plane 13).</summary>
internal static class ChatJson
{
    /// <summary>A conversation.</summary>
    public static JsonObject Of(ConversationRow row)
    {
        var json = new JsonObject { ["conversationId"] = row.Id, ["userId"] = row.AccountId, ["title"] = row.Title };
        if (row.Model is not null)
        {
            json["model"] = row.Model;
        }

        json["dataClass"] = EnumText.Of(row.DataClass);
        json["createdAtMs"] = row.CreatedAtMs;
        json["updatedAtMs"] = row.UpdatedAtMs;
        return json;
    }

    /// <summary>A message. Answers of this installation's own models cost no credits.</summary>
    public static JsonObject Of(ChatMessageRow row, long fromSeq)
    {
        var json = new JsonObject
        {
            ["messageId"] = row.Id,
            ["conversationId"] = row.ConversationId,
            ["role"] = row.Role,
            ["content"] = row.Content,
            ["tokensUsed"] = row.TokensUsed,
            ["creditsSpent"] = 0,
            ["status"] = EnumText.Of(row.Status),
            ["createdAtMs"] = row.CreatedAtMs,
        };
        if (row.Model is not null)
        {
            json["model"] = row.Model;
        }

        if (row.Error is not null)
        {
            json["error"] = row.Error;
        }

        if (row.Replaced != 0)
        {
            json["replaced"] = true;
        }

        if (row.Seq < fromSeq)
        {
            json["leftOut"] = true;
        }

        return json;
    }

    /// <summary>A conversation as Markdown, for people who keep it.</summary>
    public static string Markdown(ConversationRow conversation, IEnumerable<ChatMessageRow> messages)
    {
        var text = new System.Text.StringBuilder();
        text.Append("# ").AppendLine(conversation.Title.ReplaceLineEndings(" ")).AppendLine();
        foreach (var message in messages)
        {
            text.Append("## ").Append(message.Role == "user" ? "You" : message.Model ?? "Answer").Append(", ").Append(Pages.Times.Exact(message.CreatedAtMs));
            text.AppendLine(message.Replaced != 0 ? " (asked for again)" : message.Status is MessageStatus.Stopped ? " (stopped)" : message.Status is MessageStatus.Failed ? " (broke off)" : "").AppendLine();
            text.AppendLine(message.Content).AppendLine();
        }

        return text.ToString();
    }
}
