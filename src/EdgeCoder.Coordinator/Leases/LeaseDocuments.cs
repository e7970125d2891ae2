using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Ledger.Charges;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Envelopes;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>A lease that is ready to be written, with what goes to its agent.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Assignment">What the agent gets once the row is durable.</param>
/// <param name="RequesterAccountId">Who pays.</param>
/// <param name="RewardAccountId">Who is paid.</param>
/// <param name="RecheckId">What a verify or audit lease is for; null for work.</param>
/// <param name="Attempts">Attempts that were spent when it was made: another number since means that it is stale.</param>
internal sealed record PreparedLease(LeaseRow Row, Assignment Assignment, string RequesterAccountId, string RewardAccountId, int Attempts, string? RecheckId = null);

/// <summary>Makes leases: terms, signature, envelope (coordinator-and-mesh 4.4, 6). Nothing here waits.</summary>
internal static class LeaseDocuments
{
    /// <summary>Prepares a lease of waiting work for an agent; null when the work cannot be sealed for it.</summary>
    /// <param name="leaseId">From <see cref="NewId"/>.</param>
    /// <param name="work">The work.</param>
    /// <param name="blobs">Sealed copies of its blobs for this lease; empty for work in the clear.</param>
    /// <param name="agent">Who gets it.</param>
    /// <param name="loadBps">Load.</param>
    /// <param name="windowId">Audit window.</param>
    /// <param name="surroundings">Identity and key.</param>
    /// <param name="secrets">Hides the exporter secret.</param>
    /// <param name="nowMs">Now.</param>
    public static PreparedLease? Prepare(
        string leaseId, OrderMaterial work, IReadOnlyList<SealedBlob> blobs, AgentFacts agent, int loadBps, string windowId, QueueSurroundings surroundings, LeaseSecrets secrets, long nowMs)
    {
        // 1. Terms, fixed now.
        var purpose = work.Recheck?.Purpose ?? LeasePurpose.Work;
        var quality = purpose is LeasePurpose.Work && (work.CheckJson is null || work.Kind is SubtaskKind.SingleStep) ? EarningFormula.UnverifiedQualityBps : EarningFormula.VerifiedQualityBps;
        var (limitMs, budgetMs) = work.Recheck is null ? (work.AttemptTimeoutMs, work.AttemptTimeoutMs) : RecheckTimes.Of(FrozenCheck.Read(work.CheckJson)?.TimeoutMs ?? work.TimeoutMs);
        var model = work.Recheck is null ? EarningFormula.ModelBps(agent.ModelParameters) : RecheckTimes.ModelBps;
        var cap = EarningFormula.Earn(budgetMs, work.ResourceClass, quality, loadBps, model).Value;
        var hard = AttemptTimes.HardDeadlineMs(nowMs, limitMs);
        var lease = new Lease
        {
            LeaseId = leaseId,
            SubtaskId = work.SubtaskId,
            Attempt = work.Recheck?.Attempt ?? work.Attempts + 1,
            Purpose = purpose,
            AgentId = agent.AgentId,
            HomeCoordinatorId = surroundings.PeerId,
            GrantedAtMs = nowMs,
            DeadlineMs = AttemptTimes.DeadlineMs(nowMs, hard),
            HardDeadlineMs = hard,
            Price = new(cap, quality, loadBps, model),
            InputHash = work.InputHash,
            SnapshotDigest = work.SnapshotDigest,
            CheckDigest = work.CheckDigest,
            AuditWindowId = windowId,
            Cv = agent.Cv,
        };
        var signed = SignedDocument.Sign(DocumentContexts.Lease, lease, MeshJson.Default.Lease, surroundings.Key);

        // 2. The work: sealed, or plain over loopback to an agent that never had a key.
        var order = Order(work, limitMs) with { Blobs = blobs.Count > 0 ? blobs : null };
        SealedEnvelope? envelope = null;
        byte[]? exporter = null;
        if (agent.EnvelopeKey is { } recipient)
        {
            try
            {
                var metadata = new EnvelopeMetadata(work.Kind, work.Language, work.Priority, work.ResourceClass, work.TimeoutMs);
                (envelope, exporter) = EnvelopeSealer.Seal(JsonSerializer.SerializeToUtf8Bytes(order, MeshJson.Default.SubtaskOrder), recipient, leaseId, work.SubtaskId, agent.AgentId, metadata);
            }
            catch (CryptographicException)
            {
                return null;
            }
        }
        else if (!agent.Loopback)
        {
            return null;
        }

        var row = new LeaseRow
        {
            LeaseId = leaseId,
            SubtaskId = work.SubtaskId,
            TaskId = work.TaskId,
            Partition = work.Partition,
            Attempt = lease.Attempt,
            Purpose = purpose,
            AgentId = agent.AgentId,
            OwnerAccountId = agent.OwnerAccountId,
            ProjectId = work.Recheck is null ? work.ProjectId : RecheckIds.Project,
            State = LeaseState.Live,
            GrantedAtMs = nowMs,
            DeadlineMs = lease.DeadlineMs,
            HardDeadlineMs = hard,
            CapMc = cap,
            BudgetMs = budgetMs,
            QualityBps = quality,
            LoadBps = loadBps,
            ModelBps = model,
            AuditWindowId = windowId,
            Cv = agent.Cv,
            Signed = signed,
            Sealed = envelope is not null,
            ExporterSecret = exporter is null ? null : secrets.Hide(leaseId, exporter),
            Enc = envelope?.EphemeralPublicKey,
            BlobsJson = blobs.Count > 0 ? JsonSerializer.Serialize([.. blobs.SelectMany(blob => new[] { blob.Digest, blob.SealedDigest })], QueueJson.Default.StringArray) : null,
            Told = false,
            Faults = 0,
            SubjectLeaseId = work.Recheck?.Subject.LeaseId,
        };
        CryptographicOperations.ZeroMemory(exporter);
        var readable = SignedDocument.Read(signed, MeshJson.Default.Lease) ?? lease;
        var assignment = new Assignment { Lease = readable, SignedLease = Convert.ToBase64String(signed), Subtask = envelope is null ? order : null, Envelope = envelope };
        return new(row, assignment, work.AccountId, agent.RewardAccountId, work.Attempts, work.Recheck?.RecheckId);
    }

    /// <summary>16 random bytes, base64url.</summary>
    public static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    private static SubtaskOrder Order(OrderMaterial work, int limitMs) => new()
    {
        Id = work.SubtaskId,
        TaskId = work.TaskId,
        Kind = work.Kind,
        Language = work.Language,
        Input = work.Input,
        InputSalt = Convert.ToBase64String(work.InputSalt),
        TimeoutMs = work.TimeoutMs,
        AttemptTimeoutMs = limitMs,
        Limits = AttemptLimitsJson.Read(work.LimitsJson),
        DataClass = work.DataClass,
        SnapshotRef = work.SnapshotDigest is null ? null : work.SnapshotRef,
        SnapshotDigest = work.SnapshotDigest,
        AcceptanceCheck = work.Recheck is null ? FrozenCheck.ForWorkers(work.CheckJson) : FrozenCheck.Read(work.CheckJson),
        ProjectMeta = new(work.ProjectId, work.TenantId, work.ResourceClass, work.Priority),
        RequestedModel = work.RequestedModel,
        ModelRequired = work.ModelRequired ? true : null,
        DependsOn = work.DependsOnJson is null ? null : JsonSerializer.Deserialize(work.DependsOnJson, QueueJson.Default.StringArray),
        SubtaskIndex = work.Position,
        Subject = work.Recheck?.Subject,
    };
}
