using System.Text.Json;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Opens escalations. The waterfall finds them by itself.</summary>
internal static class EscalationRecords
{
    /// <summary>
    /// A subtask has no attempt left, in the transaction that says so. The same subtask twice in one round changes nothing but adds what is new to the
    /// error history; after a person's context it begins a new round. Accepted subtasks stay as they are.
    /// </summary>
    /// <param name="batch">The transaction that makes the subtask final.</param>
    /// <param name="taskId">Its task.</param>
    /// <param name="subtaskId">The subtask.</param>
    /// <param name="agentId">Who tried last; null when nobody did.</param>
    /// <param name="language">Language.</param>
    /// <param name="task">What the subtask asked for.</param>
    /// <param name="failedCode">The last output; empty when there is none.</param>
    /// <param name="errorHistory">What went wrong, oldest first.</param>
    /// <param name="iterations">Attempts spent, at least 1.</param>
    /// <param name="nowMs">Now.</param>
    public static void Open(
        IStoreBatch batch, string taskId, string subtaskId, string? agentId, string language, string task, string failedCode, IReadOnlyList<string> errorHistory, int iterations, long nowMs) =>
        Open(batch, New(taskId, subtaskId, agentId, language, task, failedCode, errorHistory, iterations, nowMs), nowMs);

    /// <summary>The same, with what only a request knows.</summary>
    internal static void Open(IStoreBatch batch, EscalationRow row, long nowMs)
    {
        if (batch.TryInsert(row))
        {
            return;
        }

        var before = batch.Query(
            "SELECT phase, error_history, failed_code, tests FROM escalations WHERE subtask_id = $1",
            r => (Phase: r.Text(0), History: r.Text(1), Code: r.Text(2), Tests: r.IsNull(3) ? null : r.Text(3)),
            row.SubtaskId)[0];
        var history = Merge(Read(before.History), Read(row.ErrorHistory));
        var code = row.FailedCode.Length > 0 ? row.FailedCode : before.Code;
        if (before.Phase == EscalationPhase.Done)
        {
            batch.Execute(
                """
                UPDATE escalations SET escalation_id = $2, round = round + 1, agent_id = COALESCE($3, agent_id), failed_code = $4, error_history = $5, iterations_attempted = $6, task_text = $9,
                    status = 'pending', phase = $7, tries = 0, next_at_ms = $8, claim_id = NULL, claim_until_ms = 0, updated_at_ms = $8, callback_at_ms = $8, callback_tries = 0
                WHERE subtask_id = $1 AND phase = 'done' AND status <> 'completed'
                """,
                row.SubtaskId, row.EscalationId, row.AgentId, code, Write(history), row.IterationsAttempted, EscalationPhase.Waiting, nowMs, row.TaskText);
            return;
        }

        // What is asked for has grown when a person gave context.
        batch.Execute(
            "UPDATE escalations SET agent_id = COALESCE($2, agent_id), failed_code = $3, error_history = $4, tests = COALESCE($5, tests), updated_at_ms = $6, task_text = $7 WHERE subtask_id = $1",
            row.SubtaskId, row.AgentId, code, Write(history), row.Tests, nowMs, row.TaskText);
    }

    /// <summary>A row of a first round.</summary>
    internal static EscalationRow New(
        string taskId, string subtaskId, string? agentId, string language, string task, string failedCode, IReadOnlyList<string> errorHistory, int iterations, long nowMs) => new()
    {
        SubtaskId = subtaskId,
        EscalationId = Guid.NewGuid().ToString(),
        Round = 1,
        TaskId = taskId,
        AgentId = agentId,
        Language = language,
        TaskText = task,
        FailedCode = failedCode,
        ErrorHistory = Write(errorHistory),
        IterationsAttempted = Math.Max(1, iterations),
        Status = "pending",
        Phase = EscalationPhase.Waiting,
        NextAtMs = nowMs,
        Attempts = "[]",
        CreatedAtMs = nowMs,
        UpdatedAtMs = nowMs,
        CallbackAtMs = nowMs,
    };

    /// <summary>Reads a stored list of texts.</summary>
    internal static IReadOnlyList<string> Read(string? json) => json is null ? [] : JsonSerializer.Deserialize(json, InferenceJson.Default.IReadOnlyListString) ?? [];

    /// <summary>Writes a list of texts.</summary>
    internal static string Write(IReadOnlyList<string> texts) => JsonSerializer.Serialize(texts, InferenceJson.Default.IReadOnlyListString);

    /// <summary>The first list with what only the second has.</summary>
    internal static IReadOnlyList<string> Merge(IReadOnlyList<string> first, IReadOnlyList<string> second) => [.. first, .. second.Where(text => !first.Contains(text))];
}
