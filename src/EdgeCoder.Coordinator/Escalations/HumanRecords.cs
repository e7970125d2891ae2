using EdgeCoder.Agent.Redaction;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Escalations;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Makes the records that persons decide about.</summary>
internal static class HumanRecords
{
    private const string Unsearchable = "[This text could not be searched for secrets and is not kept here.]";

    /// <summary>The record of an escalation, its texts redacted before anything is stored.</summary>
    public static HumanEscalationRow Of(EscalationRow row, IReadOnlyList<AutomatedAttempt> attempts, IReadOnlyList<string> errorHistory, Redactor redactor, long nowMs) => new()
    {
        EscalationId = row.EscalationId,
        SubtaskId = row.SubtaskId,
        TaskId = row.TaskId,
        AgentId = row.AgentId ?? "",
        TaskText = Redacted(row.TaskText, redactor),
        FailedCode = Redacted(row.FailedCode, redactor),
        ErrorHistory = EscalationRecords.Write([.. errorHistory.Select(error => Redacted(error, redactor))]),
        Language = row.Language,
        IterationsAttempted = row.IterationsAttempted,
        AutomatedAttempts = EscalationStore.Write(attempts),
        Status = EnumText.Of(HumanEscalationStatus.PendingHuman),
        CreatedAtMs = nowMs,
        UpdatedAtMs = nowMs,
    };

    /// <summary>A text without secrets; when it cannot be searched, nothing of it.</summary>
    public static string Redacted(string text, Redactor redactor)
    {
        try
        {
            return redactor.Redact(text).Text;
        }
        catch (RedactionException)
        {
            return Unsearchable;
        }
    }
}
