using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Tasks;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Escalations;

/// <summary>Routes and pages of escalations (portal-and-control-plane 14.3).</summary>
internal static class EscalationEndpoints
{
    private const int MostCharacters = 60_000;

    /// <summary>Maps them.</summary>
    public static void MapEscalations(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var desk = services.GetRequiredService<EscalationDesk>();
        routes.MapQuery("/portal/api/escalations", Access.Person, async context =>
        {
            var all = context.Request.Query["status"] == "all";
            var found = context.Request.Query["scope"] == "operated"
                ? await desk.OperatedAsync(context.RequiredPerson(), all, context.RequestAborted).ConfigureAwait(false) : await desk.MineAsync(context.RequiredPerson(), all, context.RequestAborted).ConfigureAwait(false);
            return new() { ["escalations"] = new JsonArray([.. found.Select(one => Record(one with { AccountId = null }))]) };
        });
        routes.MapQuery("/portal/api/escalations/pending-count", Access.Person, async context => new() { ["count"] = (await desk.MineAsync(context.RequiredPerson(), false, context.RequestAborted).ConfigureAwait(false)).Count });
        routes.MapQuery("/portal/api/escalations/{id}", Access.Person, async context =>
            new() { ["escalation"] = Record((await desk.FindAsync(context.RequiredPerson(), InputTexts.UuidOf(context), AuditSource.Of(context), context.RequestAborted).ConfigureAwait(false)).Detail with { AccountId = null }) });
        routes.MapAction("POST", "/portal/api/escalations/{id}/respond", Access.Person, request => RespondAsync(request, desk, services), (context, view, status) => PageAsync(context, view, status, desk));
        routes.MapAction("POST", "/portal/api/tasks/{id}/help", Access.Person, request => HelpAsync(request, services), services.GetRequiredService<TaskPages>().OneAsync);
        routes.MapPage("/portal/escalations", Access.Person, context => ListPageAsync(context, desk));
        routes.MapPage("/portal/escalations/{id}", Access.Person, context => PageAsync(context, PageResults.View(context), StatusCodes.Status200OK, desk));
    }

    /// <summary>The record of 14.3: the person's record where there is one, with what belongs to the whole.</summary>
    private static JsonObject Record(EscalationDetail detail)
    {
        var record = JsonSerializer.SerializeToNode(detail, InferenceJson.Default.EscalationDetail)!.AsObject();
        if (detail.Human is { } human)
        {
            record.Remove("human");
            foreach (var (name, value) in JsonSerializer.SerializeToNode(human, InferenceJson.Default.HumanEscalation)!.AsObject())
            {
                record[name] = value?.DeepClone();
            }
        }

        return record;
    }

    private static async Task<ActionOutcome> RespondAsync(ActionRequest request, EscalationDesk desk, IServiceProvider services)
    {
        var (person, id) = (request.Http.RequiredPerson(), InputTexts.UuidOf(request.Http));
        var action = request.Input.Raw("action") is null ? request.Input.Fault("action", "required") : request.Input.Choice("action", "provide_context", "edit_code", "abandon");
        var context = request.Input.Lines("context", MostCharacters);
        var edited = request.Input.Lines("editedCode", MostCharacters);
        request.Input.ThrowIfFaulty();
        await services.GetRequiredService<LimitCounter>().TakeAsync(request.Cancelled, (services.GetRequiredService<PortalSettings>().Limits.Answer, person.AccountId)).ConfigureAwait(false);
        var answer = await desk.RespondAsync(person, id, action, context, edited, AuditSource.Of(request.Http), request.Cancelled).ConfigureAwait(false);
        return new(answer, $"/portal/escalations/{id}?done=answered");
    }

    private static async Task<ActionOutcome> HelpAsync(ActionRequest request, IServiceProvider services)
    {
        var (person, id) = (request.Http.RequiredPerson(), InputTexts.ClientIdOf(request.Http));
        var allow = request.Input.Choice("allow", "yes", "no") == "yes";
        request.Input.ThrowIfFaulty();

        // Whose task it is, says the coordinator.
        await services.GetRequiredService<TaskDesk>().AskAsync(person, HttpMethod.Get, ["tasks", id], request.Cancelled).ConfigureAwait(false);
        await services.GetRequiredService<HelpConsents>().SetAsync(person.AccountId, id, allow, AuditSource.Of(request.Http), request.Cancelled).ConfigureAwait(false);
        return new(new() { ["ok"] = true, ["operatorsMayHelp"] = allow }, $"/portal/tasks/{id}?done=help");
    }

    private static async Task<IResult> ListPageAsync(HttpContext context, EscalationDesk desk)
    {
        var view = PageResults.View(context);
        IReadOnlyList<EscalationDetail>? mine = null, operated = null;
        string? away = null;
        try
        {
            mine = await desk.MineAsync(view.Person!, all: true, context.RequestAborted).ConfigureAwait(false);
            operated = await desk.SeesOthersAsync(view.Person!, context.RequestAborted).ConfigureAwait(false) ? await desk.OperatedAsync(view.Person!, all: false, context.RequestAborted).ConfigureAwait(false) : null;
        }
        catch (Refusal refusal)
        {
            away = refusal.Message;
        }

        return PageResults.Page<EscalationsPage>(view, StatusCodes.Status200OK, ("Mine", mine), ("Operated", operated?.Where(one => mine is null || mine.All(own => own.EscalationId != one.EscalationId)).ToList()), ("Away", away));
    }

    private static async Task<IResult> PageAsync(HttpContext context, PageView view, int status, EscalationDesk desk)
    {
        var (detail, _, content, own) = await desk.FindAsync(view.Person!, InputTexts.UuidOf(context), AuditSource.Of(context), context.RequestAborted).ConfigureAwait(false);
        return PageResults.Page<EscalationPage>(view, status, ("Detail", detail), ("Content", content), ("Own", own));
    }
}
