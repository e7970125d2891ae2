using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Results;

/// <summary>Audits that are open.</summary>
internal static class OpenAudits
{
    /// <summary>Without an auditor in this time the verdict stands.</summary>
    public const long LapseMs = 24 * 3_600_000;

    /// <summary>Opens an audit of an accepted result.</summary>
    public static void Open(IStoreBatch batch, string taskId, string subtaskId, int partition, Verdict verdict, long nowMs) => batch.Insert(new OpenAuditRow
    {
        LeaseId = verdict.LeaseId,
        TaskId = taskId,
        SubtaskId = subtaskId,
        Partition = partition,
        VerifierId = verdict.VerifierId,
        OpenedAtMs = nowMs,
        LapsesAtMs = nowMs + LapseMs,
    });
}
