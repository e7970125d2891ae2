using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Accounts;

/// <summary>Routes of a person's own account (portal-and-control-plane 5.1).</summary>
internal static class OwnEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapOwn(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var sessions = services.GetRequiredService<SessionStore>();
        var writer = services.GetRequiredService<IStoreWriter>();
        routes.MapQuery("/me", Access.Person, context => Task.FromResult(Me(context.RequiredPerson())));
        routes.MapAction("POST", "/me/theme", Access.Person, request => SetThemeAsync(request, writer), SettingsEndpoints.Again);
        routes.MapAction("POST", "/me/profile", Access.Person, request => SetProfileAsync(request, writer), SettingsEndpoints.Again);
        routes.MapAction("POST", "/me/password", Access.Person, request => ChangePasswordAsync(request, services.GetRequiredService<PasswordChange>()), SettingsEndpoints.Again);
        routes.MapQuery("/me/sessions", Access.Person, context => SessionsAsync(context, sessions));
        routes.MapAction("DELETE", "/me/sessions", Access.Person, request => EndOthersAsync(request, sessions));
        routes.MapAction("DELETE", "/me/sessions/{id}", Access.Person, request => EndOneAsync(request, sessions));

        // Forms of pages have no DELETE.
        routes.MapAction("POST", "/me/sessions/end-others", Access.Person, request => EndOthersAsync(request, sessions), SettingsEndpoints.Again);
        routes.MapAction("POST", "/me/sessions/{id}/end", Access.Person, request => EndOneAsync(request, sessions), SettingsEndpoints.Again);
    }

    private static JsonObject Me(SignedIn person) => new()
    {
        ["user"] = new JsonObject
        {
            ["userId"] = person.AccountId,
            ["email"] = person.Email,
            ["emailVerified"] = person.EmailVerified,
            ["uiTheme"] = person.Theme,
            ["displayName"] = person.DisplayName,
            ["role"] = person.Roles.IsSystemAdmin ? "admin" : "user",
            ["roles"] = new JsonObject
            {
                ["isSystemAdmin"] = person.Roles.IsSystemAdmin,
                ["isCoordinatorAdmin"] = person.Roles.IsCoordinatorAdmin,
                ["isNodeContributor"] = person.Roles.IsNodeContributor,
                ["isCoordinatorOwner"] = person.Roles.IsCoordinatorOwner,
            },
            ["roleNames"] = new JsonArray([.. person.Roles.Names.Select(name => JsonValue.Create(name))]),
        },
        // Nobody has a node before nodes can be enrolled here.
        ["nodes"] = new JsonArray(),
    };

    private static async Task<ActionOutcome> SetThemeAsync(ActionRequest request, IStoreWriter writer)
    {
        var theme = request.Input.Raw("theme") ?? "";
        if (!Themes.All.Contains(theme))
        {
            throw new Refusal(400, "invalid_theme", $"There are the themes {string.Join(", ", Themes.All)}.");
        }

        var id = request.Http.RequiredPerson().AccountId;
        await writer.WriteAsync(batch => batch.Execute("UPDATE accounts SET theme = $1 WHERE id = $2", theme, id), request.Cancelled).ConfigureAwait(false);
        return new(new() { ["ok"] = true, ["theme"] = theme }, "/portal/settings?done=theme");
    }

    private static async Task<ActionOutcome> SetProfileAsync(ActionRequest request, IStoreWriter writer)
    {
        var name = request.Input.OptionalText("displayName", 2, 100);
        request.Input.ThrowIfFaulty();
        var id = request.Http.RequiredPerson().AccountId;
        await writer.WriteAsync(batch => batch.Execute("UPDATE accounts SET display_name = $1 WHERE id = $2", name, id), request.Cancelled).ConfigureAwait(false);
        return new(new() { ["ok"] = true, ["displayName"] = name }, "/portal/settings?done=profile");
    }

    private static async Task<ActionOutcome> ChangePasswordAsync(ActionRequest request, PasswordChange change)
    {
        var person = request.Http.RequiredPerson();
        var current = request.Input.Raw("currentPassword") ?? "";
        if (current.Length is 0 or > PasswordRules.MostCharacters)
        {
            request.Input.Fault("currentPassword", "required");
        }

        var password = AccountEndpoints.NewPassword(request.Input, "newPassword", person.Email);
        request.Input.ThrowIfFaulty();
        if (!await change.ChangeAsync(person, current, password, request.Visitor, request.Cancelled).ConfigureAwait(false))
        {
            request.Input.Fault("currentPassword", "wrong");
            request.Input.ThrowIfFaulty();
        }

        return ActionOutcome.Ok("/portal/settings?done=password");
    }

    private static async Task<JsonObject> SessionsAsync(HttpContext context, SessionStore sessions)
    {
        var person = context.RequiredPerson();
        var rows = await sessions.ListAsync(person.AccountId, context.RequestAborted).ConfigureAwait(false);
        return new()
        {
            ["sessions"] = new JsonArray([.. rows.Select(row => new JsonObject
            {
                ["id"] = row.Id,
                ["device"] = row.Device,
                ["address"] = row.Address,
                ["createdAtMs"] = row.CreatedAtMs,
                ["lastSeenMs"] = row.LastSeenMs,
                ["current"] = row.KeyHash == person.KeyHash,
            })]),
        };
    }

    private static async Task<ActionOutcome> EndOthersAsync(ActionRequest request, SessionStore sessions)
    {
        var person = request.Http.RequiredPerson();
        var ended = await sessions.EndOthersAsync(person, request.Cancelled).ConfigureAwait(false);
        return new(new() { ["ok"] = true, ["ended"] = ended }, "/portal/settings?done=others");
    }

    private static async Task<ActionOutcome> EndOneAsync(ActionRequest request, SessionStore sessions)
    {
        var id = (string)request.Http.Request.RouteValues["id"]!;
        if (!Guid.TryParseExact(id, "D", out var parsed) || parsed.ToString() != id)
        {
            throw new Refusal(400, "invalid_id", "The id of a session is a UUID, as lists give it.");
        }

        if (!await sessions.EndOneAsync(request.Http.RequiredPerson(), id, request.Cancelled).ConfigureAwait(false))
        {
            throw new Refusal(404, "session_not_found", "You have no such session. It may have ended.");
        }

        return ActionOutcome.Ok("/portal/settings?done=session");
    }
}
