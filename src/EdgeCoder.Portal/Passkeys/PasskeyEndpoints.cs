using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>Routes of passkeys and of step-up (portal-and-control-plane 7).</summary>
internal static class PasskeyEndpoints
{
    /// <summary>The action that deletes a passkey.</summary>
    public const string DeleteAction = "passkey.delete";

    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);

    /// <summary>Maps them.</summary>
    public static void MapPasskeys(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var desk = services.GetRequiredService<PasskeyDesk>();
        var limits = services.GetRequiredService<LimitCounter>();
        var settings = services.GetRequiredService<PortalSettings>();
        routes.MapAction("POST", "/auth/passkey/register/options", Access.Person, request => OfferAsync(request, desk, limits, settings, services.GetRequiredService<TimeProvider>()));
        routes.MapAction("POST", "/auth/passkey/register/verify", Access.Person, request => RegisterAsync(request, desk, limits, settings));
        routes.MapAction("POST", "/auth/passkey/login/options", Access.Anyone, request => AskAsync(request, desk, limits, settings));
        routes.MapAction("POST", "/auth/passkey/login/verify", Access.Anyone, request => SignInAsync(request, desk, limits, settings));
        var actions = services.GetServices<StepUpAction>().Select(action => action.Name).ToHashSet(StringComparer.Ordinal);
        routes.MapAction("POST", "/auth/step-up/options", Access.Person, request => StepUpAsync(request, services.GetRequiredService<StepUp>(), actions, limits, settings));
        routes.MapQuery("/me/passkeys", Access.Person, context => ListAsync(context, desk));
        routes.MapAction("PATCH", "/me/passkeys/{id}", Access.Person, request => RenameAsync(request, desk));
        routes.MapAction("DELETE", "/me/passkeys/{id}", Access.Person, request => DeleteAsync(request, services));
    }

    private static async Task<ActionOutcome> OfferAsync(ActionRequest request, PasskeyDesk desk, LimitCounter limits, PortalSettings settings, TimeProvider time)
    {
        var person = request.Http.RequiredPerson();
        if (time.GetUtcNow().ToUnixTimeMilliseconds() - person.SignedInAtMs > Recent.TotalMilliseconds)
        {
            throw new Refusal(403, "step_up_required", "Your sign-in is more than ten minutes old. Sign out and in again, then add the passkey.") { More = new Dictionary<string, JsonElement> { ["action"] = JsonSerializer.SerializeToElement("passkey.register") } };
        }

        await TakeAsync(request, limits, settings).ConfigureAwait(false);
        return Options(await desk.OfferAsync(request.Http, person).ConfigureAwait(false));
    }

    private static async Task<ActionOutcome> RegisterAsync(ActionRequest request, PasskeyDesk desk, LimitCounter limits, PortalSettings settings)
    {
        var name = request.Input.OptionalText("name", 1, 60) ?? request.Visitor.Device;
        request.Input.ThrowIfFaulty();
        await TakeAsync(request, limits, settings).ConfigureAwait(false);
        var row = await desk.RegisterAsync(request.Http, request.Http.RequiredPerson(), request.Input.Raw("challengeId"), request.Input.Raw("response"), name, request.Visitor).ConfigureAwait(false);
        return new(new() { ["ok"] = true, ["passkey"] = View(row) }, "/portal/settings");
    }

    private static async Task<ActionOutcome> AskAsync(ActionRequest request, PasskeyDesk desk, LimitCounter limits, PortalSettings settings)
    {
        await TakeAsync(request, limits, settings).ConfigureAwait(false);
        return Options(await desk.AskAsync(request.Http).ConfigureAwait(false));
    }

    private static async Task<ActionOutcome> SignInAsync(ActionRequest request, PasskeyDesk desk, LimitCounter limits, PortalSettings settings)
    {
        await TakeAsync(request, limits, settings).ConfigureAwait(false);
        var (account, key) = await desk.SignInAsync(request.Http, request.Input.Raw("challengeId"), request.Input.Raw("response"), request.Input.Raw("credentialId"), request.Visitor).ConfigureAwait(false);
        SessionCookie.Give(request.Http, settings, key);
        return new(AccountEndpoints.SignedInBody(request.Http, account, key), PageRequests.Home);
    }

    private static async Task<ActionOutcome> StepUpAsync(ActionRequest request, StepUp stepUp, HashSet<string> actions, LimitCounter limits, PortalSettings settings)
    {
        var person = request.Http.RequiredPerson();
        await limits.TakeAsync(request.Cancelled, (settings.Limits.StepUp, person.AccountId)).ConfigureAwait(false);
        var action = request.Input.Raw("action");
        if (action is null || !actions.Contains(action))
        {
            request.Input.Fault("action", "invalid");
        }

        JsonObject? parameters = null;
        try
        {
            parameters = JsonNode.Parse(request.Input.Raw("params") is { Length: > 0 } text ? text : "{}") as JsonObject;
        }
        catch (JsonException)
        {
            // Told below.
        }

        if (parameters is null)
        {
            request.Input.Fault("params", "invalid");
        }

        request.Input.ThrowIfFaulty();
        return new(await stepUp.AskAsync(request.Http, person, action!, parameters!).ConfigureAwait(false), "/portal/settings");
    }

    private static async Task<JsonObject> ListAsync(HttpContext context, PasskeyDesk desk) =>
        new() { ["passkeys"] = new JsonArray([.. (await desk.ListAsync(context.RequiredPerson().AccountId, context.RequestAborted).ConfigureAwait(false)).Select(View)]) };

    private static async Task<ActionOutcome> RenameAsync(ActionRequest request, PasskeyDesk desk)
    {
        var name = request.Input.Text("name", 1, 60);
        request.Input.ThrowIfFaulty();
        return await desk.RenameAsync(request.Http.RequiredPerson().AccountId, Id(request), name, request.Cancelled).ConfigureAwait(false) ? ActionOutcome.Ok("/portal/settings") : throw Absent();
    }

    /// <summary>Deletes a passkey after a step-up; the session gets a new key.</summary>
    private static async Task<ActionOutcome> DeleteAsync(ActionRequest request, IServiceProvider services)
    {
        var (person, id) = (request.Http.RequiredPerson(), Id(request));
        var proof = await services.GetRequiredService<StepUp>().ProveAsync(request, DeleteAction, new() { ["passkeyId"] = id }).ConfigureAwait(false);
        var by = AuditSource.Of(person);
        var sessions = services.GetRequiredService<SessionStore>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
        var key = await services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch =>
            {
                proof.Use(batch);
                if (!PasskeyDesk.Delete(batch, person.AccountId, id))
                {
                    throw Absent();
                }

                AuditLog.Append(batch, by, "passkey.removed", person.Actor, now, before: new() { ["passkeyId"] = id }, evidenceRef: proof.EvidenceRef);
                return sessions.Start(batch, person.AccountId, request.Visitor, now);
            },
            request.Cancelled).ConfigureAwait(false);
        SessionCookie.Give(request.Http, services.GetRequiredService<PortalSettings>(), key);
        var body = new JsonObject { ["ok"] = true };
        if (AccountEndpoints.IsProgram(request.Http))
        {
            body["sessionToken"] = key;
        }

        return new(body, "/portal/settings");
    }

    private static ActionOutcome Options((string ChallengeId, string Options) made) => new(new() { ["challengeId"] = made.ChallengeId, ["options"] = JsonNode.Parse(made.Options) }, "/portal/settings");

    private static Task TakeAsync(ActionRequest request, LimitCounter limits, PortalSettings settings) => limits.TakeAsync(request.Cancelled, (settings.Limits.Passkeys, request.Visitor.Address));

    private static string Id(ActionRequest request) =>
        (string)request.Http.Request.RouteValues["id"]! is var id && Guid.TryParseExact(id, "D", out var parsed) && parsed.ToString() == id ? id : throw new Refusal(400, "invalid_id", "The id of a passkey is a UUID, as lists give it.");

    private static JsonObject View(PasskeyRow row) => new()
    {
        ["id"] = row.Id,
        ["name"] = row.Name,
        ["createdAtMs"] = row.CreatedAtMs,
        ["lastUsedAtMs"] = row.LastUsedAtMs,
        ["backedUp"] = row.BackedUp != 0,
    };

    private static Refusal Absent() => new(404, "passkey_not_found", "You have no such passkey.");
}
