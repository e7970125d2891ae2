using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Changes;

/// <summary>Routes of change requests (portal-and-control-plane 10.1), for system-admins: every change that waits now is theirs to decide.</summary>
internal static class ChangeEndpoints
{
    private const int Shown = 50;

    /// <summary>Maps them.</summary>
    public static void MapChanges(this IEndpointRouteBuilder routes)
    {
        routes.MapQuery("/portal/api/changes", Access.SystemAdmin, ListAsync);
        routes.MapQuery("/portal/api/changes/{id}", Access.SystemAdmin, OneAsync);
        routes.MapAction("POST", "/portal/api/changes/{id}/approve", Access.SystemAdmin, ApproveAsync);
        routes.MapAction("POST", "/portal/api/changes/{id}/reject", Access.SystemAdmin, RejectAsync, PageAsync);
        routes.MapAction("POST", "/portal/api/changes/{id}/withdraw", Access.SystemAdmin, WithdrawAsync, PageAsync);
        routes.MapPage("/portal/ops/changes", Access.SystemAdmin, context => PageAsync(context, PageResults.View(context), StatusCodes.Status200OK));
    }

    private static async Task<JsonObject> ListAsync(HttpContext context)
    {
        var found = await ReadAsync(context).ConfigureAwait(false);
        var now = Now(context);
        return new() { ["changes"] = new JsonArray([.. found.Select(one => Json(one.Change, one.Approvals, now))]) };
    }

    private static async Task<JsonObject> OneAsync(HttpContext context)
    {
        var (change, approvals) = await FindAsync(context).ConfigureAwait(false);
        return Json(change, approvals, Now(context));
    }

    private static async Task<ActionOutcome> ApproveAsync(ActionRequest request)
    {
        var (change, _) = await FindAsync(request.Http).ConfigureAwait(false);
        var (status, fault, key) = await Desk(request.Http).ApproveAsync(request, change).ConfigureAwait(false);
        SessionCookie.Give(request.Http, request.Http.RequestServices.GetRequiredService<PortalSettings>(), key);
        var body = new JsonObject { ["ok"] = fault is null, ["changeId"] = change.Id, ["status"] = EnumText.Of(status) };
        if (fault is not null)
        {
            body["reason"] = fault;
        }

        if (AccountEndpoints.IsProgram(request.Http))
        {
            body["sessionToken"] = key;
        }

        return new(body, "/portal/ops/changes");
    }

    private static async Task<ActionOutcome> RejectAsync(ActionRequest request)
    {
        var (change, _) = await FindAsync(request.Http).ConfigureAwait(false);
        var reason = request.Input.Text("reason", 3, 300);
        if (reason.Length > 0 && !AuditLog.IsReason(reason))
        {
            request.Input.Fault("reason", "no_addresses");
        }

        request.Input.ThrowIfFaulty();
        await Desk(request.Http).RejectAsync(request.Http.RequiredPerson(), change, reason, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal/ops/changes?done=change-rejected");
    }

    private static async Task<ActionOutcome> WithdrawAsync(ActionRequest request)
    {
        var (change, _) = await FindAsync(request.Http).ConfigureAwait(false);
        await Desk(request.Http).WithdrawAsync(request.Http.RequiredPerson(), change, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal/ops/changes?done=change-withdrawn");
    }

    private static async Task<IResult> PageAsync(HttpContext context, PageView view, int status)
    {
        IReadOnlyList<ChangeView>? changes;
        try
        {
            var found = await ReadAsync(context).ConfigureAwait(false);
            var names = await NamesAsync(context, found).ConfigureAwait(false);
            var desk = Desk(context);
            changes =
            [
                .. found.Select(one => new ChangeView(
                    one.Change.Id, desk.Describe(one.Change), one.Change.ActionHash, Name(one.Change.ProposedBy), one.Change.ProposedBy == view.Person!.Actor, one.Change.ProposedAtMs, one.Change.ExpiresAtMs,
                    EnumText.Of(Status(one.Change, view.NowMs)), [.. one.Approvals.Select(approval => Name(approval.Actor))], one.Change.Required, one.Change.Reason, Target(one.Change) is { } target ? Name(target) : null)),
            ];

            string Name(string actor) => names.GetValueOrDefault(actor, actor);
        }
        catch (System.Data.Common.DbException)
        {
            changes = null;
        }

        return PageResults.Page<ChangesPage>(view, status, ("Changes", changes), ("PasskeysElsewhere", context.RequestServices.GetRequiredService<RelyingParty>().Elsewhere(context)));
    }

    private static async Task<List<(ChangeRow Change, List<ChangeApprovalRow> Approvals)>> ReadAsync(HttpContext context)
    {
        await using var store = await Contexts(context).CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
        var waiting = await store.Set<ChangeRow>().Where(row => row.Status == ChangeStatus.Pending).OrderByDescending(row => row.ProposedAtMs).ThenBy(row => row.Id).Take(Shown).ToListAsync(context.RequestAborted).ConfigureAwait(false);
        var decided = await store.Set<ChangeRow>().Where(row => row.Status != ChangeStatus.Pending).OrderByDescending(row => row.ProposedAtMs).ThenBy(row => row.Id).Take(Shown).ToListAsync(context.RequestAborted).ConfigureAwait(false);
        List<ChangeRow> rows = [.. waiting, .. decided];
        string[] ids = [.. rows.Select(row => row.Id)];
        var approvals = await store.Set<ChangeApprovalRow>().Where(row => ids.Contains(row.ChangeId)).OrderBy(row => row.AtMs).ThenBy(row => row.Actor).ToListAsync(context.RequestAborted).ConfigureAwait(false);
        return [.. rows.Select(row => (row, approvals.Where(approval => approval.ChangeId == row.Id).ToList()))];
    }

    private static async Task<(ChangeRow Change, List<ChangeApprovalRow> Approvals)> FindAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        if (!Guid.TryParseExact(id, "D", out var parsed) || parsed.ToString() != id)
        {
            throw new Refusal(400, "invalid_id", "The id of a change is a UUID, as lists give it.");
        }

        await using var store = await Contexts(context).CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
        var change = await store.Set<ChangeRow>().FirstOrDefaultAsync(row => row.Id == id, context.RequestAborted).ConfigureAwait(false) ?? throw ChangeDesk.Absent();
        return (change, await store.Set<ChangeApprovalRow>().Where(row => row.ChangeId == id).OrderBy(row => row.AtMs).ThenBy(row => row.Actor).ToListAsync(context.RequestAborted).ConfigureAwait(false));
    }

    private static async Task<Dictionary<string, string>> NamesAsync(HttpContext context, List<(ChangeRow Change, List<ChangeApprovalRow> Approvals)> found)
    {
        const string user = "user:";
        string[] ids = [.. found.SelectMany(one => one.Approvals.Select(approval => approval.Actor).Append(one.Change.ProposedBy).Append(Target(one.Change) ?? user)).Select(actor => actor[user.Length..]).Distinct()];
        await using var store = await Contexts(context).CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
        return await store.Set<AccountRow>().Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => user + row.Id, row => row.Email, context.RequestAborted).ConfigureAwait(false);
    }

    // Whom a change is about, where it is about a person.
    private static string? Target(ChangeRow change) =>
        JsonNode.Parse(change.CanonicalAction)!["params"]?["userId"] is JsonValue value && value.TryGetValue<string>(out var id) ? "user:" + id : null;

    private static ChangeStatus Status(ChangeRow change, long nowMs) => change.Status == ChangeStatus.Pending && change.ExpiresAtMs <= nowMs ? ChangeStatus.Expired : change.Status;

    private static JsonObject Json(ChangeRow change, List<ChangeApprovalRow> approvals, long nowMs)
    {
        var shown = new JsonObject
        {
            ["changeId"] = change.Id,
            ["action"] = change.Action,
            ["canonicalAction"] = Encoding.UTF8.GetString(change.CanonicalAction),
            ["actionHash"] = change.ActionHash,
            ["proposedBy"] = change.ProposedBy,
            ["proposedAtMs"] = change.ProposedAtMs,
            ["expiresAtMs"] = change.ExpiresAtMs,
            ["required"] = change.Required,
            ["approvals"] = new JsonArray([.. approvals.Select(approval => new JsonObject { ["actor"] = approval.Actor, ["method"] = approval.Method, ["atMs"] = approval.AtMs, ["evidenceRef"] = approval.EvidenceRef })]),
            ["status"] = EnumText.Of(Status(change, nowMs)),
        };
        if (change.Reason is not null)
        {
            shown["reason"] = change.Reason;
        }

        return shown;
    }

    private static ChangeDesk Desk(HttpContext context) => context.RequestServices.GetRequiredService<ChangeDesk>();

    private static IDbContextFactory<PortalContext> Contexts(HttpContext context) => context.RequestServices.GetRequiredService<IDbContextFactory<PortalContext>>();

    private static long Now(HttpContext context) => context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
}
