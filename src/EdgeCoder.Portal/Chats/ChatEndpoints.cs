using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Chats;

/// <summary>Routes of conversations and chat (portal-and-control-plane 13). Each sees its caller's own conversations only.</summary>
internal static class ChatEndpoints
{
    // 32,000 characters of three bytes each, as a form writes them.
    private const int MostQuestionBytes = 320 * 1024;

    private const string One = "/portal/api/conversations/{id}";

    /// <summary>Adds what they need.</summary>
    public static IServiceCollection AddChat(this IServiceCollection services) =>
        services.AddSingleton<ConversationStore>().AddSingleton<ChatUpstream>().AddSingleton<ChatModels>().AddSingleton<ChatTurns>().AddHostedService(provider => provider.GetRequiredService<ChatTurns>());

    /// <summary>Maps them.</summary>
    public static void MapChat(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var store = services.GetRequiredService<ConversationStore>();
        var turns = services.GetRequiredService<ChatTurns>();
        routes.MapQuery("/portal/api/conversations", Access.Person, context => ListAsync(context, store));
        routes.MapAction("POST", "/portal/api/conversations", Access.Person, request => CreateAsync(request, store), ChatPages.Again);
        routes.MapQuery(One + "/messages", Access.Person, context => MessagesAsync(context, store));
        routes.MapStream("GET", One + "/messages/{messageId}/events", Access.Person, context => EventsAsync(context, store, turns));
        routes.MapStream("POST", One + "/messages/{messageId}/retry", Access.Person, context => RetryAsync(context, turns));
        routes.MapStream("GET", One + "/export", Access.Person, context => ExportAsync(context, store));
        routes.MapAction("PATCH", One, Access.Person, request => ChangeAsync(request, store));
        routes.MapAction("DELETE", One, Access.Person, request => DeleteAsync(request, store));
        routes.MapAction("POST", One + "/stop", Access.Person, request => StopAsync(request, store, turns), ChatPages.Again);
        routes.MapAction("POST", One + "/leave-out", Access.Person, request => LeaveOutAsync(request, store), ChatPages.Again);
        routes.MapAction("POST", One + "/restore", Access.Person, request => RestoreAsync(request, store), ChatPages.Again);
        routes.MapQuery("/portal/api/models", Access.Person, context => services.GetRequiredService<ChatModels>().JsonAsync(context.RequestAborted));
        routes.MapStream("POST", "/portal/api/chat", Access.Person, context => SayAsync(context, store, turns));

        // Forms of pages have no PATCH and no DELETE.
        routes.MapAction("POST", One + "/change", Access.Person, request => ChangeAsync(request, store), ChatPages.Again);
        routes.MapAction("POST", One + "/delete", Access.Person, request => DeleteAsync(request, store), ChatPages.Again);
    }

    /// <summary>The id of a route. Throws 400 <c>invalid_id</c>.</summary>
    public static string Id(HttpContext context, string name = "id") =>
        context.Request.RouteValues[name] is string id && IsId(id) ? id : throw new Refusal(400, "invalid_id", "Ids of conversations and messages are UUIDs, as lists give them.");

    /// <summary>The classes that this installation offers, widest last: local only where the coordinator is this machine.</summary>
    public static IReadOnlyList<ChatReach> Offered(PortalSettings settings) => settings.Edges.CoordinatorUrl is { IsLoopback: true } ? [ChatReach.Local, ChatReach.Team] : [ChatReach.Team];

    private static bool IsId(string id) => Guid.TryParseExact(id, "D", out var parsed) && parsed.ToString() == id;

    private static string Account(HttpContext context) => context.RequiredPerson().AccountId;

    private static async Task<JsonObject> ListAsync(HttpContext context, ConversationStore store)
    {
        var search = context.Request.Query["search"].ToString().Trim();
        var (rows, next) = await store.ListAsync(Account(context), search.Length is > 0 and <= 120 ? search : null, context.Request.Query["cursor"], context.RequestAborted).ConfigureAwait(false);
        var json = new JsonObject { ["conversations"] = new JsonArray([.. rows.Select(ChatJson.Of)]) };
        if (next is not null)
        {
            json["nextCursor"] = next;
        }

        return json;
    }

    private static async Task<ActionOutcome> CreateAsync(ActionRequest request, ConversationStore store)
    {
        var (title, model) = (request.Input.OptionalText("title", 1, 120), request.Input.OptionalText("model", 1, 128));
        var reach = Reach(request) ?? Offered(Settings(request.Http))[0];
        request.Input.ThrowIfFaulty();
        var id = await store.CreateAsync(Account(request.Http), title, model, reach, request.Cancelled).ConfigureAwait(false);
        return new(new() { ["conversationId"] = id }, "/portal/chat/" + id);
    }

    private static async Task<JsonObject> MessagesAsync(HttpContext context, ConversationStore store)
    {
        var conversation = await store.FindAsync(Account(context), Id(context), context.RequestAborted).ConfigureAwait(false);
        var text = context.Request.Query["after"].ToString();
        var after = 0L;
        if (text.Length > 0 && !long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out after))
        {
            throw new Refusal(400, "validation_failed", "after is the nextAfter of an earlier answer.");
        }

        var rows = await store.MessagesAsync(conversation.Id, after, ConversationStore.MessagePageSize + 1, context.RequestAborted).ConfigureAwait(false);
        var json = new JsonObject { ["messages"] = new JsonArray([.. rows.Take(ConversationStore.MessagePageSize).Select(row => ChatJson.Of(row, conversation.FromSeq))]) };
        if (rows.Count > ConversationStore.MessagePageSize)
        {
            json["nextAfter"] = rows[ConversationStore.MessagePageSize - 1].Seq;
        }

        return json;
    }

    private static async Task<ActionOutcome> ChangeAsync(ActionRequest request, ConversationStore store)
    {
        var (title, model, reach) = (request.Input.OptionalText("title", 1, 120), request.Input.Raw("model") is { Length: 0 } ? "" : request.Input.OptionalText("model", 1, 128), Reach(request));
        request.Input.ThrowIfFaulty();
        var id = Id(request.Http);
        await store.ChangeAsync(Account(request.Http), id, title, model, reach, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal/chat/" + id);
    }

    private static async Task<ActionOutcome> DeleteAsync(ActionRequest request, ConversationStore store)
    {
        var id = Id(request.Http);
        await store.DeleteAsync(Account(request.Http), id, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal/chat?deleted=" + id);
    }

    private static async Task<ActionOutcome> RestoreAsync(ActionRequest request, ConversationStore store)
    {
        var id = Id(request.Http);
        await store.RestoreAsync(Account(request.Http), id, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal/chat/" + id);
    }

    private static async Task<ActionOutcome> StopAsync(ActionRequest request, ConversationStore store, ChatTurns turns)
    {
        var conversation = await store.FindAsync(Account(request.Http), Id(request.Http), request.Cancelled).ConfigureAwait(false);
        var stopped = turns.Stop(conversation.Id);
        return new(new() { ["ok"] = true, ["stopped"] = stopped }, "/portal/chat/" + conversation.Id);
    }

    private static async Task<ActionOutcome> LeaveOutAsync(ActionRequest request, ConversationStore store)
    {
        var id = Id(request.Http);
        await store.LeaveOutAsync(Account(request.Http), id, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal/chat/" + id);
    }

    private static async Task SayAsync(HttpContext context, ConversationStore store, ChatTurns turns)
    {
        var request = new ActionRequest(context, await ActionInput.ReadAsync(context, MostQuestionBytes).ConfigureAwait(false));
        try
        {
            var person = context.RequiredPerson();
            var message = Message(request.Input);
            var model = request.Input.OptionalText("model", 1, 128);
            var id = request.Input.Raw("conversationId") ?? "";
            var isNew = id.Length == 0 && PageRequests.IsForm(context);
            if (!isNew && !IsId(id))
            {
                request.Input.Fault("conversationId", id.Length == 0 ? "required" : "invalid");
            }

            var reach = isNew ? Reach(request) ?? Offered(Settings(context))[0] : default;
            request.Input.ThrowIfFaulty();
            await context.RequestServices.GetRequiredService<LimitCounter>().TakeAsync(request.Cancelled, (Settings(context).Limits.Chat, person.AccountId)).ConfigureAwait(false);
            id = isNew ? await store.CreateAsync(person.AccountId, null, model, reach, request.Cancelled).ConfigureAwait(false) : id;
            var answer = await turns.SayAsync(person, id, message, model, request.Cancelled).ConfigureAwait(false);
            await AnswerAsync(context, answer, model).ConfigureAwait(false);
        }
        catch (Refusal refusal) when (PageRequests.IsForm(context))
        {
            await ChatPages.AgainAsync(request, refusal).ConfigureAwait(false);
        }
    }

    private static async Task RetryAsync(HttpContext context, ChatTurns turns)
    {
        var request = new ActionRequest(context, await ActionInput.ReadAsync(context).ConfigureAwait(false));
        try
        {
            var model = request.Input.OptionalText("model", 1, 128);
            request.Input.ThrowIfFaulty();
            var person = context.RequiredPerson();
            await context.RequestServices.GetRequiredService<LimitCounter>().TakeAsync(request.Cancelled, (Settings(context).Limits.Chat, person.AccountId)).ConfigureAwait(false);
            var answer = await turns.RetryAsync(person, Id(context), Id(context, "messageId"), model, request.Cancelled).ConfigureAwait(false);
            await AnswerAsync(context, answer, model).ConfigureAwait(false);
        }
        catch (Refusal refusal) when (PageRequests.IsForm(context))
        {
            await ChatPages.AgainAsync(request, refusal).ConfigureAwait(false);
        }
    }

    // A form goes on to its page, which hears the words from there. A program hears them here; what fails before the first word is a status.
    private static async Task AnswerAsync(HttpContext context, RunningAnswer answer, string? model)
    {
        if (PageRequests.IsForm(context))
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = $"/portal/chat/{answer.ConversationId}#{answer.AnswerId}";
            return;
        }

        var first = await answer.FirstAsync(context.RequestAborted).ConfigureAwait(false);
        if (first is { Status: MessageStatus.Failed, At: 0, Failure: { } failure })
        {
            throw new Refusal(failure.Status, failure.Error, failure.Message)
            {
                More = failure.Error == "all_coordinators_failed" ? new Dictionary<string, System.Text.Json.JsonElement> { ["triedCount"] = System.Text.Json.JsonElement.Parse("1") } : null,
            };
        }

        await ChatEvents.SendAsync(context, answer, model).ConfigureAwait(false);
    }

    private static async Task EventsAsync(HttpContext context, ConversationStore store, ChatTurns turns)
    {
        var conversation = await store.FindAsync(Account(context), Id(context), context.RequestAborted).ConfigureAwait(false);
        var messageId = Id(context, "messageId");
        var running = turns.Find(messageId);
        if (running is not null && running.ConversationId == conversation.Id)
        {
            await ChatEvents.SendAsync(context, running, null).ConfigureAwait(false);
            return;
        }

        var row = await store.MessageAsync(conversation.Id, messageId, context.RequestAborted).ConfigureAwait(false) ?? throw new Refusal(404, "message_not_found", "The conversation has no such message.");
        if (row.Status == MessageStatus.Streaming)
        {
            // Another process of the portal writes it, or wrote it and ended.
            throw new Refusal(503, "answer_elsewhere", "Another process of the portal writes this answer. Open the page again in a moment.") { RetryAfter = 2 };
        }

        await ChatEvents.SendAsync(context, row).ConfigureAwait(false);
    }

    private static async Task ExportAsync(HttpContext context, ConversationStore store)
    {
        var conversation = await store.FindAsync(Account(context), Id(context), context.RequestAborted).ConfigureAwait(false);
        var format = context.Request.Query["format"].ToString();
        if (format is not ("" or "md" or "json"))
        {
            throw new Refusal(400, "validation_failed", "format is md or json.");
        }

        var rows = await store.MessagesAsync(conversation.Id, 0, int.MaxValue, context.RequestAborted).ConfigureAwait(false);
        var text = format == "json"
            ? new JsonObject { ["conversation"] = ChatJson.Of(conversation), ["messages"] = new JsonArray([.. rows.Select(row => ChatJson.Of(row, conversation.FromSeq))]) }.ToJsonString()
            : ChatJson.Markdown(conversation, rows);
        context.Response.ContentType = format == "json" ? "application/json; charset=utf-8" : "text/markdown; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"conversation-{conversation.Id[..8]}.{(format == "json" ? "json" : "md")}\"";
        await context.Response.WriteAsync(text, context.RequestAborted).ConfigureAwait(false);
    }

    private static PortalSettings Settings(HttpContext context) => context.RequestServices.GetRequiredService<PortalSettings>();

    private static ChatReach? Reach(ActionRequest request)
    {
        var name = request.Input.Raw("dataClass");
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        var offered = Offered(Settings(request.Http));
        if (offered.FirstOrDefault(one => EnumText.Of(one) == name, (ChatReach)(-1)) is var reach && offered.Contains(reach))
        {
            return reach;
        }

        request.Input.Fault("dataClass", "not_offered");
        return null;
    }

    // Lines are part of a question; other control characters are not.
    private static string Message(ActionInput input)
    {
        var text = (input.Raw("message") ?? "").ReplaceLineEndings("\n").Trim('\n', ' ');
        if (text.Length is 0 or > 32_000)
        {
            return input.Fault("message", text.Length == 0 ? "required" : "too_long");
        }

        return text.Any(c => char.IsControl(c) && c is not ('\n' or '\t')) ? input.Fault("message", "invalid") : text;
    }
}
