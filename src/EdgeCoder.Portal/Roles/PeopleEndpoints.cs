using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Changes;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Roles;

/// <summary>Routes of people and their roles, for system-admins (portal-and-control-plane 8.2).</summary>
internal static class PeopleEndpoints
{
    private const int MostRows = 200;
    private const int PageRows = 50;
    private const int MostCoordinators = 20;

    /// <summary>Maps them.</summary>
    public static void MapPeople(this IEndpointRouteBuilder routes)
    {
        routes.MapQuery("/portal/api/admin/users", Access.SystemAdmin, ListAsync);
        routes.MapAction("POST", "/portal/api/admin/users/{id}/role", Access.SystemAdmin, ChangeAsync);
        routes.MapAction("POST", "/portal/api/admin/users/{id}/disable", Access.SystemAdmin, DisableAsync, OnePageAsync);
        routes.MapAction("POST", "/portal/api/admin/users/{id}/enable", Access.SystemAdmin, request => DoAsync(request, "enabled", (desk, person, id) => desk.EnableAsync(person, id, request.Cancelled)), OnePageAsync);
        routes.MapAction("POST", "/portal/api/admin/users/{id}/sign-out", Access.SystemAdmin, request => DoAsync(request, "person-signed-out", (desk, person, id) => desk.SignOutAsync(person, id, request.Cancelled)), OnePageAsync);
        routes.MapPage("/portal/ops/users", Access.SystemAdmin, PageAsync);
        routes.MapPage("/portal/ops/users/{id}", Access.SystemAdmin, context => OnePageAsync(context, PageResults.View(context), StatusCodes.Status200OK));
    }

    private static async Task<JsonObject> ListAsync(HttpContext context)
    {
        var limit = context.Request.Query["limit"].ToString() is { Length: > 0 } text ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= MostRows ? count : throw Refusal.Invalid([new("limit", "1 to 200")]) : PageRows;
        var (people, next) = await Desk(context).ListAsync(Query(context), Cursor(context), limit, context.RequestAborted).ConfigureAwait(false);
        var answer = new JsonObject { ["users"] = new JsonArray([.. people.Select(Json)]) };
        if (next is not null)
        {
            answer["nextCursor"] = next;
        }

        return answer;
    }

    /// <summary>A role: <c>{role:user|admin}</c>, or <c>{grant|revoke:name, coordinatorIds?}</c>, confirmed with a passkey over exactly this.</summary>
    private static async Task<ActionOutcome> ChangeAsync(ActionRequest request)
    {
        var change = Read(request.Input, Id(request.Http));
        var services = request.Http.RequestServices;
        var proof = await services.GetRequiredService<StepUp>().ProveAsync(request, RoleChange.Action, change.Parameters).ConfigureAwait(false);
        var (waiting, key) = await Desk(request.Http).ChangeAsync(request, change, proof).ConfigureAwait(false);
        SessionCookie.Give(request.Http, services.GetRequiredService<PortalSettings>(), key);
        var body = new JsonObject { ["ok"] = true };
        if (waiting is not null)
        {
            body["changeId"] = waiting.Id;
            body["status"] = "pending_approval";
            body["actionHash"] = waiting.ActionHash;
        }
        else
        {
            var now = await Desk(request.Http).FindAsync(change.AccountId, request.Cancelled).ConfigureAwait(false);
            body["userId"] = change.AccountId;
            body["role"] = now is { Roles.IsSystemAdmin: true } ? "admin" : "user";
        }

        if (AccountEndpoints.IsProgram(request.Http))
        {
            body["sessionToken"] = key;
        }

        return new(body, Page(change.AccountId), waiting is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private static Task<ActionOutcome> DisableAsync(ActionRequest request)
    {
        var reason = request.Input.OptionalText("reason", 3, 300);
        if (reason is { Length: > 0 } && !AuditLog.IsReason(reason))
        {
            request.Input.Fault("reason", "no_addresses");
        }

        request.Input.ThrowIfFaulty();
        return DoAsync(request, "disabled", (desk, person, id) => desk.DisableAsync(person, id, reason, request.Cancelled));
    }

    private static async Task<ActionOutcome> DoAsync(ActionRequest request, string done, Func<PeopleDesk, SignedIn, string, Task<bool>> change)
    {
        var id = Id(request.Http);
        var changed = await change(Desk(request.Http), request.Http.RequiredPerson(), id).ConfigureAwait(false);
        return new(new() { ["ok"] = true, ["changed"] = changed }, $"{Page(id)}?done={done}");
    }

    private static async Task<IResult> PageAsync(HttpContext context)
    {
        var typed = new Dictionary<string, string> { ["query"] = context.Request.Query["query"].ToString() };
        (List<PersonView> People, string? Next)? found;
        Refusal? refused = null;
        try
        {
            found = await Desk(context).ListAsync(Query(context), Cursor(context), PageRows, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Refusal refusal)
        {
            (found, refused) = (([], null), refusal);
        }
        catch (System.Data.Common.DbException)
        {
            found = null;
        }

        var view = PageResults.View(context, refused is null ? null : EdgeCoder.Hosting.Web.ProblemTranslation.Explain(refused), typed);
        return PageResults.Page<UsersPage>(view, refused?.Status ?? StatusCodes.Status200OK, ("People", found?.People), ("Next", found?.Next));
    }

    private static async Task<IResult> OnePageAsync(HttpContext context, PageView view, int status)
    {
        var person = await Desk(context).FindAsync(Id(context), context.RequestAborted).ConfigureAwait(false) ?? throw PeopleDesk.Refused("user_not_found");
        return PageResults.Page<UserPage>(view, status, ("Shown", person), ("PasskeysElsewhere", context.RequestServices.GetRequiredService<RelyingParty>().Elsewhere(context)));
    }

    private static RoleChange Read(ActionInput input, string id)
    {
        var (grant, revoke, role) = (Given("grant"), Given("revoke"), Given("role"));
        (bool Grants, string Role) chosen = (grant, revoke, role) switch
        {
            ({ } name, null, null) => (true, name),
            (null, { } name, null) => (false, name),
            (null, null, "admin") => (true, RoleNames.SystemAdmin),
            (null, null, "user") => (false, RoleNames.SystemAdmin),
            _ => (false, ""),
        };
        if (chosen.Role is not (RoleNames.SystemAdmin or RoleNames.CoordinatorOwner))
        {
            input.Fault("grant", "invalid");
        }

        List<string> ids = [];
        try
        {
            ids = Given("coordinatorIds") is { } text ? [.. JsonSerializer.Deserialize<string[]>(text)!.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] : [];
        }
        catch (JsonException)
        {
            input.Fault("coordinatorIds", "invalid");
        }

        var owner = chosen.Role == RoleNames.CoordinatorOwner;
        if (ids.Count > MostCoordinators || ids.Any(one => !IsNodeId(one)) || (!owner && ids.Count > 0))
        {
            input.Fault("coordinatorIds", "invalid");
        }
        else if (owner && chosen.Grants && ids.Count == 0)
        {
            input.Fault("coordinatorIds", "required");
        }

        input.ThrowIfFaulty();
        return new(id, chosen.Grants, chosen.Role, ids);

        string? Given(string name) => input.Raw(name) is { Length: > 0 } text ? text : null;
    }

    // portal-and-control-plane 1: [A-Za-z0-9][A-Za-z0-9._:-]{2,127}, never with "..".
    private static bool IsNodeId(string text) =>
        text is { Length: >= 3 and <= 128 } && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-') && !text.Contains("..", StringComparison.Ordinal);

    private static JsonObject Json(PersonView person)
    {
        var shown = new JsonObject
        {
            ["userId"] = person.Id,
            ["email"] = person.Email,
            ["role"] = person.Roles.IsSystemAdmin ? "admin" : "user",
            ["roleNames"] = Texts(person.Roles.Names),
            ["byConfiguration"] = Texts(person.Roles.ByConfiguration),
            ["coordinatorIds"] = Texts(person.Roles.Operates.Where(scope => scope != RoleNames.HomeScope)),
            ["emailVerified"] = person.Verified,
            ["createdAtMs"] = person.CreatedAtMs,
            ["disabled"] = person.Disabled,
        };
        if (person.LastSeenMs is { } seen)
        {
            shown["lastSeenMs"] = seen;
        }

        return shown;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static string Query(HttpContext context) => context.Request.Query["query"].ToString().Trim().ToLowerInvariant() is var text && text.Length <= 254 && !text.Any(char.IsControl) ? text : throw Refusal.Invalid([new("query", "part of an address, or an id")]);

    private static string? Cursor(HttpContext context) => context.Request.Query["cursor"].ToString() is { Length: > 0 } text ? text : null;

    private static string Page(string id) => "/portal/ops/users/" + id;

    private static PeopleDesk Desk(HttpContext context) => context.RequestServices.GetRequiredService<PeopleDesk>();

    private static string Id(HttpContext context) =>
        (string)context.Request.RouteValues["id"]! is var id && Guid.TryParseExact(id, "D", out var parsed) && parsed.ToString() == id ? id : throw new Refusal(400, "invalid_id", "The id of a person is a UUID, as lists give it.");
}
