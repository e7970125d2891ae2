using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Reviews;

/// <summary>Routes and pages of reviews (portal-and-control-plane 14.2).</summary>
internal static class ReviewEndpoints
{
    private const int MostCharacters = 60_000;

    /// <summary>Maps them.</summary>
    public static void MapReviews(this IEndpointRouteBuilder routes)
    {
        var desk = routes.ServiceProvider.GetRequiredService<ReviewDesk>();
        routes.MapQuery("/portal/api/reviews", Access.Person, context => ListAsync(context, desk));
        routes.MapQuery("/portal/api/reviews/{id}", Access.Person, async context => Json(await desk.FindAsync(context.RequiredPerson(), InputTexts.ClientIdOf(context), context.RequestAborted).ConfigureAwait(false)));
        routes.MapAction("POST", "/portal/api/reviews/{id}/decision", Access.Person, request => DecideAsync(request, desk), (context, view, status) => PageAsync(context, view, status, desk));
        routes.MapPage("/portal/reviews", Access.Person, context => ListPageAsync(context, desk));
        routes.MapPage("/portal/reviews/{id}", Access.Person, context => PageAsync(context, PageResults.View(context), StatusCodes.Status200OK, desk));
        routes.MapPage("/portal/api/reviews/{id}/kept", Access.Person, context => KeptAsync(context, desk));
    }

    private static async Task<JsonObject> ListAsync(HttpContext context, ReviewDesk desk)
    {
        var (items, next) = await desk.ListAsync(context.RequiredPerson(), context.Request.Query["status"], context.Request.Query["cursor"], context.RequestAborted).ConfigureAwait(false);
        var answer = new JsonObject
        {
            ["reviews"] = new JsonArray([.. items.Select(one => new JsonObject
            {
                ["taskId"] = one.Task.TaskId,
                ["status"] = one.Decision?.Decision ?? "pending",
                ["task"] = one.Task.Prompt,
                ["language"] = one.Task.Language,
                ["createdAtMs"] = one.Task.CreatedAtMs,
            })]),
        };
        if (next is not null)
        {
            answer["nextCursor"] = next;
        }

        return answer;
    }

    private static JsonObject Json(ReviewItem item)
    {
        var answer = new JsonObject
        {
            ["taskId"] = item.Task.TaskId,
            ["status"] = item.Decision?.Decision ?? "pending",
            ["improvedCode"] = item.IsPatch ? null : item.Improved,
            ["patch"] = item.IsPatch ? item.Improved : null,
            ["explanation"] = item.Escalation?.Explanation,
            ["resolvedByModel"] = item.Escalation?.ResolvedByModel ?? item.Result.Outputs?.FirstOrDefault()?.Model?.ModelId,
            ["task"] = item.Task.Prompt,
            ["failedCode"] = item.Escalation?.FailedCode,
            ["language"] = item.Task.Language,
            ["errorHistory"] = new JsonArray([.. (item.Escalation?.ErrorHistory ?? []).Select(error => JsonValue.Create(error))]),
            ["createdAtMs"] = item.Task.CreatedAtMs,
        };
        if (item.Result.TestReport is { } tests)
        {
            answer["verdict"] = new JsonObject { ["testsRun"] = tests.Run, ["testsPassed"] = tests.Passed };
        }

        if (item.Decision is { } made)
        {
            answer["decision"] = new JsonObject { ["by"] = "user:" + made.AccountId, ["atMs"] = made.AtMs, ["before"] = made.BeforeSha256, ["after"] = made.AfterSha256, ["note"] = made.Note, ["nextTaskId"] = made.NextTaskId };
        }

        return answer;
    }

    private static async Task<ActionOutcome> DecideAsync(ActionRequest request, ReviewDesk desk)
    {
        var (person, id) = (request.Http.RequiredPerson(), InputTexts.ClientIdOf(request.Http));
        var decision = request.Input.Raw("decision") is null ? request.Input.Fault("decision", "required") : request.Input.Choice("decision", "accept", "reject", "edit");
        var edited = request.Input.Lines("editedCode", MostCharacters);
        var note = request.Input.Lines("note", 2_000);
        request.Input.ThrowIfFaulty();
        var (row, verdict) = await desk.DecideAsync(person, id, decision, edited, note, request.Input.Raw("again") is "yes" or "true", AuditSource.Of(request.Http), request.Cancelled).ConfigureAwait(false);
        if (row is null)
        {
            var more = new Dictionary<string, JsonElement> { ["verdict"] = JsonSerializer.SerializeToElement(verdict!, Protocol.MeshJson.Default.CheckAnswer) };
            throw new Refusal(422, "edited_code_rejected", $"Your code did not pass the frozen check ({verdict!.ReasonCode}, {verdict.TestsPassed} of {verdict.TestsRun} tests passed). Nothing was decided; correct it and send it again.") { More = more };
        }

        var body = new JsonObject { ["ok"] = true, ["detail"] = row.Decision, ["status"] = row.Decision };
        if (verdict is not null)
        {
            body["verdict"] = JsonSerializer.SerializeToNode(verdict, Protocol.MeshJson.Default.CheckAnswer);
        }

        if (row.NextTaskId is not null)
        {
            body["nextTaskId"] = row.NextTaskId;
        }

        return new(body, row.NextTaskId is null ? $"/portal/reviews/{id}?done=review" : $"/portal/tasks/{row.NextTaskId}");
    }

    private static async Task<IResult> KeptAsync(HttpContext context, ReviewDesk desk)
    {
        var item = await desk.FindAsync(context.RequiredPerson(), InputTexts.ClientIdOf(context), context.RequestAborted).ConfigureAwait(false);
        var kept = item.Decision switch { { Decision: "accepted" } => item.Improved, { EditedCode: { } edited } => edited, _ => throw new Refusal(404, "nothing_kept", "Nothing of this result is kept.") };
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{item.Task.TaskId.Replace(':', '-')}.{(item.IsPatch ? "patch" : "txt")}\"";
        return Results.Bytes(Encoding.UTF8.GetBytes(kept), "application/octet-stream");
    }

    private static async Task<IResult> ListPageAsync(HttpContext context, ReviewDesk desk)
    {
        var view = PageResults.View(context);
        try
        {
            var (items, next) = await desk.ListAsync(view.Person!, context.Request.Query["status"], context.Request.Query["cursor"], context.RequestAborted).ConfigureAwait(false);
            return PageResults.Page<ReviewsPage>(view, 200, ("Items", items.Select(one => new ReviewLine(one.Task, one.Decision?.Decision)).ToList()), ("Next", next));
        }
        catch (Refusal away)
        {
            return PageResults.Page<ReviewsPage>(view, 200, ("Away", away.Message));
        }
    }

    private static async Task<IResult> PageAsync(HttpContext context, PageView view, int status, ReviewDesk desk)
    {
        var item = await desk.FindAsync(view.Person!, InputTexts.ClientIdOf(context), context.RequestAborted).ConfigureAwait(false);
        var before = item.Escalation?.FailedCode;
        return PageResults.Page<ReviewPage>(
            view,
            status,
            ("Task", item.Task),
            ("Improved", item.Improved),
            ("IsPatch", item.IsPatch),
            ("Lines", before is { Length: > 0 } && !item.IsPatch ? LineDiff.Of(before, item.Improved) : null),
            ("Errors", item.Escalation?.ErrorHistory ?? []),
            ("Explanation", item.Escalation?.Explanation),
            ("Result", item.Result),
            ("Decided", item.Decision is { } made ? new DecidedReview(made.Decision, made.AtMs, made.Note, made.EditedCode, made.NextTaskId, made.BeforeSha256, made.AfterSha256) : null),
            ("Inline", context.Request.Query["view"] == "inline"));
    }
}
