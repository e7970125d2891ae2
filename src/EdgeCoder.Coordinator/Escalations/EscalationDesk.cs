using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Takes what callers say about escalations: requests, results of resolvers, decisions of persons (agent-executor-models 7.2).</summary>
internal sealed class EscalationDesk(EscalationStore store, EscalationWaterfall waterfall, IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity, TimeProvider time)
{
    private const int MostErrors = 200;
    private const int MostTextBytes = 256 * 1024;

    /// <summary>Who may see an escalation, as a route found it.</summary>
    /// <param name="Row">The escalation.</param>
    /// <param name="Subtask">Its subtask; null for a peer's.</param>
    /// <param name="Content">Whether its texts may be shown: to those that the work belongs to. An operator needs the owner's consent, which nobody can give here yet.</param>
    internal sealed record Found(EscalationRow Row, EscalatedSubtask? Subtask, bool Content);

    /// <summary>Stores a request, or finds the record that is there. Throws <see cref="Refusal"/>; nothing is stored then.</summary>
    public async Task<EscalationResult> OpenAsync(EscalationRequest request, Caller caller, CancellationToken cancellationToken)
    {
        Check(request, caller);
        var row = caller.Kind == CallerKinds.Peer
            ? OfPeer(request, caller)
            : await OfOursAsync(request, caller, cancellationToken).ConfigureAwait(false);
        await store.WriteAsync(
            batch =>
            {
                // The lease may have ended since it was looked at; only its holder speaks for it.
                if (caller.Kind == CallerKinds.Agent && batch.Query("SELECT lease_id FROM leases WHERE subtask_id = $1 AND agent_id = $2 AND state = 'live' AND purpose = 'work'", r => r.Text(0), row.SubtaskId, caller.Name).Count == 0)
                {
                    throw new Refusal(409, "lease_not_held", "Only the agent that holds the lease may escalate its subtask. Pull work first.") { Reason = "unknown" };
                }

                EscalationRecords.Open(batch, row, NowMs);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        waterfall.Wake();
        return EscalationViews.Result((await store.FindAsync(row.SubtaskId, cancellationToken).ConfigureAwait(false))!);
    }

    /// <summary>The escalation that an id means, when the caller may know of it. Throws 404 <c>escalation_not_found</c>, which also hides foreign ones.</summary>
    public async Task<Found> FindAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var row = await store.ResolveAsync(id, cancellationToken).ConfigureAwait(false) ?? throw NotFound();
        var subtask = row.OriginPeerId is null ? await store.SubtaskAsync(row.SubtaskId, cancellationToken).ConfigureAwait(false) : null;
        return caller.Kind switch
        {
            CallerKinds.Operator => new(row, subtask, Content: false),
            CallerKinds.Submitter or CallerKinds.PortalService when subtask is not null && caller.Accounts.Contains(subtask.AccountId, StringComparer.Ordinal) => new(row, subtask, Content: true),
            CallerKinds.Peer when row.OriginPeerId == caller.Name || row.GivenTo == caller.Name => new(row, subtask, Content: true),
            _ => throw NotFound(),
        };
    }

    /// <summary>Merges a result. Code becomes a candidate; it counts only when verification accepts it. Throws 409 <c>escalation_closed</c> for a late one.</summary>
    public async Task<EscalationResult> MergeAsync(string id, EscalationResult result, Caller caller, CancellationToken cancellationToken)
    {
        var found = await FindAsync(id, caller, cancellationToken).ConfigureAwait(false);
        if (caller.Kind == CallerKinds.Peer && found.Row.GivenTo != caller.Name)
        {
            throw NotFound();
        }

        var issues = new List<FieldIssue>();
        if (result.ImprovedCode is { } code && System.Text.Encoding.UTF8.GetByteCount(code) > MostTextBytes)
        {
            issues.Add(new("improvedCode", $"at most {MostTextBytes} bytes"));
        }

        if (result.Explanation is { } words && System.Text.Encoding.UTF8.GetByteCount(words) > MostTextBytes)
        {
            issues.Add(new("explanation", $"at most {MostTextBytes} bytes"));
        }

        if (issues.Count > 0)
        {
            throw Refusal.Invalid(issues);
        }

        var merged = await store.WriteAsync(batch => Merge(batch, found.Row, result, caller), cancellationToken).ConfigureAwait(false);
        if (!merged)
        {
            throw new Refusal(409, "escalation_closed", "The escalation ended before this result came. Nothing was changed.");
        }

        waterfall.Wake();
        return EscalationViews.Result((await store.FindAsync(found.Row.SubtaskId, cancellationToken).ConfigureAwait(false))!);
    }

    /// <summary>
    /// Takes a person's decision, once; the same decision again by the same person gives the same answer. Throws 400
    /// <c>context_required_for_provide_context_action</c>, <c>editedCode_required_for_edit_code_action</c>, 409 <c>escalation_not_pending</c>.
    /// </summary>
    public async Task<EscalationResponded> RespondAsync(string id, EscalationResponse response, Caller caller, CancellationToken cancellationToken)
    {
        Check(response);
        var found = await FindAsync(response.EscalationId ?? id, caller, cancellationToken).ConfigureAwait(false);
        var person = caller.Kind == CallerKinds.PortalService ? response.RespondedByUserId ?? caller.Name : caller.Name;
        var action = EnumText.Of(response.Action!.Value);
        var escalationId = response.EscalationId ?? found.Row.EscalationId;
        var (context, code) = response.Action switch
        {
            EscalationAction.ProvideContext => (response.Context, null),
            EscalationAction.EditCode => (null, response.EditedCode),
            _ => ((string?)null, (string?)null),
        };
        var decided = await store.WriteAsync(batch => Decide(batch, found.Row.SubtaskId, escalationId, action, context, code, person), cancellationToken).ConfigureAwait(false);
        if (!decided)
        {
            throw new Refusal(409, "escalation_not_pending", "Somebody decided this escalation already, or it does not wait for a person. Read it again.");
        }

        // What was decided begins now where it can; the waterfall does it else.
        await waterfall.WorkOnAsync(found.Row.SubtaskId, cancellationToken).ConfigureAwait(false);
        var human = (await store.HumanAsync(escalationId, cancellationToken).ConfigureAwait(false))!;
        var after = await store.SubtaskAsync(found.Row.SubtaskId, cancellationToken).ConfigureAwait(false);
        return new() { Status = EnumText.Parse<HumanEscalationStatus>(human.Status), ImprovedCode = code, HumanContext = context, TaskState = after?.TaskState };
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private bool Decide(IStoreBatch batch, string subtaskId, string escalationId, string action, string? context, string? code, string person)
    {
        var now = NowMs;
        if (batch.Execute(
            "UPDATE human_escalations SET status = 'human_responded', action = $2, human_context = COALESCE($3, human_context), human_edited_code = COALESCE($4, human_edited_code), responded_by_user_id = $5, updated_at_ms = $6 WHERE escalation_id = $1 AND status = 'pending_human'",
            escalationId, action, context, code, person, now) == 0)
        {
            return batch.Query(
                "SELECT action, human_context, human_edited_code, responded_by_user_id, status FROM human_escalations WHERE escalation_id = $1",
                r => r.TextOrNull(0) == action && r.TextOrNull(3) == person && r.Text(4) != "pending_human" && (context is null || r.TextOrNull(1) == context) && (code is null || r.TextOrNull(2) == code),
                escalationId) is [true];
        }

        var phase = action switch { "provide_context" => EscalationPhase.HumanContext, "edit_code" => EscalationPhase.HumanOffer, _ => EscalationPhase.HumanAbandon };
        return batch.Execute(
            "UPDATE escalations SET phase = $3, status = 'processing', next_at_ms = $4, tries = 0, claim_id = NULL, claim_until_ms = 0, updated_at_ms = $4 WHERE subtask_id = $1 AND escalation_id = $2 AND phase = 'human_wait'",
            subtaskId, escalationId, phase, now) == 1 ? true : throw new Refusal(409, "escalation_not_pending", "The escalation does not wait for a person any more. Read it again.");
    }

    private bool Merge(IStoreBatch batch, EscalationRow row, EscalationResult result, Caller caller)
    {
        var now = NowMs;
        var by = caller.Kind == CallerKinds.Peer ? caller.Name : result.ResolvedByAgentId;
        var phases = batch.Query("SELECT phase, escalation_id FROM escalations WHERE subtask_id = $1", r => (Phase: r.Text(0), Id: r.Text(1)), row.SubtaskId);
        if (phases is not [var before] || before.Phase == EscalationPhase.Done)
        {
            return false;
        }

        // A candidate that is being verified is not put aside for another one: its verdict belongs to it.
        var code = string.IsNullOrWhiteSpace(result.ImprovedCode) ? null : result.ImprovedCode;
        var busy = before.Phase is EscalationPhase.InferenceOffer or EscalationPhase.InferenceVerify or EscalationPhase.ParentOffer or EscalationPhase.ParentVerify or EscalationPhase.HumanOffer
            or EscalationPhase.HumanVerify or EscalationPhase.HumanContext or EscalationPhase.HumanAbandon;
        if (code is not null && busy)
        {
            throw new Refusal(409, "escalation_busy", "Another candidate is being verified. Send the result again when it is decided.") { RetryAfter = 5 };
        }

        if (code is not null && before.Phase == EscalationPhase.HumanWait)
        {
            return Decide(batch, row.SubtaskId, before.Id, "edit_code", null, code, by ?? caller.Name);
        }

        batch.Execute(
            """
            UPDATE escalations SET improved_code = COALESCE($2, improved_code), explanation = COALESCE($3, explanation), resolved_by_agent_id = COALESCE($4, resolved_by_agent_id),
                resolved_by_model = COALESCE($5, resolved_by_model), updated_at_ms = $6 WHERE subtask_id = $1
            """,
            row.SubtaskId, code, string.IsNullOrWhiteSpace(result.Explanation) ? null : result.Explanation, by, result.ResolvedByModel, now);
        if (code is not null && row.OriginPeerId is null)
        {
            batch.Execute(
                "UPDATE escalations SET phase = $2, status = 'processing', verification = 'unverified', next_at_ms = $3, tries = 0, claim_id = NULL, claim_until_ms = 0 WHERE subtask_id = $1",
                row.SubtaskId, EscalationPhase.ParentOffer, now);
        }
        else if (caller.Kind == CallerKinds.Peer && result.Status is EscalationStatus.Failed or EscalationStatus.PendingHuman && before.Phase == EscalationPhase.Parent)
        {
            // The parent has nothing: the next look asks it, hears so, and goes on.
            batch.Execute("UPDATE escalations SET next_at_ms = $2 WHERE subtask_id = $1", row.SubtaskId, now);
        }

        return true;
    }

    private EscalationRow OfPeer(EscalationRequest request, Caller caller)
    {
        if (EscalationMachine.RefuseHops(request.Hops ?? [], caller.Name, identity.PeerId) is { } fault)
        {
            throw new Refusal(409, fault.Error, fault.Detail);
        }

        if (request.DataClass != SharedDataClass.Mesh)
        {
            throw new Refusal(403, "data_class_team", "Work of class team stays with its own operator. Decide it there.");
        }

        var row = EscalationRecords.New(
            request.TaskId!, $"peer:{caller.Name}:{request.TaskId}", request.AgentId, request.Language!, request.Task!, request.FailedCode!, request.ErrorHistory!, request.IterationsAttempted!.Value, NowMs);
        row.OriginPeerId = caller.Name;
        row.Hops = EscalationRecords.Write(request.Hops!);
        row.DataClass = EnumText.Of(SharedDataClass.Mesh);
        row.Tests = request.Tests;
        row.SnapshotRef = request.SnapshotRef;
        return row;
    }

    // What was asked for and in which language is the task's word, not the caller's: an agent could put anything there.
    private async Task<EscalationRow> OfOursAsync(EscalationRequest request, Caller caller, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var found = await (from subtask in context.Set<SubtaskRow>()
                           join task in context.Set<TaskRow>() on subtask.TaskId equals task.TaskId
                           where (subtask.SubtaskId == request.TaskId || task.TaskId == request.TaskId) && subtask.State != SubtaskState.Accepted && subtask.State != SubtaskState.Cancelled
                           orderby subtask.State == SubtaskState.Rejected ? 0 : 1, subtask.Position
                           select new { Subtask = subtask, task.AccountId }).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (found is null || (caller.Kind == CallerKinds.Submitter && !caller.Accounts.Contains(found.AccountId, StringComparer.Ordinal)))
        {
            throw new Refusal(404, "task_not_found", "There is no such task with a part that could be escalated.");
        }

        var row = EscalationRecords.New(
            found.Subtask.TaskId, found.Subtask.SubtaskId, caller.Kind == CallerKinds.Agent ? caller.Name : null, found.Subtask.Language, found.Subtask.Input,
            request.FailedCode!, request.ErrorHistory!, request.IterationsAttempted!.Value, NowMs);
        row.Tests = request.Tests;
        row.SnapshotRef = request.SnapshotRef;
        return row;
    }

    private static void Check(EscalationRequest request, Caller caller)
    {
        var issues = new List<FieldIssue>();
        Rule(ClientId.IsValid(request.TaskId), "taskId", "an id of 3 to 128 letters, digits and . _ : -");
        Rule(caller.Kind == CallerKinds.Submitter || ClientId.IsValid(request.AgentId), "agentId", "an id of 3 to 128 letters, digits and . _ : -");
        Rule(!string.IsNullOrWhiteSpace(request.Task) && Fits(request.Task), "task", $"1 to {MostTextBytes} bytes");
        Rule(request.FailedCode is not null && Fits(request.FailedCode), "failedCode", $"at most {MostTextBytes} bytes");
        Rule(request.ErrorHistory is { Count: <= MostErrors } history && history.All(error => error is not null && Fits(error)), "errorHistory", $"at most {MostErrors} texts");
        Rule(request.Language is { Length: > 0 and <= 64 }, "language", "1 to 64 characters");
        Rule(request.IterationsAttempted is >= 1, "iterationsAttempted", "at least 1");
        Rule(request.Tests is null || Fits(request.Tests), "tests", $"at most {MostTextBytes} bytes");
        if (issues.Count > 0)
        {
            throw Refusal.Invalid(issues);
        }

        void Rule(bool kept, string path, string rule)
        {
            if (!kept)
            {
                issues.Add(new(path, rule));
            }
        }
    }

    private static void Check(EscalationResponse response)
    {
        if (response.Action is null)
        {
            throw Refusal.Invalid([new("action", "provide_context, edit_code or abandon")]);
        }

        if (response.Action == EscalationAction.ProvideContext && string.IsNullOrWhiteSpace(response.Context))
        {
            throw new Refusal(400, "context_required_for_provide_context_action", "Say in context what the next attempt should know.");
        }

        if (response.Action == EscalationAction.EditCode && string.IsNullOrWhiteSpace(response.EditedCode))
        {
            throw new Refusal(400, "editedCode_required_for_edit_code_action", "Send the whole code in editedCode.");
        }

        if (!Fits(response.Context ?? "") || !Fits(response.EditedCode ?? ""))
        {
            throw Refusal.Invalid([new(response.Context is null ? "editedCode" : "context", $"at most {MostTextBytes} bytes")]);
        }
    }

    private static bool Fits(string text) => System.Text.Encoding.UTF8.GetByteCount(text) <= MostTextBytes;

    private static Refusal NotFound() => new(404, "escalation_not_found", "There is no such escalation, or it is not yours.");
}
