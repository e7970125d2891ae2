using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.TestKit.Coordinators;

/// <summary>
/// A home coordinator as a portal sees it: real Kestrel on loopback, the routes, statuses, rules of accounts and idempotency of the real one (coordinator-and-mesh 2.3, 4; docs/credits.md,
/// docs/payments.md). What becomes of tasks, escalations and payments, the test says.
/// </summary>
public sealed class ScriptedHome : IAsyncDisposable
{
    private readonly WebApplication _app = LoopbackApp.NewBuilder().Build();
    private readonly ConcurrentDictionary<string, Stored> _tasks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Owner, decimal Balance)> _accounts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> _escalations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> _intents = new(StringComparer.Ordinal);
    private readonly List<(string Account, string Event)> _events = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _clock = 1_800_000_000_000;

    private ScriptedHome()
    {
    }

    /// <summary>The only credential that it knows.</summary>
    public static string Token => "scripted-portal-coordinator-token-0123";

    /// <summary>Its address.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Whether it breaks every connection, as one that is away.</summary>
    public bool Away { get; set; }

    /// <summary>Method, path, actor and account of every request that it answered.</summary>
    public ConcurrentQueue<(string Call, string Actor, string Account)> Requests { get; } = new();

    /// <summary>Blobs by digest.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    /// <summary>What a check of a person's code gives.</summary>
    public Func<string, CheckAnswer> Checks { get; set; } = static _ => new(Protocol.Verdicts.VerdictKind.Accepted, "ok", 1, 1);

    /// <summary>Somebody follows the events of an account.</summary>
    public SemaphoreSlim Followed { get; } = new(0);

    /// <summary>Starts one.</summary>
    public static async Task<ScriptedHome> StartAsync()
    {
        var home = new ScriptedHome();
        home._app.Run(home.HandleAsync);
        await home._app.StartAsync();
        home.Url = new(home._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return home;
    }

    /// <summary>Ids of the tasks, oldest first.</summary>
    public IReadOnlyList<string> TaskIds => [.. _tasks.Values.OrderBy(task => task.View.CreatedAtMs).Select(task => task.View.TaskId)];

    /// <summary>As it was submitted.</summary>
    public TaskSubmission Submission(string taskId) => _tasks[taskId].Submission;

    /// <summary>Gives an account credits.</summary>
    public void Give(string accountId, decimal credits) => _accounts[accountId] = (_accounts.GetValueOrDefault(accountId).Owner ?? "", credits);

    /// <summary>Moves a task and tells who follows.</summary>
    public void Move(string taskId, TaskState state, string? output = null, string? patch = null)
    {
        var task = _tasks[taskId];
        var final = state is TaskState.Completed or TaskState.Failed or TaskState.Cancelled;
        var verified = task.Submission.AcceptanceCheck is not null;
        task.View = task.View with { State = state, UpdatedAtMs = Now(), FinishedAtMs = final ? Now() : null, Labels = final && !verified ? ["unverified"] : [], Credits = final ? new(0, 1.5m, 0.5m) : task.View.Credits };
        var patchBytes = patch is null ? null : System.Text.Encoding.UTF8.GetBytes(patch);
        var digest = patchBytes is null ? null : Convert.ToHexStringLower(SHA256.HashData(patchBytes));
        if (digest is not null)
        {
            Blobs[digest] = patchBytes!;
        }

        task.Result = final ? new() { TaskId = taskId, State = state, Ok = state == TaskState.Completed, Outputs = output is null ? [] : [new(taskId + "-0", 0, output)], PatchDigest = digest, TestReport = verified ? new(2, 2, 0, 0) : null, Labels = task.View.Labels, CreditsSpent = 1.5m } : null;
        Tell(task, "task.state", new() { ["taskId"] = taskId, ["state"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString()) });
    }

    /// <summary>An escalation that waits for a person; gives its id.</summary>
    public string Escalate(string taskId, string failedCode, params string[] errors)
    {
        var (task, id) = (_tasks[taskId], Guid.NewGuid().ToString());
        _escalations[id] = new()
        {
            ["taskId"] = taskId, ["status"] = "pending_human", ["escalationId"] = id, ["subtaskId"] = taskId + "-0", ["agentId"] = "n1", ["task"] = task.Submission.Prompt, ["failedCode"] = failedCode,
            ["errorHistory"] = new JsonArray([.. errors.Select(error => JsonValue.Create(error))]), ["language"] = "python", ["iterationsAttempted"] = 3, ["automatedAttempts"] = new JsonArray(), ["createdAtMs"] = Now(), ["updatedAtMs"] = Now(),
        };
        Move(taskId, TaskState.Escalated);
        return id;
    }

    /// <summary>Settles a purchase, as the provider's proof does.</summary>
    public void Settle(string intentId)
    {
        _intents[intentId]["status"] = "settled";
        var account = (string)_intents[intentId]["accountId"]!;
        _accounts[account] = (_accounts[account].Owner, _accounts[account].Balance + (decimal)_intents[intentId]["quotedCredits"]!);
    }

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
            // Who still follows ends with it.
        }

        await _app.DisposeAsync();
        Followed.Dispose();
    }

    private long Now() => Interlocked.Increment(ref _clock);

    private void Tell(Stored task, string type, JsonObject data)
    {
        lock (_events)
        {
            task.Sequence++;
            var happened = new AccountTaskEvent(task.View.TaskId, task.Sequence, type, Now(), JsonSerializer.SerializeToElement(data));
            _events.Add((task.View.SubmitterAccountId, $"id: {happened.AtMs}\nevent: {type}\ndata: {JsonSerializer.Serialize(happened, MeshJson.Default.AccountTaskEvent)}\n\n"));
        }

        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (Away)
        {
            context.Abort();
            return;
        }

        var (path, method) = (context.Request.Path.Value!, context.Request.Method);
        var (actor, account) = (context.Request.Headers["x-edgecoder-actor"].ToString(), context.Request.Headers["x-edgecoder-account"].ToString());
        Requests.Enqueue(($"{method} {path}", actor, account));
        if (path != "/health/runtime" && context.Request.Headers["x-portal-service-token"] != Token)
        {
            await ProblemAsync(context, 401, "mesh_unauthorized");
            return;
        }

        var parts = path.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        var body = method is "POST" && context.Request.ContentLength is > 0 ? (await JsonNode.ParseAsync(context.Request.Body))!.AsObject() : [];
        await ((method, parts) switch
        {
            ("GET", ["health", "runtime"]) => JsonAsync(context, new() { ["ok"] = true, ["coordinator"] = new JsonObject { ["provider"] = "none", ["queued"] = 0, ["agents"] = 1, ["results"] = 0 } }),
            ("GET", ["identity"]) => JsonAsync(context, new() { ["peerId"] = "coord-home" }),
            ("POST", ["credits", "accounts"]) => OpenAsync(context, body),
            ("GET", ["credits", var id, "balance"]) => MineAsync(context, account, id, () => new() { ["accountId"] = id, ["unit"] = "credit", ["balance"] = _accounts[id].Balance, ["held"] = 0.000m, ["available"] = _accounts[id].Balance }),
            ("GET", ["credits", var id, "history"]) => MineAsync(context, account, id, () => new() { ["accountId"] = id, ["history"] = History(id) }),
            ("GET", ["wallets", var id]) => MineAsync(context, account, id, () => new() { ["accountId"] = id, ["wallets"] = new JsonArray(), ["paymentIntents"] = new JsonArray([.. _intents.Values.Where(intent => (string)intent["accountId"]! == id).Select(intent => intent.DeepClone())]) }),
            ("GET", ["economy", "credits", var id, "quote"]) => MineAsync(context, account, id, () => new() { ["accountId"] = id, ["credits"] = _accounts[id].Balance, ["satsPerCredit"] = 30, ["estimatedSats"] = 30, ["quoteSource"] = "default", ["quotedAtMs"] = Now() }),
            ("POST", ["economy", "payments", "intents"]) => BuyAsync(context, body, actor),
            ("GET", ["economy", "payments", "intents", var id]) => IntentAsync(context, account, id, cancel: false),
            ("POST", ["economy", "payments", "intents", var id, "cancel"]) => IntentAsync(context, account, id, cancel: true),
            ("PUT", ["blobs", var digest]) => PutAsync(context, digest),
            ("GET", ["blobs", var digest]) => BlobAsync(context, digest),
            ("POST", ["tasks"]) => SubmitAsync(context, body, account),
            ("GET", ["tasks"]) => ListAsync(context, account),
            ("GET", ["tasks", "-", "events"]) => FollowAsync(context, account),
            ("GET", ["escalate"]) => JsonAsync(context, new() { ["escalations"] = new JsonArray([.. _escalations.Values.Where(one => Waits(context, one) && (account.Length == 0 || Owner(one) == account)).Select(one => account.Length == 0 ? Bare(one) : one.DeepClone())]) }),
            ("GET", ["escalate", var id]) => EscalationAsync(context, account, id, found => JsonAsync(context, (JsonObject)found.DeepClone())),
            ("POST", ["escalate", var id, "respond"]) => EscalationAsync(context, account, id, found => RespondAsync(context, found, body)),
            (_, ["tasks", var id, .. var rest]) => TaskAsync(context, account, id, method, rest, body),
            _ => ProblemAsync(context, 404, "not_found"),
        });
    }

    private static bool Waits(HttpContext context, JsonObject one) => context.Request.Query["status"] != "pending_human" || (string?)one["status"] == "pending_human";

    private string Owner(JsonObject escalation) => _tasks[(string)escalation["taskId"]!].View.SubmitterAccountId;

    private JsonObject Bare(JsonObject escalation)
    {
        var bare = (JsonObject)escalation.DeepClone();
        bare.Remove("task");
        bare.Remove("failedCode");
        bare.Remove("errorHistory");
        bare["accountId"] = Owner(escalation);
        return bare;
    }

    private static JsonArray History(string account) => [new JsonObject { ["txId"] = new string('a', 32), ["accountId"] = account, ["type"] = "spend", ["credits"] = 1.500m, ["reason"] = "task_submit", ["timestampMs"] = 1_800_000_000_000, ["relatedTaskId"] = "t-1" }];

    private Task OpenAsync(HttpContext context, JsonObject body)
    {
        var (id, owner) = ((string)body["accountId"]!, (string)body["ownerUserId"]!);
        var held = _accounts.AddOrUpdate(id, _ => (owner, 0m), (_, before) => before.Owner.Length == 0 ? (owner, before.Balance) : before);
        return held.Owner == owner ? JsonAsync(context, new() { ["ok"] = true, ["accountId"] = id }) : ProblemAsync(context, 409, "account_exists");
    }

    private Task MineAsync(HttpContext context, string account, string id, Func<JsonObject> answer) =>
        !_accounts.ContainsKey(id) ? ProblemAsync(context, 404, "account_not_found") : account == id ? JsonAsync(context, answer()) : ProblemAsync(context, 403, "account_forbidden");

    private Task BuyAsync(HttpContext context, JsonObject body, string actor)
    {
        var key = context.Request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } given ? actor + given : null;
        if ((string?)body["walletType"] == "onchain")
        {
            return ProblemAsync(context, 400, "onchain_not_supported");
        }

        var sats = (long)body["amountSats"]!;
        if (key is not null && _intents.Values.FirstOrDefault(one => (string?)one["txRef"] == key) is { } before)
        {
            return (long)before["amountSats"]! == sats ? JsonAsync(context, new() { ["ok"] = true, ["intent"] = before.DeepClone() }) : ProblemAsync(context, 422, "idempotency_key_reused");
        }

        var id = Guid.NewGuid().ToString();
        _intents[id] = new()
        {
            ["intentId"] = id, ["accountId"] = (string)body["accountId"]!, ["walletType"] = "lightning", ["network"] = "signet", ["invoiceRef"] = "lntbs" + new string('q', 180), ["amountSats"] = sats, ["coordinatorFeeBps"] = 150,
            ["coordinatorFeeSats"] = sats * 150 / 10_000, ["netSats"] = sats - (sats * 150 / 10_000), ["quotedCredits"] = decimal.Round(sats / 30m, 3), ["status"] = "created", ["createdAtMs"] = Now(), ["expiresAtMs"] = Now() + 900_000, ["txRef"] = key,
        };
        return JsonAsync(context, new() { ["ok"] = true, ["intent"] = _intents[id].DeepClone() });
    }

    private Task IntentAsync(HttpContext context, string account, string id, bool cancel)
    {
        if (!_intents.TryGetValue(id, out var intent) || (string)intent["accountId"]! != account)
        {
            return ProblemAsync(context, 404, "intent_not_found");
        }

        if (cancel && (string)intent["status"]! == "created")
        {
            intent["status"] = "cancelled";
        }

        return JsonAsync(context, new() { ["ok"] = true, ["intent"] = intent.DeepClone() });
    }

    private async Task PutAsync(HttpContext context, string digest)
    {
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray())) != digest)
        {
            await ProblemAsync(context, 422, "digest_mismatch");
            return;
        }

        Blobs[digest] = bytes.ToArray();
        context.Response.StatusCode = 204;
    }

    private Task BlobAsync(HttpContext context, string digest) => Blobs.TryGetValue(digest, out var bytes) ? context.Response.Body.WriteAsync(bytes).AsTask() : ProblemAsync(context, 404, "blob_not_found");

    private Task SubmitAsync(HttpContext context, JsonObject body, string account)
    {
        var submission = body.Deserialize(MeshJson.Default.TaskSubmission)!;
        if (submission.SubmitterAccountId != account)
        {
            return ProblemAsync(context, 403, "account_forbidden");
        }

        if ((submission.AcceptanceCheck?.Files ?? []).Any(file => !Blobs.ContainsKey(file.Sha256)))
        {
            return ProblemAsync(context, 422, "check_file_unavailable");
        }

        var text = body.ToJsonString();
        var view = new TaskView
        {
            TaskId = submission.TaskId!, State = TaskState.Submitted, SubmitterAccountId = account, ProjectId = "default", DataClass = submission.DataClass == "mesh" ? SharedDataClass.Mesh : SharedDataClass.Team, Kind = SubtaskKind.MicroLoop,
            Language = submission.Language ?? "python", ResourceClass = ResourceClass.Cpu, Priority = 50, CreatedAtMs = Now(), UpdatedAtMs = Now(), Credits = new(2, 0, 0), Labels = [], Prompt = submission.Prompt, AcceptanceCheck = submission.AcceptanceCheck,
        };
        var stored = _tasks.GetOrAdd(submission.TaskId!, _ => new() { View = view, Submission = submission, Body = text });
        if (stored.Body != text || stored.View.SubmitterAccountId != account)
        {
            return ProblemAsync(context, 409, "task_id_conflict");
        }

        if (stored.View == view)
        {
            Tell(stored, "task.state", new() { ["taskId"] = view.TaskId, ["state"] = "submitted" });
        }

        return JsonAsync(context, new() { ["taskId"] = submission.TaskId, ["state"] = "submitted", ["subtasks"] = new JsonArray(submission.TaskId + "-0") });
    }

    private Task ListAsync(HttpContext context, string account)
    {
        var state = context.Request.Query["state"].ToString();
        var found = _tasks.Values.Where(task => task.View.SubmitterAccountId == account && (state.Length == 0 || JsonNamingPolicy.SnakeCaseLower.ConvertName(task.View.State.ToString()) == state)).OrderByDescending(task => task.View.CreatedAtMs);
        return context.Response.WriteAsync(JsonSerializer.Serialize(new TaskList([.. found.Select(task => task.View with { AcceptanceCheck = null })], null), MeshJson.Default.TaskList));
    }

    private Task TaskAsync(HttpContext context, string account, string id, string method, string[] rest, JsonObject body)
    {
        if (!_tasks.TryGetValue(id, out var task) || task.View.SubmitterAccountId != account)
        {
            return ProblemAsync(context, 404, "task_not_found");
        }

        switch (method, rest)
        {
            case ("GET", []):
                var part = new SubtaskView { SubtaskId = id + "-0", Index = 0, Kind = SubtaskKind.MicroLoop, State = task.View.State == TaskState.Completed ? SubtaskState.Accepted : SubtaskState.Queued, DependsOn = [], Attempts = 1, MaxAttempts = 3, TimeoutMs = 10_000, UpdatedAtMs = Now() };
                return context.Response.WriteAsync(JsonSerializer.Serialize(task.View with { Subtasks = [part] }, MeshJson.Default.TaskView));
            case ("GET", ["explain"]):
                return context.Response.WriteAsync(JsonSerializer.Serialize(new TaskExplanation(id, task.View.State, "no_agents", "No node is connected. Start one.", []), MeshJson.Default.TaskExplanation));
            case ("GET", ["result"]) when task.Result is not null:
                return context.Response.WriteAsync(JsonSerializer.Serialize(task.Result, MeshJson.Default.TaskResult));
            case ("GET", ["receipts"]):
                return JsonAsync(context, new() { ["taskId"] = id, ["receipts"] = task.Result is null ? [] : new JsonArray(new JsonObject { ["leaf"] = "AAAA" }), ["pending"] = 0 });
            case ("POST", ["cancel"]):
                Move(id, TaskState.Cancelled);
                return JsonAsync(context, new() { ["taskId"] = id, ["state"] = "cancelled" });
            case ("POST", ["check"]):
                return context.Response.WriteAsync(JsonSerializer.Serialize(Checks((string?)body["output"] ?? (string?)body["patchDigest"] ?? ""), MeshJson.Default.CheckAnswer));
            default:
                return ProblemAsync(context, 404, "not_found");
        }
    }

    private Task EscalationAsync(HttpContext context, string account, string id, Func<JsonObject, Task> answer) =>
        (_escalations.GetValueOrDefault(id) ?? _escalations.Values.FirstOrDefault(one => (string)one["taskId"]! == id)) is { } found && Owner(found) == account ? answer(found) : ProblemAsync(context, 404, "escalation_not_found");

    private Task RespondAsync(HttpContext context, JsonObject found, JsonObject body)
    {
        if ((string)found["status"]! != "pending_human")
        {
            return ProblemAsync(context, 409, "escalation_not_pending");
        }

        var action = (string)body["action"]!;
        found["status"] = action == "abandon" ? "failed" : "processing";
        found["answer"] = body.DeepClone();
        Move((string)found["taskId"]!, action == "abandon" ? TaskState.Failed : TaskState.Running);
        return JsonAsync(context, new() { ["ok"] = true, ["status"] = action == "abandon" ? "abandoned" : "human_responded", ["humanContext"] = body["context"]?.DeepClone(), ["taskState"] = action == "abandon" ? "failed" : "running" });
    }

    private async Task FollowAsync(HttpContext context, string account)
    {
        if (account.Length == 0)
        {
            await ProblemAsync(context, 401, "account_required");
            return;
        }

        context.Response.ContentType = "text/event-stream";
        int at;
        lock (_events)
        {
            // A connection that is taken up again hears everything once more: at least once, as the real one may.
            at = context.Request.Query.ContainsKey("after") ? 0 : _events.Count;
        }

        await context.Response.WriteAsync(": following\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        Followed.Release();
        while (true)
        {
            var next = Volatile.Read(ref _changed).Task;
            List<(string Account, string Event)> told;
            lock (_events)
            {
                told = [.. _events.Skip(at)];
                at = _events.Count;
            }

            foreach (var one in told.Where(one => one.Account == account))
            {
                await context.Response.WriteAsync(one.Event, context.RequestAborted);
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
            await next.WaitAsync(context.RequestAborted);
        }
    }

    private static Task JsonAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private static Task ProblemAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        return context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{{\"type\":\"about:blank\",\"title\":\"{error}\",\"status\":{status},\"detail\":\"The coordinator says {error}.\",\"error\":\"{error}\"}}"));
    }

    private sealed class Stored
    {
        public required TaskView View { get; set; }

        public required TaskSubmission Submission { get; init; }

        public required string Body { get; init; }

        public TaskResult? Result { get; set; }

        public long Sequence { get; set; }
    }
}
