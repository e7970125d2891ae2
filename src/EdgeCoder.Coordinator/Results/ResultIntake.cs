using System.Text;
using System.Text.Json;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Envelopes;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Results;

/// <summary>
/// Takes results (coordinator-and-mesh 4.5): every check in its order before anything is written, then result and state in one transaction. A result
/// of one who does not hold the lease changes nothing.
/// </summary>
internal sealed class ResultIntake(IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, QueueSurroundings surroundings, BlobStore blobs, SealedUploads uploads, LeaseSecrets secrets, VerdictReading verdictReading, HeldWorkMemory held, RecheckVerdicts rechecks, QueueOptions options, QueueEffects effects, QueueClock time)
{
    /// <summary>Most bytes of an output.</summary>
    public const int MostOutputBytes = 262_144;

    /// <summary>Reports of one lease that may break a form rule; the last ends the attempt.</summary>
    public const int FaultLimit = 3;

    private readonly Func<CoordinatorContext, string, Task<HeldWork?>> _find = EF.CompileAsyncQuery((CoordinatorContext context, string leaseId) =>
        (from l in context.Set<LeaseRow>()
         join s in context.Set<SubtaskRow>() on l.SubtaskId equals s.SubtaskId
         join t in context.Set<TaskRow>() on l.TaskId equals t.TaskId
         where l.LeaseId == leaseId
         select new HeldWork(l.AgentId, l.SubtaskId, l.TaskId, l.Partition, l.Purpose, l.State, l.GrantedAtMs, l.DeadlineMs, l.Sealed, l.ExporterSecret, l.Enc, s.SnapshotDigest, s.CheckDigest, t.AccountId, l.OwnerAccountId, s.Kind, l.SubjectLeaseId)).FirstOrDefault());

    /// <summary>Checks and stores a report.</summary>
    public async Task<ResultAnswer> ReportAsync(string agentId, ResultReport report, CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (report.LeaseId is not { Length: > 0 and <= 64 } leaseId || report.SubtaskId is null || report.AgentId is null)
        {
            throw new Refusal(400, "validation_failed", "A result names leaseId, subtaskId and agentId.");
        }

        // 1. The lease is the signer's. What is remembered of it was so at the grant: it serves a report in time that has no fault, and the rest is told by rows.
        if (held.Of(leaseId) is { } granted && granted.AgentId == agentId && report.AgentId == agentId && granted.DeadlineMs > nowMs
            && await TryReportAsync(agentId, report, granted, nowMs, cancellationToken) is { } taken)
        {
            return taken;
        }

        HeldWork? work;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            work = await _find(context, leaseId);
        }

        if (work is null || work.AgentId != agentId || report.AgentId != agentId)
        {
            throw NotHeld("unknown");
        }

        if (work.State is LeaseState.Reported or LeaseState.Closed)
        {
            return await RepeatAsync(leaseId, report, work, cancellationToken);
        }

        if (work.State is not LeaseState.Live || work.DeadlineMs <= nowMs)
        {
            throw NotHeld(work.State switch { LeaseState.Revoked => "revoked", LeaseState.Cancelled => "cancelled", LeaseState.Live or LeaseState.Expired => "expired", _ => "closed" });
        }

        // 2. Envelope, ids, digests, signature.
        ResultReport clear;
        ConcludedVerification? verdict = null;
        IReadOnlyList<OpenedUpload> opened = [];
        try
        {
            (clear, opened) = await OpenAsync(agentId, report, work, cancellationToken);
            if (work is { Purpose: not LeasePurpose.Work, SubjectLeaseId: { } subject } && clear.Ok is true)
            {
                verdict = await verdictReading.ReadAsync(clear, agentId, work.Purpose, subject, cancellationToken);
            }
        }
        catch (Refusal)
        {
            await FaultAsync(agentId, leaseId, nowMs, cancellationToken);
            throw;
        }

        var answer = await StoreAsync(work, clear, opened, verdict, nowMs, cancellationToken);
        return answer ?? await RepeatAsync(leaseId, report, work, cancellationToken);
    }

    // Null: there is a fault, or the lease is not live any more.
    private async Task<ResultAnswer?> TryReportAsync(string agentId, ResultReport report, HeldWork work, long nowMs, CancellationToken cancellationToken)
    {
        ResultReport clear;
        IReadOnlyList<OpenedUpload> opened;
        try
        {
            (clear, opened) = await OpenAsync(agentId, report, work, cancellationToken);
        }
        catch (Refusal)
        {
            return null;
        }

        return await StoreAsync(work, clear, opened, null, nowMs, cancellationToken);
    }

    // In the clear, with the uploads that the sealed form names.
    private async Task<(ResultReport Clear, IReadOnlyList<OpenedUpload> Opened)> OpenAsync(string agentId, ResultReport report, HeldWork work, CancellationToken cancellationToken)
    {
        var clear = await ReadAsync(agentId, report, work, cancellationToken);
        return work.Sealed ? (clear with { Blobs = null }, await uploads.OpenAsync(clear, cancellationToken)) : (clear, []);
    }

    // Null: the lease was not live.
    private async Task<ResultAnswer?> StoreAsync(HeldWork work, ResultReport clear, IReadOnlyList<OpenedUpload> opened, ConcludedVerification? verdict, long nowMs, CancellationToken cancellationToken)
    {
        // 3. An output that is too long to travel as context is a blob of the task's account.
        var blob = work.Purpose is LeasePurpose.Work && clear.Output is { } output && Dependents.BlobOf(output) is not null ? await blobs.PutBytesAsync(Encoding.UTF8.GetBytes(output), cancellationToken) : null;

        // 4. One transaction; the conditional update decides.
        var stored = Row(work, clear, nowMs);
        var (answer, changes) = await writer.WriteAsync(
            batch =>
            {
                var written = work.Purpose is LeasePurpose.Work ? Write(batch, work, stored, blob, nowMs) : WriteVerdict(batch, work, stored, verdict, nowMs);
                if (written.Answer is not null)
                {
                    SealedUploads.Keep(batch, opened, work.AgentId, nowMs);
                }

                return written;
            },
            cancellationToken);
        held.Ended(stored.LeaseId);
        await effects.ApplyAsync(changes);
        return answer;
    }

    private static (ResultAnswer? Answer, QueueChanges Changes) Write(IStoreBatch batch, HeldWork work, ResultRow result, string? blob, long nowMs)
    {
        var changes = new QueueChanges();
        if (batch.Execute("UPDATE leases SET state = 'reported', ended_at_ms = $1 WHERE lease_id = $2 AND state = 'live' AND deadline_ms > $1", nowMs, result.LeaseId) == 0)
        {
            return (null, changes);
        }

        batch.Insert(result);
        if (blob is not null)
        {
            BlobRecords.Hold(batch, blob, Encoding.UTF8.GetByteCount(result.Output!), BlobRecords.Account(work.AccountId), nowMs);
        }

        batch.Execute("UPDATE subtasks SET state = 'reported', updated_at_ms = $1 WHERE subtask_id = $2 AND state = 'leased' AND lease_id = $3", nowMs, work.SubtaskId, result.LeaseId);
        var journal = new TaskJournal(batch, work.TaskId, changes, nowMs);
        journal.Add("result.reported", EventData.Of(("subtaskId", work.SubtaskId), ("ok", result.Ok)));
        journal.SubtaskState(work.SubtaskId, "reported");
        journal.Write();
        changes.Of(work.Partition).EndedLeases.Add(result.LeaseId);
        if (result.Place is VerifierPlace.AnotherOwner)
        {
            RecheckQueue.WantVerifier(batch, result.LeaseId, work.TaskId, work.SubtaskId, work.Partition, work.OwnerAccountId, changes, nowMs);
        }

        changes.Results = true;
        return (new(true, SubtaskState.Reported, null), changes);
    }

    private static Refusal NotHeld(string reason) =>
        new(409, "lease_not_held", "This agent does not hold that lease now. Drop the result and pull again.") { Reason = reason };

    // The output is another's verdict on a result, not a result: nobody runs it again, and its subtask's state is the verdict's business.
    private (ResultAnswer? Answer, QueueChanges Changes) WriteVerdict(IStoreBatch batch, HeldWork work, ResultRow result, ConcludedVerification? verdict, long nowMs)
    {
        var changes = new QueueChanges();
        if (batch.Execute("UPDATE leases SET state = 'closed', ended_at_ms = $1 WHERE lease_id = $2 AND state = 'live' AND deadline_ms > $1", nowMs, result.LeaseId) == 0)
        {
            return (null, changes);
        }

        result.State = ResultState.Closed;
        batch.Insert(result);
        changes.LeaseEnded(work.Partition, result.LeaseId, work.TaskId);
        rechecks.Conclude(batch, result.LeaseId, work.AgentId, result.LeaseMs, verdict, changes, nowMs);
        return (new(true, null, null), changes);
    }

    // Only what has a check and is said to pass it is run again; the rest is told by its form.
    private VerifierPlace PlaceOf(HeldWork work, ResultReport report) => report.Ok is true && work.CheckDigest is not null && work.Kind is not SubtaskKind.SingleStep
        ? VerifierChoice.For(work.OwnerAccountId, work.AccountId, options.OperatorAccountId, sandboxHere: true)
        : VerifierPlace.Coordinator;

    private ResultRow Row(HeldWork work, ResultReport report, long nowMs) => new()
    {
        LeaseId = report.LeaseId!,
        SubtaskId = work.SubtaskId,
        TaskId = work.TaskId,
        AgentId = work.AgentId,
        State = ResultState.Reported,
        Ok = report.Ok!.Value,
        Output = report.Output,
        ResultDigest = report.ResultDigest!,
        PatchDigest = report.PatchDigest,
        LogsDigest = report.LogsDigest,
        Report = JsonSerializer.SerializeToUtf8Bytes(report, MeshJson.Default.ResultReport),
        LeaseMs = Math.Max(0, nowMs - work.GrantedAtMs),
        ReportedAtMs = nowMs,
        Place = PlaceOf(work, report),
        ClaimUntilMs = 0,
        Inconclusive = 0,
    };

    private async Task<ResultReport> ReadAsync(string agentId, ResultReport report, HeldWork work, CancellationToken cancellationToken)
    {
        var clear = report;
        if (work.Sealed)
        {
            if (report.EncryptedPayload is null || report.ResponseNonce is null)
            {
                throw new Refusal(400, "plaintext_not_allowed", "The work of this lease was sealed; seal its result too.");
            }

            clear = Open(report.LeaseId!, report, work)
                ?? throw new Refusal(400, "envelope_decrypt_failed", "The sealed result does not open with this lease's secret.");
        }

        if (clear.SubtaskId != work.SubtaskId || (clear.TaskId is not null && clear.TaskId != work.TaskId))
        {
            throw new Refusal(400, "task_id_mismatch", "The result names another subtask or task than its lease.");
        }

        if (clear.SnapshotDigest is not null && clear.SnapshotDigest != work.SnapshotDigest)
        {
            throw new Refusal(400, "snapshot_mismatch", "The result was made on another snapshot than its lease names.");
        }

        if (clear.CheckDigest is not null && clear.CheckDigest != work.CheckDigest)
        {
            throw new Refusal(400, "check_mismatch", "The result was checked with another check than its lease names.");
        }

        if (clear.Ok is null || (clear.Output is { } output && (output.Length > MostOutputBytes || Encoding.UTF8.GetByteCount(output) > MostOutputBytes)))
        {
            throw new Refusal(400, "validation_failed", $"A result says ok, and its output has at most {MostOutputBytes} bytes.");
        }

        if (clear.ResultDigest is null || clear.ResultDigest != ResultDigest.Of(clear))
        {
            throw new Refusal(400, "result_digest_mismatch", "resultDigest is not the digest of this result.");
        }

        return await surroundings.AgentKey(agentId, cancellationToken) is { } key && ReportSignature.Verify(clear, key)
            ? clear
            : throw new Refusal(400, "report_signature_invalid", "reportSignature is not this agent's signature of this report.");
    }

    private ResultReport? Open(string leaseId, ResultReport report, HeldWork work) => !work.Sealed
        ? report
        : work.Enc is { } enc && secrets.Reveal(leaseId, work.ExporterSecret) is { } secret ? SealedReply.Open(secret, enc, report) : null;

    // The same report again is answered again; another signed one is kept as evidence and refused.
    private async Task<ResultAnswer> RepeatAsync(string leaseId, ResultReport report, HeldWork work, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var stored = await context.Set<ResultRow>().Where(r => r.LeaseId == leaseId).Select(r => new { r.ResultDigest, r.SubtaskId }).FirstOrDefaultAsync(cancellationToken) ?? throw NotHeld("closed");
        if (stored.ResultDigest == report.ResultDigest)
        {
            var state = await context.Set<SubtaskRow>().Where(s => s.SubtaskId == stored.SubtaskId).Select(s => (SubtaskState?)s.State).FirstOrDefaultAsync(cancellationToken);
            return new(true, state, true);
        }

        // Only a report that the agent really signed is evidence against it; what it signed is the open form.
        var evidence = Open(leaseId, report, work);
        if (evidence is { ResultDigest: not null, ReportNonce: not null } && await surroundings.AgentKey(evidence.AgentId!, cancellationToken) is { } key && ReportSignature.Verify(evidence, key))
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(evidence, MeshJson.Default.ResultReport);
            await writer.WriteAsync(batch => batch.Execute("UPDATE results SET conflict = $1 WHERE lease_id = $2 AND conflict IS NULL", bytes, leaseId), cancellationToken);
            await effects.ApplyAsync(new() { Suspects = { work.AgentId } });
        }

        throw new Refusal(409, "result_conflict", "Another result was reported for this lease. An agent signs one report for a lease; both are kept.");
    }

    private async Task FaultAsync(string agentId, string leaseId, long nowMs, CancellationToken cancellationToken)
    {
        var changes = await writer.WriteAsync(
            batch =>
            {
                var made = new QueueChanges { Suspects = { agentId } };
                if (batch.Query("UPDATE leases SET faults = faults + 1 WHERE lease_id = $1 AND state = 'live' RETURNING faults", row => row.Number(0), leaseId) is [>= FaultLimit])
                {
                    AttemptEnds.EndLive(batch, leaseId, AttemptEnd.Rejected, "malformed_result", made, nowMs);
                }

                return made;
            },
            cancellationToken);
        await effects.ApplyAsync(changes);
    }
}
