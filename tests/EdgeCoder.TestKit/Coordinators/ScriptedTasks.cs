using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.TestKit.Coordinators;

/// <summary>
/// A coordinator as a submitter sees it, whose tasks end as the test says: real Kestrel on loopback, the routes, statuses and idempotency of the real one
/// (coordinator-and-mesh 4).
/// </summary>
public sealed class ScriptedTasks : IAsyncDisposable
{
    private readonly WebApplication _app = LoopbackApp.NewBuilder().Build();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<TaskResult>> _ends = new(StringComparer.Ordinal);

    private ScriptedTasks()
    {
    }

    /// <summary>The only key it knows.</summary>
    public static string Key => "ec_test_key";

    /// <summary>Its address.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>How a new task ends at once; null while the test ends it with <see cref="End"/>.</summary>
    public Func<TaskSubmission, TaskResult>? Ends { get; set; }

    /// <summary>Answers of <c>GET /tasks/{id}/receipts</c> by task.</summary>
    public ConcurrentDictionary<string, string> Receipts { get; } = new(StringComparer.Ordinal);

    /// <summary>Events between the first and the last; the type and the members of <c>data</c>.</summary>
    public IReadOnlyList<(string Type, string Data)> Events { get; set; } = [("lease.granted", "{}")];

    /// <summary>Called before each request is looked at, with its method and path; gives a fault to answer with, or null. A status of 0 breaks the connection.</summary>
    public Func<string, Problem?> Fault { get; set; } = static _ => null;

    /// <summary>After how many events the connection of <c>/events</c> ends, each time; 0 for never.</summary>
    public int BreaksAfter { get; set; }

    /// <summary>How many answers to <c>POST /tasks</c> are lost on their way, after the task was stored.</summary>
    public int LosesAnswers { get; set; }

    /// <summary>What it says of a task that waits.</summary>
    public TaskExplanation? Explanation { get; set; }

    /// <summary>Every request: method and path with query.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Bodies of <c>POST /tasks</c> as they came, repeated ones included.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>Tasks, each once.</summary>
    public ConcurrentDictionary<string, TaskSubmission> Tasks { get; } = new(StringComparer.Ordinal);

    /// <summary>Tasks as they are stored, in order.</summary>
    public Channel<TaskSubmission> Submitted { get; } = Channel.CreateUnbounded<TaskSubmission>();

    /// <summary>Tasks that were cancelled, with the reason.</summary>
    public Channel<(string TaskId, string? Reason)> Cancelled { get; } = Channel.CreateUnbounded<(string, string?)>();

    /// <summary>Tasks whose events somebody began to follow.</summary>
    public Channel<string> Followed { get; } = Channel.CreateUnbounded<string>();

    /// <summary>Blobs by digest.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    /// <summary>Starts one.</summary>
    public static async Task<ScriptedTasks> StartAsync()
    {
        var tasks = new ScriptedTasks();
        tasks._app.Run(tasks.HandleAsync);
        await tasks._app.StartAsync();
        tasks.Url = new(tasks._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return tasks;
    }

    /// <summary>A task that came to its end with an output.</summary>
    public static TaskResult Completed(string taskId, string output) => new()
    {
        TaskId = taskId,
        State = TaskState.Completed,
        Ok = true,
        Outputs = [new(taskId + "-0", 0, output)],
        Labels = ["unverified"],
        CreditsSpent = 1.5m,
    };

    /// <summary>Ends a task.</summary>
    public void End(TaskResult result) => EndOf(result.TaskId).TrySetResult(result);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        try
        {
            await _app.StopAsync(soon.Token);
        }
        catch (OperationCanceledException)
        {
            // Who still follows a task ends with it.
        }

        await _app.DisposeAsync();
    }

    private TaskCompletionSource<TaskResult> EndOf(string taskId) => _ends.GetOrAdd(taskId, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        if (Fault($"{request.Method} {request.Path}") is { } fault)
        {
            if (fault.Status == 0)
            {
                context.Abort();
                return;
            }

            await ProblemAsync(context, fault);
            return;
        }

        if (request.Headers.Authorization != "Bearer " + Key)
        {
            await ProblemAsync(context, Problem(401, "invalid_credentials"));
            return;
        }

        var parts = request.Path.Value!.Trim('/').Split('/');
        await ((request.Method, parts) switch
        {
            ("GET", ["tasks"]) => JsonAsync(context, 200, new TaskList([], null), MeshJson.Default.TaskList),
            ("POST", ["tasks"]) => SubmitAsync(context),
            ("PUT", ["blobs", var hash]) => StoreAsync(context, hash),
            ("GET", ["tasks", var id, "receipts"]) when Receipts.TryGetValue(id, out var receipts) => context.Response.WriteAsync(receipts, context.RequestAborted),
            (_, ["tasks", var id, ..]) when !Tasks.ContainsKey(id) => ProblemAsync(context, Problem(404, "task_not_found")),
            ("GET", ["tasks", var id, "events"]) => EventsAsync(context, id),
            ("GET", ["tasks", var id, "result"]) => ResultAsync(context, id),
            ("GET", ["tasks", var id, "explain"]) => JsonAsync(context, 200, Explanation ?? new(id, TaskState.Planned, "queued", "It waits for a node.", []), MeshJson.Default.TaskExplanation),
            ("POST", ["tasks", var id, "cancel"]) => CancelAsync(context, id),
            _ => ProblemAsync(context, Problem(404, "not_found")),
        });
    }

    private async Task SubmitAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        Bodies.Enqueue(text);
        var task = JsonSerializer.Deserialize(text, MeshJson.Default.TaskSubmission)!;
        var stored = Tasks.GetOrAdd(task.TaskId!, task);
        if (ReferenceEquals(stored, task))
        {
            if (Ends?.Invoke(task) is { } end)
            {
                End(end);
            }

            Submitted.Writer.TryWrite(task);
        }

        if (LosesAnswers-- > 0)
        {
            context.Abort();
            return;
        }

        var state = EndOf(task.TaskId!).Task is { IsCompletedSuccessfully: true } ended ? ended.Result.State : TaskState.Planned;
        await JsonAsync(context, 200, new TaskAccepted(task.TaskId!, state, [task.TaskId + "-0"]), MeshJson.Default.TaskAccepted);
    }

    private async Task StoreAsync(HttpContext context, string hash)
    {
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes);
        Blobs[hash] = bytes.ToArray();
        context.Response.StatusCode = 201;
    }

    private async Task EventsAsync(HttpContext context, string id)
    {
        var after = long.Parse(context.Request.Query["after"].ToString(), CultureInfo.InvariantCulture);
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        Followed.Writer.TryWrite(id);
        IReadOnlyList<(string Type, string Data)> all = [("task.planned", "{}"), .. Events, ("end", "{}")];
        var sent = 0;
        for (var sequence = after + 1; sequence <= all.Count; sequence++)
        {
            var (type, data) = all[(int)sequence - 1];
            if (sequence == all.Count)
            {
                await EndOf(id).Task.WaitAsync(context.RequestAborted);
            }

            await context.Response.WriteAsync($"id: {sequence}\nevent: {type}\ndata: {{\"sequence\":{sequence},\"type\":\"{type}\",\"atMs\":1,\"data\":{data}}}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (++sent == BreaksAfter && sequence < all.Count)
            {
                return; // An abort could take back what the client has not read yet.
            }
        }
    }

    private Task ResultAsync(HttpContext context, string id) => EndOf(id).Task is { IsCompletedSuccessfully: true } end
        ? JsonAsync(context, 200, end.Result, MeshJson.Default.TaskResult)
        : JsonAsync(context, 202, new TaskResult { TaskId = id, State = TaskState.Running }, MeshJson.Default.TaskResult);

    private async Task CancelAsync(HttpContext context, string id)
    {
        var request = await JsonSerializer.DeserializeAsync(context.Request.Body, MeshJson.Default.CancelRequest);
        var result = new TaskResult { TaskId = id, State = TaskState.Cancelled };
        End(result);
        Cancelled.Writer.TryWrite((id, request?.Reason));
        await JsonAsync(context, 200, result, MeshJson.Default.TaskResult);
    }

    private static Problem Problem(int status, string error) => new() { Type = "about:blank", Title = error, Status = status, Error = error };

    private static Task ProblemAsync(HttpContext context, Problem problem) => JsonAsync(context, problem.Status, problem, MeshJson.Default.Problem);

    private static async Task JsonAsync<T>(HttpContext context, int status, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type));
    }
}
