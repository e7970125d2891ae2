using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Tasks;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Portal.Reviews;

/// <summary>A result to review.</summary>
internal sealed record ReviewItem
{
    /// <summary>The task.</summary>
    public required TaskView Task { get; init; }

    /// <summary>What the task gave: code, or a patch.</summary>
    public required string Improved { get; init; }

    /// <summary>Whether it is a patch.</summary>
    public required bool IsPatch { get; init; }

    /// <summary>Its end.</summary>
    public required TaskResult Result { get; init; }

    /// <summary>What went before, where the task needed help; null else.</summary>
    public required EscalationDetail? Escalation { get; init; }

    /// <summary>The decision; null before it.</summary>
    public required ReviewRow? Decision { get; init; }
}

/// <summary>Reviews of results (portal-and-control-plane 14.2). A completed task has a verified result; its owner says whether it is kept.</summary>
/// <param name="desk">Tasks.</param>
/// <param name="home">The coordinator.</param>
/// <param name="store">Decisions.</param>
/// <param name="time">Clock.</param>
internal sealed class ReviewDesk(TaskDesk desk, HomeCoordinator home, ReviewStore store, TimeProvider time)
{
    private const int PageSize = 50;

    // Twice the longest run of a check that pages make, with the start of a sandbox.
    private static readonly TimeSpan CheckTime = TimeSpan.FromMinutes(2);

    /// <summary>Completed tasks with what was decided; newest first, with the cursor of the next page.</summary>
    public async Task<(IReadOnlyList<(TaskView Task, ReviewRow? Decision)> Items, string? Next)> ListAsync(SignedIn person, string? status, string? cursor, CancellationToken cancellationToken)
    {
        var list = TaskDesk.Tasks(await desk.ListAsync(person, "completed", cursor, PageSize, cancellationToken).ConfigureAwait(false));
        var decided = await store.OfAsync(person.AccountId, [.. list.Tasks.Select(task => task.TaskId)], cancellationToken).ConfigureAwait(false);
        return ([.. list.Tasks.Select(task => (task, decided.GetValueOrDefault(task.TaskId))).Where(one => status is null or "" || (one.Item2?.Decision ?? "pending") == status)], list.NextCursor);
    }

    /// <summary>One of them. Throws 404 <c>review_not_found</c>.</summary>
    public async Task<ReviewItem> FindAsync(SignedIn person, string taskId, CancellationToken cancellationToken)
    {
        var found = await AskAsync(() => desk.AskAsync(person, HttpMethod.Get, ["tasks", taskId], cancellationToken)).ConfigureAwait(false);
        var task = TaskDesk.Read(found, MeshJson.Default.TaskView) ?? throw Unreadable();
        if (task.State != TaskState.Completed)
        {
            throw NotFound();
        }

        var result = TaskDesk.Read(await AskAsync(() => desk.AskAsync(person, HttpMethod.Get, ["tasks", taskId, "result"], cancellationToken)).ConfigureAwait(false), MeshJson.Default.TaskResult) ?? throw Unreadable();
        var patch = result.PatchDigest is { } digest ? await desk.BlobAsync(person, digest, cancellationToken).ConfigureAwait(false) ?? throw Unreadable() : null;
        EscalationDetail? escalation;
        try
        {
            escalation = TaskDesk.Read(await desk.AskAsync(person, HttpMethod.Get, ["escalate", taskId], cancellationToken).ConfigureAwait(false), InferenceJson.Default.EscalationDetail);
        }
        catch (Refusal refusal) when (refusal.Error == "escalation_not_found")
        {
            escalation = null;
        }

        var outputs = result.Outputs?.OrderBy(output => output.Index).Select(output => output.Output).ToList() ?? [];
        return new()
        {
            Task = task,
            Improved = patch is null ? (outputs is [var only] ? only : string.Join("\n\n", outputs)) : Encoding.UTF8.GetString(patch),
            IsPatch = patch is not null,
            Result = result,
            Escalation = escalation,
            Decision = await store.FindAsync(person.AccountId, taskId, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>
    /// Decides. An edit is run against the frozen check first, and is not kept when it fails there. Gives the row, or null with the verdict that stood in the way. Throws
    /// 400 <c>editedCode_required_for_edit_decision</c>, 409 <c>review_already_decided</c>, 404 <c>review_not_found</c>.
    /// </summary>
    public async Task<(ReviewRow? Row, CheckAnswer? Verdict)> DecideAsync(SignedIn person, string taskId, string decision, string? edited, string? note, bool again, AuditSource by, CancellationToken cancellationToken)
    {
        if (decision == "edit" && string.IsNullOrWhiteSpace(edited))
        {
            throw new Refusal(400, "editedCode_required_for_edit_decision", "Send the whole code that is to be kept.");
        }

        var item = await FindAsync(person, taskId, cancellationToken).ConfigureAwait(false);
        if (item.Decision is not null)
        {
            throw Decided();
        }

        CheckAnswer? verdict = null;
        if (decision == "edit")
        {
            verdict = await CheckAsync(person, item, edited!, cancellationToken).ConfigureAwait(false);
            if (verdict.Verdict == VerdictKind.Rejected || verdict is { Verdict: VerdictKind.Inconclusive, ReasonCode: not "not_rerunnable" })
            {
                return (null, verdict);
            }
        }

        var next = decision == "reject" && again ? await AgainAsync(person, item, note, cancellationToken).ConfigureAwait(false) : null;
        var before = TaskOrder.Digest(Encoding.UTF8.GetBytes(item.Improved));
        var row = new ReviewRow
        {
            TaskId = taskId,
            AccountId = person.AccountId,
            Decision = decision switch { "accept" => "accepted", "edit" => "edited", _ => "rejected" },
            Note = note,
            EditedCode = decision == "edit" ? edited : null,
            BeforeSha256 = before,
            AfterSha256 = decision switch { "accept" => before, "edit" => TaskOrder.Digest(Encoding.UTF8.GetBytes(edited!)), _ => null },
            Verdict = verdict is null ? null : JsonSerializer.Serialize(verdict, MeshJson.Default.CheckAnswer),
            NextTaskId = next,
            AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return await store.DecideAsync(row, by, cancellationToken).ConfigureAwait(false) ? (row, verdict) : throw Decided();
    }

    private async Task<CheckAnswer> CheckAsync(SignedIn person, ReviewItem item, string edited, CancellationToken cancellationToken)
    {
        var body = new JsonObject();
        if (item.Task.Subtasks is { Count: > 1 } parts)
        {
            body["subtaskId"] = parts[^1].SubtaskId;
        }

        if (item.IsPatch)
        {
            var bytes = Encoding.UTF8.GetBytes(edited);
            await desk.StoreAsync(person, bytes, cancellationToken).ConfigureAwait(false);
            body["patchDigest"] = TaskOrder.Digest(bytes);
        }
        else
        {
            body["output"] = edited;
        }

        using var request = home.Request(HttpMethod.Post, ["tasks", item.Task.TaskId, "check"], person, HomeCoordinator.AccountOf(person));
        request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await home.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken, CheckTime).ConfigureAwait(false);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return answer.IsSuccessStatusCode && TaskDesk.Read(JsonNode.Parse(text), MeshJson.Default.CheckAnswer) is { } verdict ? verdict
            : (int)answer.StatusCode == 429 ? throw new Refusal(429, "checks_busy", "Other checks are running at the coordinator. Try again in some seconds.") { RetryAfter = 5 }
            : throw Unreadable();
    }

    // The same request with the reviewer's words: a task of its own, because a completed one is paid and stays as it is.
    private async Task<string> AgainAsync(SignedIn person, ReviewItem item, string? note, CancellationToken cancellationToken)
    {
        var task = item.Task;
        var body = JsonSerializer.SerializeToNode(
            new TaskSubmission
            {
                TaskId = "p-" + TaskOrder.Digest(Encoding.UTF8.GetBytes("again\n" + task.TaskId))[..40],
                Prompt = string.IsNullOrWhiteSpace(note) ? task.Prompt : $"{task.Prompt}\n\n[A reviewer rejected an earlier result]\n{note}",
                Kind = task.Kind,
                Language = task.Language,
                Plan = TaskPlan.Single,
                DataClass = task.DataClass.ToString().ToLowerInvariant(),
                SubmitterAccountId = task.SubmitterAccountId,
                SnapshotRef = task.SnapshotDigest is { } snapshot ? "sha256:" + snapshot : null,
                AcceptanceCheck = task.AcceptanceCheck,
            },
            MeshJson.Default.TaskSubmission)!.AsObject();
        return (string)(await desk.AskAsync(person, HttpMethod.Post, ["tasks"], cancellationToken, body).ConfigureAwait(false))["taskId"]!;
    }

    private static async Task<JsonObject> AskAsync(Func<Task<JsonObject>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Refusal refusal) when (refusal.Error == "task_not_found")
        {
            throw NotFound();
        }
    }

    private static Refusal NotFound() => new(404, "review_not_found", "There is no such result of yours to review.");

    private static Refusal Decided() => new(409, "review_already_decided", "This result was decided before. Read the page again.");

    private static Refusal Unreadable() => new(502, "coordinator_error", "The coordinator gave an answer that this portal cannot use. Try again in a moment.");
}
