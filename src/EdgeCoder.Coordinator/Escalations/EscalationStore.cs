using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Verdicts;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>The rows of escalations. Every change is one conditional update by the holder of the row's claim, with the event that tells of it.</summary>
internal sealed class EscalationStore(IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts)
{
    /// <summary>Escalations that are due and unclaimed, the longest waiting first.</summary>
    public async Task<IReadOnlyList<EscalationRow>> DueAsync(long nowMs, int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<EscalationRow>().Where(row => row.Phase != EscalationPhase.Done && row.NextAtMs <= nowMs && row.ClaimUntilMs <= nowMs)
            .OrderBy(row => row.NextAtMs).ThenBy(row => row.SubtaskId).Take(most).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Escalations whose receiver is still to be told.</summary>
    public async Task<IReadOnlyList<EscalationRow>> UntoldAsync(long nowMs, int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<EscalationRow>().Where(row => row.CallbackAtMs != null && row.CallbackAtMs <= nowMs && row.ClaimUntilMs <= nowMs)
            .OrderBy(row => row.CallbackAtMs).ThenBy(row => row.SubtaskId).Take(most).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The escalation of a subtask.</summary>
    public async Task<EscalationRow?> FindAsync(string subtaskId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<EscalationRow>().FirstOrDefaultAsync(row => row.SubtaskId == subtaskId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The escalation that an id of a route means: of a subtask, a record of any round, or the newest open one of a task.</summary>
    public async Task<EscalationRow?> ResolveAsync(string id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var subtaskId = await context.Set<HumanEscalationRow>().Where(human => human.EscalationId == id).Select(human => human.SubtaskId).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) ?? id;
        return await context.Set<EscalationRow>().Where(row => row.SubtaskId == subtaskId || row.EscalationId == id || row.TaskId == id)
            .OrderBy(row => row.SubtaskId == subtaskId ? 0 : row.Phase == EscalationPhase.Done ? 2 : 1).ThenByDescending(row => row.UpdatedAtMs).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The subtask as it is now; null when it is not ours or no longer here.</summary>
    public async Task<EscalatedSubtask?> SubtaskAsync(string subtaskId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await (from subtask in context.Set<SubtaskRow>()
                      join task in context.Set<TaskRow>() on subtask.TaskId equals task.TaskId
                      where subtask.SubtaskId == subtaskId
                      select new EscalatedSubtask
                      {
                          TaskId = task.TaskId,
                          AccountId = task.AccountId,
                          DataClass = task.DataClass,
                          AllowCloudReview = task.AllowCloudReview,
                          TaskState = task.State,
                          Kind = subtask.Kind,
                          State = subtask.State,
                      }).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// What verification decided about an output of a subtask, last; null when it never ran it. An agent that reported its own output as a failure is no
    /// verification: the same code from a person or a stronger model is run.
    /// </summary>
    public async Task<VerdictRow?> VerdictAsync(string subtaskId, string output, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await (from result in context.Set<ResultRow>()
                      join verdict in context.Set<VerdictRow>() on result.LeaseId equals verdict.LeaseId
                      where result.SubtaskId == subtaskId && result.Output == output && (verdict.Kind == VerdictKind.Accepted || verdict.Kind == VerdictKind.Rejected) && verdict.ReasonCode != VerdictReasons.AgentReportedFailure
                      orderby verdict.AtMs descending
                      select verdict).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A person's record.</summary>
    public async Task<HumanEscalationRow?> HumanAsync(string escalationId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<HumanEscalationRow>().FirstOrDefaultAsync(row => row.EscalationId == escalationId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Escalations with their persons' records, newest first.</summary>
    /// <param name="accounts">Accounts whose tasks are shown; null: all.</param>
    /// <param name="pendingHuman">Whether only those that wait for a person.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<(EscalationRow Row, HumanEscalationRow? Human, string? AccountId)>> ListAsync(IReadOnlyList<string>? accounts, bool pendingHuman, int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var all = from row in context.Set<EscalationRow>()
                  join task in context.Set<TaskRow>() on row.TaskId equals task.TaskId into tasks
                  from task in tasks.DefaultIfEmpty()
                  join human in context.Set<HumanEscalationRow>() on row.EscalationId equals human.EscalationId into humans
                  from human in humans.DefaultIfEmpty()
                  select new { Row = row, Human = human, Account = row.OriginPeerId == null && task != null ? task.AccountId : null };
        if (accounts is not null)
        {
            all = all.Where(entry => entry.Account != null && accounts.Contains(entry.Account));
        }

        if (pendingHuman)
        {
            all = all.Where(entry => entry.Row.Status == "pending_human");
        }

        var found = await all.OrderByDescending(entry => entry.Row.UpdatedAtMs).ThenBy(entry => entry.Row.SubtaskId).Take(most).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. found.Select(entry => (entry.Row, (HumanEscalationRow?)entry.Human, (string?)entry.Account))];
    }

    /// <summary>Takes a due escalation for one step; false when another silo was faster or it has moved on.</summary>
    public Task<bool> ClaimAsync(EscalationRow row, string claimId, long nowMs, long untilMs, CancellationToken cancellationToken) => writer.WriteAsync(
        batch => batch.Execute(
            "UPDATE escalations SET claim_id = $2, claim_until_ms = $3 WHERE subtask_id = $1 AND phase = $4 AND claim_until_ms <= $5",
            row.SubtaskId, claimId, untilMs, row.Phase, nowMs) == 1,
        cancellationToken);

    /// <summary>Keeps a claim while its step is under way; false when it was lost.</summary>
    public Task<bool> RenewAsync(EscalationRow row, string claimId, long untilMs) => writer.WriteAsync(
        batch => batch.Execute("UPDATE escalations SET claim_until_ms = $3 WHERE subtask_id = $1 AND claim_id = $2", row.SubtaskId, claimId, untilMs) == 1, CancellationToken.None);

    /// <summary>Gives a claim back unchanged.</summary>
    public Task<bool> ReleaseAsync(EscalationRow row, string claimId, CancellationToken cancellationToken) => writer.WriteAsync(
        batch => batch.Execute("UPDATE escalations SET claim_id = NULL, claim_until_ms = 0 WHERE subtask_id = $1 AND claim_id = $2", row.SubtaskId, claimId) == 1, cancellationToken);

    /// <summary>Gives a claim back, to be looked at later, after a fault of ours.</summary>
    public Task<bool> PostponeAsync(EscalationRow row, string claimId, long nextAtMs, CancellationToken cancellationToken) => writer.WriteAsync(
        batch => batch.Execute(
            "UPDATE escalations SET claim_id = NULL, claim_until_ms = 0, next_at_ms = $3, tries = tries + 1 WHERE subtask_id = $1 AND claim_id = $2", row.SubtaskId, claimId, nextAtMs) == 1,
        cancellationToken);

    /// <summary>The receiver was told of the state that was read, or not: then it is told later, unless there is something newer to tell.</summary>
    public Task<bool> ToldAsync(EscalationRow row, bool told, long nowMs, CancellationToken cancellationToken)
    {
        var tries = row.CallbackTries + 1;
        long? next = told || tries >= EscalationCallback.MostTries ? null : nowMs + Math.Min(EscalationMachine.RetryDelayMs(tries, TimeSpan.FromSeconds(1), 0), 900_000);
        return writer.WriteAsync(
            batch => batch.Execute(
                "UPDATE escalations SET callback_at_ms = $2, callback_tries = $3 WHERE subtask_id = $1 AND callback_at_ms = $4", row.SubtaskId, next, tries, row.CallbackAtMs) == 1,
            cancellationToken);
    }

    /// <summary>Moves an escalation on and gives its claim back; false, without any change, when the claim was lost or it has moved on.</summary>
    public Task<bool> MoveAsync(EscalationRow row, string claimId, EscalationMove move, long nowMs, Func<IStoreBatch, bool>? with, CancellationToken cancellationToken) =>
        writer.WriteAsync(batch => Move(batch, row, claimId, move, nowMs, with), cancellationToken);

    /// <summary>Runs an operation of this feature.</summary>
    public Task<T> WriteAsync<T>(Func<IStoreBatch, T> operation, CancellationToken cancellationToken) => writer.WriteAsync(operation, cancellationToken);

    /// <summary>The steps done so far.</summary>
    public static IReadOnlyList<AutomatedAttempt> Attempts(string json) => JsonSerializer.Deserialize(json, InferenceJson.Default.IReadOnlyListAutomatedAttempt) ?? [];

    /// <summary>The same as it is stored.</summary>
    public static string Write(IReadOnlyList<AutomatedAttempt> attempts) => JsonSerializer.Serialize(attempts, InferenceJson.Default.IReadOnlyListAutomatedAttempt);

    private static bool Move(IStoreBatch batch, EscalationRow row, string claimId, EscalationMove move, long nowMs, Func<IStoreBatch, bool>? with)
    {
        var now = batch.Query(
            "SELECT error_history, attempts, status, updated_at_ms FROM escalations WHERE subtask_id = $1 AND claim_id = $2 AND phase = $3",
            r => (History: r.Text(0), Attempts: r.Text(1), Status: r.Text(2), UpdatedAtMs: r.Number(3)),
            row.SubtaskId, claimId, row.Phase);
        if (now is not [var before] || (with is not null && !with(batch)))
        {
            return false;
        }

        var history = move.Error is null ? before.History : EscalationRecords.Write(EscalationRecords.Merge(EscalationRecords.Read(before.History), [move.Error]));
        var attempts = move.Attempt is null ? before.Attempts : Write([.. Attempts(before.Attempts), move.Attempt]);
        var status = EnumText.Of(move.Status);
        batch.Execute(
            """
            UPDATE escalations SET phase = $2, status = $3, next_at_ms = $4, tries = $5, polls = $6, attempts = $7, error_history = $8, improved_code = COALESCE($9, improved_code),
                explanation = COALESCE($10, explanation), resolved_by_agent_id = COALESCE($11, resolved_by_agent_id), resolved_by_model = COALESCE($12, resolved_by_model),
                verification = COALESCE($13, verification), escalation_id = COALESCE($14, escalation_id), round = round + $15, given_to = COALESCE($17, given_to), claim_id = NULL, claim_until_ms = 0, updated_at_ms = $16
            WHERE subtask_id = $1
            """,
            row.SubtaskId, move.Phase, status, move.NextAtMs, move.Tries, move.Polls, attempts, history, move.ImprovedCode, move.Explanation, move.By, move.Model, move.Verification,
            move.NewRound ? Guid.NewGuid().ToString() : null, move.NewRound ? 1 : 0, IsLook(row, move, before.Status) ? before.UpdatedAtMs : nowMs, move.GivenTo);
        if (status != before.Status || move.Verification is not null)
        {
            Tell(batch, row, status, move.Attempt?.Reason, nowMs);
        }

        return true;
    }

    // A look that found nothing new is no change: who reads the record again, reads the same.
    private static bool IsLook(EscalationRow row, EscalationMove move, string statusBefore) =>
        move.Phase == row.Phase && EnumText.Of(move.Status) == statusBefore && !move.NewRound
        && move is { Attempt: null, Error: null, ImprovedCode: null, Explanation: null, By: null, Model: null, Verification: null, GivenTo: null };

    /// <summary>Tells requester and receiver of a change: an event of the task, and a callback that is due.</summary>
    internal static void Tell(IStoreBatch batch, EscalationRow row, string status, string? reason, long nowMs)
    {
        batch.Execute("UPDATE escalations SET callback_at_ms = $2, callback_tries = 0 WHERE subtask_id = $1", row.SubtaskId, nowMs);
        if (row.OriginPeerId is not null)
        {
            return;
        }

        var sequence = batch.Query("UPDATE tasks SET events = events + 1, updated_at_ms = $1 WHERE task_id = $2 RETURNING events", r => r.Number(0), nowMs, row.TaskId);
        if (sequence is [var number])
        {
            batch.Execute(
                "INSERT INTO task_events (task_id, sequence, type, at_ms, data_json) VALUES ($1, $2, $3, $4, $5)",
                row.TaskId, number, "escalation", nowMs, Event(row.SubtaskId, status, reason));
        }
    }

    private static string Event(string subtaskId, string status, string? reason)
    {
        var data = new JsonObject { ["subtaskId"] = subtaskId, ["status"] = status };
        if (reason is not null)
        {
            data["reason"] = reason;
        }

        return data.ToJsonString();
    }
}
