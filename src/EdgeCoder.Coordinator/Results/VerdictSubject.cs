using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Results;

/// <summary>What a verdict is about, as the rows have it.</summary>
internal sealed record VerdictSubject
{
    private const string Columns =
        """
        SELECT l.subtask_id, l.task_id, l.partition, l.agent_id, l.owner_account_id, l.budget_ms, l.quality_bps, l.load_bps, l.model_bps, r.lease_ms, r.inconclusive, r.output,
            t.account_id, t.resource_class, t.finished_at_ms, l.cap_mc
        FROM results r JOIN leases l ON l.lease_id = r.lease_id JOIN tasks t ON t.task_id = r.task_id WHERE r.lease_id = $1
        """;

    public required string SubtaskId { get; init; }

    public required string TaskId { get; init; }

    public required int Partition { get; init; }

    public required string AgentId { get; init; }

    public required string WorkerAccountId { get; init; }

    public required string RequesterAccountId { get; init; }

    public required long BudgetMs { get; init; }

    public required int QualityBps { get; init; }

    public required int LoadBps { get; init; }

    public required int ModelBps { get; init; }

    public required long LeaseMs { get; init; }

    public required int Inconclusive { get; init; }

    public required string Output { get; init; }

    public required ResourceClass ResourceClass { get; init; }

    public required bool TaskEnded { get; init; }

    /// <summary>Whether it is a candidate of the waterfall or of a person: nobody is paid or judged for it.</summary>
    public required bool Candidate { get; init; }

    /// <summary>No audit and no standing where worker and requester are one (coordinator-and-mesh 5.3).</summary>
    public bool OwnWork => Candidate || string.Equals(WorkerAccountId, RequesterAccountId, StringComparison.Ordinal);

    /// <summary>Reads it; null when there is no such result.</summary>
    public static VerdictSubject? Find(IStoreBatch batch, string leaseId) => batch.Query(Columns, Read, leaseId) is [var subject] ? subject : null;

    private static VerdictSubject Read(StoreRow row) => new()
    {
        SubtaskId = row.Text(0),
        TaskId = row.Text(1),
        Partition = (int)row.Number(2),
        AgentId = row.Text(3),
        WorkerAccountId = row.Text(4),
        BudgetMs = row.Number(5),
        QualityBps = (int)row.Number(6),
        LoadBps = (int)row.Number(7),
        ModelBps = (int)row.Number(8),
        LeaseMs = row.Number(9),
        Inconclusive = (int)row.Number(10),
        Output = row.TextOrNull(11) ?? "",
        RequesterAccountId = row.Text(12),
        ResourceClass = row.Enum<ResourceClass>(13),
        TaskEnded = !row.IsNull(14),
        Candidate = row.Number(15) == 0 && row.Number(5) == 0,
    };
}
