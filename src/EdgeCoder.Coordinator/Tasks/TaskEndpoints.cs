using System.Globalization;
using EdgeCoder.Coordinator.Explanations;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Routes of tasks (coordinator-and-mesh 4.1, 4.6, 4.7).</summary>
internal static class TaskEndpoints
{
    private const CallerKinds Submitters = CallerKinds.Submitter | CallerKinds.Agent | CallerKinds.MeshService | CallerKinds.PortalService;
    private const CallerKinds Readers = Submitters | CallerKinds.Operator;
    private const CallerKinds Owners = CallerKinds.Submitter | CallerKinds.Agent | CallerKinds.PortalService | CallerKinds.Operator;

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapTasks(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tasks", (HttpContext http, ITaskQueue queue, CancellationToken stop) => SubmitAsync(http, queue, 0, stop)).AllowCallers(Submitters);
        routes.MapPost("/submit", (HttpContext http, ITaskQueue queue, CancellationToken stop) => SubmitAsync(http, queue, 10_000, stop)).AllowCallers(Submitters);
        routes.MapGet("/tasks", ListAsync).AllowCallers(Owners);
        routes.MapGet("/tasks/-/events", FeedAsync).AllowCallers(CallerKinds.Submitter | CallerKinds.PortalService);
        routes.MapGet("/tasks/{id}", async (string id, HttpContext http, TaskViews views, CancellationToken stop) =>
            TypedResults.Json(await views.ViewAsync(id, http.Caller(), stop), MeshJson.Default.TaskView)).AllowCallers(Readers);
        routes.MapGet("/tasks/{id}/events", EventsAsync).AllowCallers(Readers);
        routes.MapGet("/tasks/{id}/result", ResultAsync).AllowCallers(Readers);
        routes.MapGet("/tasks/{id}/subtasks/{sid}/result", async (string id, string sid, HttpContext http, TaskViews views, CancellationToken stop) =>
            TypedResults.Json(await views.SubtaskResultAsync(id, sid, http.Caller(), stop), MeshJson.Default.SubtaskResult)).AllowCallers(Readers);
        routes.MapGet("/tasks/{id}/explain", async (string id, HttpContext http, Explanation explanation, CancellationToken stop) =>
            TypedResults.Json(await explanation.OfTaskAsync(id, http.Caller(), stop), MeshJson.Default.TaskExplanation)).AllowCallers(Owners);
        routes.MapPost("/tasks/{id}/cancel", CancelAsync).AllowCallers(Owners);
        routes.MapPost("/tasks/{id}/check", async (string id, HttpContext http, OutputCheck check, CancellationToken stop) =>
            TypedResults.Json(await check.RunAsync(id, JsonBody.Read(http, MeshJson.Default.CheckRequest), http.Caller(), stop), MeshJson.Default.CheckAnswer)).AllowCallers(CallerKinds.Submitter | CallerKinds.PortalService);
        routes.MapPost("/debug/enqueue", DebugEndpoint.EnqueueAsync).AllowCallers(CallerKinds.Operator | CallerKinds.MeshService, both: true);
        return routes;
    }

    private static async Task<IResult> SubmitAsync(HttpContext http, ITaskQueue queue, int defaultWaitMs, CancellationToken cancellationToken)
    {
        var submission = JsonBody.Read(http, MeshJson.Default.TaskSubmission);
        var wait = Number(http, "waitMs", 0, 30_000) ?? defaultWaitMs;
        return TypedResults.Json(await queue.SubmitAsync(submission, http.ReceivedBody(), http.Caller(), TimeSpan.FromMilliseconds(wait), cancellationToken), MeshJson.Default.TaskAccepted);
    }

    private static async Task<IResult> ListAsync(HttpContext http, TaskViews views, CancellationToken cancellationToken)
    {
        TaskState? state = null;
        if (http.Request.Query["state"] is [{ Length: > 0 } text])
        {
            try
            {
                state = EnumText.Parse<TaskState>(text);
            }
            catch (FormatException)
            {
                throw Refusal.Invalid([new("state", "a state of a task")]);
            }
        }

        (long, string)? after = null;
        if (http.Request.Query["cursor"] is [{ Length: > 0 } cursor])
        {
            after = TaskCursor.TryRead(cursor, out var read) ? read : throw Refusal.Invalid([new("cursor", "nextCursor of an earlier answer")]);
        }

        var limit = (int)(Number(http, "limit", 1, 100) ?? 50);
        return TypedResults.Json(await views.ListAsync(http.Caller(), state, limit, after, cancellationToken), MeshJson.Default.TaskList);
    }

    private static async Task EventsAsync(string id, HttpContext http, TaskViews views, TaskEventStream stream, CancellationToken cancellationToken)
    {
        await views.FindAsync(id, http.Caller(), cancellationToken);
        var last = http.Request.Headers["Last-Event-ID"] is [{ } header] && long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) ? seen : Number(http, "after", 0, long.MaxValue) ?? 0;
        await stream.WriteAsync(http, id, last, cancellationToken);
    }

    // An id never begins with a hyphen, so this name is no task's.
    private static async Task FeedAsync(HttpContext http, TaskFeed feed, CancellationToken cancellationToken)
    {
        if (http.Caller().Accounts.Count == 0)
        {
            throw new Refusal(401, "account_required", "Name the account whose tasks are followed.");
        }

        var last = http.Request.Headers["Last-Event-ID"] is [{ } header] && long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) ? seen : Number(http, "after", 0, long.MaxValue);
        await feed.WriteAsync(http, last, cancellationToken);
    }

    private static async Task<IResult> ResultAsync(string id, HttpContext http, TaskViews views, CancellationToken cancellationToken)
    {
        var result = await views.ResultAsync(id, http.Caller(), cancellationToken);
        if (TaskMachine.IsFinal(result.State))
        {
            return TypedResults.Json(result, MeshJson.Default.TaskResult);
        }

        http.Response.Headers.RetryAfter = "2";
        return TypedResults.Json(result, MeshJson.Default.TaskResult, statusCode: 202);
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext http, TaskViews views, ITaskQueue queue, CancellationToken cancellationToken)
    {
        var reason = http.ReceivedBody().IsEmpty ? null : JsonBody.Read(http, MeshJson.Default.CancelRequest).Reason;
        if (reason is { Length: > 500 })
        {
            throw Refusal.Invalid([new("reason", "at most 500 characters")]);
        }

        await views.FindAsync(id, http.Caller(), cancellationToken);
        await queue.CancelAsync(id, reason ?? "cancelled_by_owner", cancellationToken);
        return TypedResults.Json(new TaskResult { TaskId = id, State = TaskState.Cancelled }, MeshJson.Default.TaskResult);
    }

    private static long? Number(HttpContext http, string name, long least, long most)
    {
        if (http.Request.Query[name] is not [{ Length: > 0 } text])
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Refusal.Invalid([new(name, string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"))]);
    }
}
