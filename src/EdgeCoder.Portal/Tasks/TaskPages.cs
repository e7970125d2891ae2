using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Escalations;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Reviews;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Tasks;

/// <summary>Pages of tasks. Where the coordinator is away they say so, and the rest of the portal works.</summary>
/// <param name="desk">Tasks.</param>
/// <param name="reviews">Decisions.</param>
/// <param name="consents">Whether operators may help.</param>
internal sealed class TaskPages(TaskDesk desk, ReviewStore reviews, HelpConsents consents)
{
    private const int PageSize = 50;

    /// <summary>The list with its form, also after the form was refused.</summary>
    public async Task<IResult> ListAsync(HttpContext context, PageView view, int status)
    {
        TaskList? list = null;
        Refusal? away = null;
        try
        {
            list = TaskDesk.Tasks(await desk.ListAsync(view.Person!, context.Request.Query["state"], context.Request.Query["cursor"], PageSize, context.RequestAborted).ConfigureAwait(false));
        }
        catch (Refusal refusal)
        {
            away = refusal;
        }

        return PageResults.Page<TasksPage>(view, status, ("Tasks", list), ("Away", away?.Message), ("Key", view.Value("key") is { Length: > 0 } key && view.Problem?.Error != "idempotency_key_reused" ? key : Guid.NewGuid().ToString()));
    }

    /// <summary>One task. Throws what the coordinator refuses, which is then the page.</summary>
    public async Task<IResult> OneAsync(HttpContext context, PageView view, int status)
    {
        var (person, id) = (view.Person!, InputTexts.ClientIdOf(context));
        var found = await desk.FindAsync(person, id, context.RequestAborted).ConfigureAwait(false);
        var task = TaskDesk.Read(found, MeshJson.Default.TaskView) ?? throw new Refusal(502, "coordinator_request_failed", "The coordinator gave an answer that this portal cannot read.");
        var result = TaskDesk.Read(found["result"], MeshJson.Default.TaskResult);
        var patch = result?.PatchDigest is { } digest ? await desk.BlobAsync(person, digest, context.RequestAborted).ConfigureAwait(false) : null;
        return PageResults.Page<TaskPage>(
            view,
            status,
            ("Model", new TaskPageModel
            {
                Task = task,
                Explain = TaskDesk.Read(found["explain"], MeshJson.Default.TaskExplanation),
                Result = result,
                Patch = patch is null ? null : Encoding.UTF8.GetString(patch),
                Receipts = found["receipts"]?["receipts"] is JsonArray { Count: var count } ? count : null,
                Decision = (await reviews.FindAsync(person.AccountId, id, context.RequestAborted).ConfigureAwait(false))?.Decision,
                OperatorsMayHelp = await consents.HasAsync(id, context.RequestAborted).ConfigureAwait(false),
                Unavailable = [.. found["unavailable"]!.AsArray().Select(name => (string)name!)],
            }));
    }
}
