using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tasks;

/// <summary>Routes of a person's tasks (portal-and-control-plane 11): the coordinator's task API for the person's account.</summary>
internal static class TaskEndpoints
{
    private const int PageSize = 50;
    private static readonly TimeSpan SessionLook = TimeSpan.FromSeconds(2);

    /// <summary>Maps them.</summary>
    public static void MapTasks(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var (desk, pages) = (services.GetRequiredService<TaskDesk>(), services.GetRequiredService<TaskPages>());
        routes.MapQuery("/portal/api/tasks", Access.Person, context => desk.ListAsync(context.RequiredPerson(), context.Request.Query["state"], context.Request.Query["cursor"], PageSize, context.RequestAborted));
        routes.MapAction("POST", "/portal/api/tasks", Access.Person, request => SubmitAsync(request, desk, services), pages.ListAsync);
        routes.MapQuery("/portal/api/tasks/{id}", Access.Person, context => desk.FindAsync(context.RequiredPerson(), InputTexts.ClientIdOf(context), context.RequestAborted));
        routes.MapMethods("/portal/api/tasks/{id}/events", [HttpMethods.Get], context => PipeAsync(context, services)).WithMetadata(new AccessRule(Access.Person));
        routes.MapAction("POST", "/portal/api/tasks/{id}/cancel", Access.Person, request => CancelAsync(request, desk, services), pages.OneAsync);
        routes.MapPage("/portal/api/tasks/{id}/output", Access.Person, context => OutputAsync(context, desk));
        routes.MapPage("/portal/api/tasks/{id}/receipts", Access.Person, context => ReceiptsAsync(context, desk));
        routes.MapPage("/portal/tasks", Access.Person, context => pages.ListAsync(context, PageResults.View(context), StatusCodes.Status200OK));
        routes.MapPage("/portal/tasks/{id}", Access.Person, context => pages.OneAsync(context, PageResults.View(context), StatusCodes.Status200OK));
    }

    private static async Task<ActionOutcome> SubmitAsync(ActionRequest request, TaskDesk desk, IServiceProvider services)
    {
        var person = request.Http.RequiredPerson();
        var order = TaskOrder.Read(request.Input, HomeCoordinator.AccountOf(person), request.RepetitionKey());
        if (order.Submission.DataClass == "mesh" && !person.EmailVerified)
        {
            throw new Refusal(403, "email_unverified", "Confirm your mail address first: work of class mesh goes to other people's nodes.");
        }

        await services.GetRequiredService<LimitCounter>().TakeAsync(request.Cancelled, (services.GetRequiredService<PortalSettings>().Limits.Submit, person.AccountId)).ConfigureAwait(false);
        var accepted = await desk.SubmitAsync(person, order, request.Cancelled).ConfigureAwait(false);
        return new(accepted, "/portal/tasks/" + Uri.EscapeDataString(order.Submission.TaskId!));
    }

    // The audit comes first: what cannot be recorded is not done (portal-and-control-plane 10.3).
    private static async Task<ActionOutcome> CancelAsync(ActionRequest request, TaskDesk desk, IServiceProvider services)
    {
        var (person, id) = (request.Http.RequiredPerson(), InputTexts.ClientIdOf(request.Http));
        await desk.AskAsync(person, HttpMethod.Get, ["tasks", id], request.Cancelled).ConfigureAwait(false);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
        await services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch =>
            {
                AuditLog.Append(batch, AuditSource.Of(request.Http), "task.cancel", "task:" + id, now);
                return true;
            },
            request.Cancelled).ConfigureAwait(false);
        return new(await desk.AskAsync(person, HttpMethod.Post, ["tasks", id, "cancel"], request.Cancelled, new() { ["reason"] = "cancelled_by_owner" }).ConfigureAwait(false), $"/portal/tasks/{id}?done=task-cancelled");
    }

    private static async Task<IResult> OutputAsync(HttpContext context, TaskDesk desk)
    {
        var (person, id) = (context.RequiredPerson(), InputTexts.ClientIdOf(context));
        var result = TaskDesk.Read(await desk.AskAsync(person, HttpMethod.Get, ["tasks", id, "result"], context.RequestAborted).ConfigureAwait(false), Protocol.MeshJson.Default.TaskResult);
        if (result?.PatchDigest is { } patch)
        {
            return await desk.BlobAsync(person, patch, context.RequestAborted).ConfigureAwait(false) is { } bytes ? File(context, bytes, $"{id}.patch") : throw NoOutput();
        }

        var outputs = result?.Outputs?.OrderBy(output => output.Index).Select(output => output.Output).ToList() ?? [];
        return outputs.Count == 0 ? throw NoOutput() : File(context, Encoding.UTF8.GetBytes(outputs is [var only] ? only : string.Join("\n\n", outputs) + "\n"), $"{id}.txt");
    }

    private static async Task<IResult> ReceiptsAsync(HttpContext context, TaskDesk desk)
    {
        var (person, id) = (context.RequiredPerson(), InputTexts.ClientIdOf(context));
        var answer = await desk.AskAsync(person, HttpMethod.Get, ["tasks", id, "receipts"], context.RequestAborted).ConfigureAwait(false);
        return answer["receipts"] is JsonArray { Count: > 0 } receipts
            ? File(context, Encoding.UTF8.GetBytes((receipts.Count == 1 ? receipts[0]! : receipts).ToJsonString() + "\n"), $"receipt-{id}.json")
            : throw new Refusal(404, "receipt_not_found", "There is no receipt yet: one is written when an attempt has its verdict.");
    }

    // Bytes of others are data, never a page of this site.
    private static IResult File(HttpContext context, byte[] bytes, string name)
    {
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name.Replace(':', '-')}\"";
        return Results.Bytes(bytes, "application/octet-stream");
    }

    private static Refusal NoOutput() => new(404, "output_not_found", "The task has no accepted result to download.");

    private static async Task PipeAsync(HttpContext context, IServiceProvider services)
    {
        var (person, id) = (context.RequiredPerson(), InputTexts.ClientIdOf(context));
        var home = services.GetRequiredService<HomeCoordinator>();
        using var request = home.Request(HttpMethod.Get, ["tasks", id, "events"], person, HomeCoordinator.AccountOf(person));
        foreach (var name in new[] { "Last-Event-ID" })
        {
            request.Headers.TryAddWithoutValidation(name, context.Request.Headers[name].ToString() is { Length: > 0 and < 20 } given ? given : "0");
        }

        using var answer = await home.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new Refusal((int)answer.StatusCode == 404 ? 404 : 502, (int)answer.StatusCode == 404 ? "task_not_found" : "coordinator_request_failed", "There is no such task among yours.");
        }

        context.Response.ContentType = "text/event-stream";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var watch = WatchAsync(person, services, ended);
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(ended.Token).ConfigureAwait(false);
            var part = new byte[8192];
            for (int count; (count = await stream.ReadAsync(part, ended.Token).ConfigureAwait(false)) > 0;)
            {
                await context.Response.Body.WriteAsync(part.AsMemory(0, count), ended.Token).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(ended.Token).ConfigureAwait(false);
            }
        }
        catch (Exception) when (ended.IsCancellationRequested)
        {
            // Who listened is gone, or signed out.
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task WatchAsync(SignedIn person, IServiceProvider services, CancellationTokenSource ended)
    {
        var sessions = services.GetRequiredService<SessionStore>();
        var time = services.GetRequiredService<TimeProvider>();
        while (true)
        {
            await Task.Delay(SessionLook, time, ended.Token).ConfigureAwait(false);
            if (!await sessions.LivesAsync(person, ended.Token).ConfigureAwait(false))
            {
                await ended.CancelAsync().ConfigureAwait(false);
            }
        }
    }
}
