using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Chats;

/// <summary>What the page of chat shows.</summary>
internal sealed record ChatPageView
{
    /// <summary>Conversations, newest first; null when they could not be read.</summary>
    public required IReadOnlyList<ConversationRow>? Conversations { get; init; }

    /// <summary>Where the next page of them begins.</summary>
    public string? NextCursor { get; init; }

    /// <summary>Words that were searched for.</summary>
    public string? Search { get; init; }

    /// <summary>The conversation that is open; null for a new one.</summary>
    public ConversationRow? Open { get; init; }

    /// <summary>Its last messages, oldest first.</summary>
    public IReadOnlyList<ChatMessageRow> Messages { get; init; } = [];

    /// <summary>Whether earlier messages are not shown.</summary>
    public bool Cut { get; init; }

    /// <summary>Models; null when the coordinator did not say.</summary>
    public required IReadOnlyList<ChatModel>? Models { get; init; }

    /// <summary>Classes that can be chosen.</summary>
    public required IReadOnlyList<ChatReach> Offered { get; init; }

    /// <summary>A conversation that was deleted just now and can be taken back.</summary>
    public string? Deleted { get; init; }
}

/// <summary>The page of chat (portal-and-control-plane 18).</summary>
internal static class ChatPages
{
    /// <summary>Maps it.</summary>
    public static void MapChatPages(this IEndpointRouteBuilder routes)
    {
        routes.MapPage("/portal/chat", Access.Person, context => Again(context, PageResults.View(context), StatusCodes.Status200OK));
        routes.MapPage("/portal/chat/{id}", Access.Person, context => Again(context, PageResults.View(context), StatusCodes.Status200OK));
    }

    /// <summary>Renders it, also after one of its forms was refused.</summary>
    public static async Task<IResult> Again(HttpContext context, PageView view, int status)
    {
        var account = context.RequiredPerson().AccountId;
        var store = context.RequestServices.GetRequiredService<ConversationStore>();
        var id = context.Request.RouteValues.ContainsKey("id") ? ChatEndpoints.Id(context) : view.Value("conversationId") is { Length: > 0 } typed && Guid.TryParseExact(typed, "D", out _) ? typed : null;
        var models = context.RequestServices.GetRequiredService<ChatModels>().ListAsync(context.RequestAborted);
        var search = context.Request.Query["search"].ToString().Trim();
        var open = id is null ? null : await FindAsync(store, account, id, status, context.RequestAborted).ConfigureAwait(false);
        var messages = open is null ? [] : await store.LastAsync(open.Id, ConversationStore.MessagePageSize + 1, context.RequestAborted).ConfigureAwait(false);
        var (rows, next) = await store.ListAsync(account, search.Length is > 0 and <= 120 ? search : null, context.Request.Query["cursor"], context.RequestAborted).ConfigureAwait(false);
        var deleted = context.Request.Query["deleted"].ToString();
        return PageResults.Page<ChatPage>(view, status, ("Shown", new ChatPageView
        {
            Conversations = rows,
            NextCursor = next,
            Search = search.Length > 0 ? search : null,
            Open = open,
            Messages = messages.Count > ConversationStore.MessagePageSize ? messages[1..] : messages,
            Cut = messages.Count > ConversationStore.MessagePageSize,
            Models = await models.ConfigureAwait(false),
            Offered = ChatEndpoints.Offered(context.RequestServices.GetRequiredService<PortalSettings>()),
            Deleted = Guid.TryParseExact(deleted, "D", out _) ? deleted : null,
        }));
    }

    /// <summary>The page again, with why a form was refused.</summary>
    public static async Task AgainAsync(ActionRequest request, Refusal refusal)
    {
        if (refusal.RetryAfter is { } seconds)
        {
            request.Http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var page = await Again(request.Http, PageResults.View(request.Http, ProblemTranslation.Explain(refusal), request.Input.Typed), refusal.Status).ConfigureAwait(false);
        await page.ExecuteAsync(request.Http).ConfigureAwait(false);
    }

    // A form that was refused because its conversation is gone shows the page without one.
    private static async Task<ConversationRow?> FindAsync(ConversationStore store, string account, string id, int status, CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindAsync(account, id, cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal) when (status != StatusCodes.Status200OK)
        {
            return null;
        }
    }
}
