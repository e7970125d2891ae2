using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Escalations;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Rows as answers.</summary>
internal static class EscalationViews
{
    /// <summary>The result so far.</summary>
    public static EscalationResult Result(EscalationRow row) => new()
    {
        TaskId = row.TaskId,
        Status = EnumText.Parse<EscalationStatus>(row.Status),
        ImprovedCode = row.ImprovedCode,
        Explanation = row.Explanation,
        ResolvedByAgentId = row.ResolvedByAgentId,
        ResolvedByModel = row.ResolvedByModel,
        EscalationId = row.EscalationId,
        Verification = row.Verification,
    };

    /// <summary>Everything; without <paramref name="content"/> no text of the task, its code, its errors or a person.</summary>
    public static EscalationDetail Detail(EscalationRow row, HumanEscalationRow? human, bool content) => new()
    {
        TaskId = row.TaskId,
        Status = EnumText.Parse<EscalationStatus>(row.Status),
        ImprovedCode = content ? row.ImprovedCode : null,
        Explanation = content ? row.Explanation : null,
        ResolvedByAgentId = row.ResolvedByAgentId,
        ResolvedByModel = row.ResolvedByModel,
        EscalationId = row.EscalationId,
        Verification = row.Verification,
        SubtaskId = row.SubtaskId,
        AgentId = row.AgentId,
        Task = content ? row.TaskText : null,
        FailedCode = content ? row.FailedCode : null,
        ErrorHistory = content ? EscalationRecords.Read(row.ErrorHistory) : null,
        Language = row.Language,
        IterationsAttempted = row.IterationsAttempted,
        AutomatedAttempts = [.. EscalationStore.Attempts(row.Attempts).Select(attempt => content || attempt.Outcome is not "candidate" ? attempt : attempt with { Reason = "Code was given." })],
        Human = human is null ? null : Human(human, content),
        CreatedAtMs = row.CreatedAtMs,
        UpdatedAtMs = row.UpdatedAtMs,
    };

    /// <summary>A person's record.</summary>
    public static HumanEscalation Human(HumanEscalationRow row, bool content) => new()
    {
        EscalationId = row.EscalationId,
        TaskId = row.TaskId,
        AgentId = row.AgentId,
        Task = content ? row.TaskText : null,
        FailedCode = content ? row.FailedCode : null,
        ErrorHistory = content ? EscalationRecords.Read(row.ErrorHistory) : null,
        Language = row.Language,
        IterationsAttempted = row.IterationsAttempted,
        AutomatedAttempts = EscalationStore.Attempts(row.AutomatedAttempts),
        Status = EnumText.Parse<HumanEscalationStatus>(row.Status),
        HumanContext = content ? row.HumanContext : null,
        HumanEditedCode = content ? row.HumanEditedCode : null,
        RespondedByUserId = row.RespondedByUserId,
        CreatedAtMs = row.CreatedAtMs,
        UpdatedAtMs = row.UpdatedAtMs,
    };
}
