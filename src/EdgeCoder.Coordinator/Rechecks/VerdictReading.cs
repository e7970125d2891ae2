using System.Text;
using System.Text.Json;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Verdicts;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Rechecks;

/// <summary>Reads the verdict that an agent hands back as the output of a verify or audit lease, and believes only what it signed about this result.</summary>
internal sealed class VerdictReading(IDbContextFactory<CoordinatorContext> contexts, QueueSurroundings surroundings)
{
    /// <summary>
    /// The verdict ready to take effect, with the draw of the audit that it may open. Throws <see cref="Refusal"/> 400 <c>verdict_invalid</c> for one that is
    /// not signed by the agent, or about something else.
    /// </summary>
    public async Task<ConcludedVerification> ReadAsync(ResultReport report, string agentId, LeasePurpose purpose, string subjectLeaseId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var subject = await (
            from result in context.Set<ResultRow>()
            join row in context.Set<LeaseRow>() on result.LeaseId equals row.LeaseId
            join task in context.Set<TaskRow>() on result.TaskId equals task.TaskId
            where result.LeaseId == subjectLeaseId
            select new { result.Report, row.Signed, row.OwnerAccountId, task.AccountId }).FirstAsync(cancellationToken);
        var lease = SignedDocument.Read(subject.Signed, MeshJson.Default.Lease) ?? throw new InvalidDataException("A stored lease does not read.");
        var judged = JsonSerializer.Deserialize(subject.Report, MeshJson.Default.ResultReport)!;
        var signed = Encoding.UTF8.GetBytes(report.Output ?? "");
        if (WhyNot(signed, await surroundings.AgentKey(agentId, cancellationToken), out var verdict) is { } fault || (fault = WhyNot(verdict!, agentId, purpose, lease, judged)) is not null)
        {
            throw new Refusal(400, "verdict_invalid", $"The output of a {EnumText(purpose)} lease is the verdict that this agent signed about the result it was given: {fault}.");
        }

        var drawn = purpose is LeasePurpose.Verify && verdict!.Kind is VerdictKind.Accepted && subject.OwnerAccountId != subject.AccountId
            ? surroundings.Draw(lease.AuditWindowId, lease.LeaseId, verdict.ResultDigest, lease.Cv)
            : default;
        return new(verdict!, signed, drawn.Drawn, drawn.Auditor);
    }

    /// <summary>What is wrong with the document itself; null when it is the key's verdict.</summary>
    private static string? WhyNot(byte[] signed, VerifyingKey? key, out Verdict? verdict)
    {
        verdict = null;
        return key is null ? "the agent has no key"
            : SignedDocument.Verify(DocumentContexts.Verdict, signed, key) is { } fault ? $"{fault}"
            : (verdict = SignedDocument.Read(signed, MeshJson.Default.Verdict)) is null ? "it does not read"
            : null;
    }

    /// <summary>What a verdict says that is not so of this lease and result; null when everything fits. Pure.</summary>
    internal static string? WhyNot(Verdict verdict, string agentId, LeasePurpose purpose, Lease lease, ResultReport report)
    {
        var digest = ResultDigest.Of(report);
        return verdict.Purpose != purpose ? "another purpose"
            : verdict.VerifierId != agentId ? "another verifier"
            : verdict.LeaseId != lease.LeaseId || verdict.SubtaskId != lease.SubtaskId || verdict.Attempt != lease.Attempt ? "another attempt"
            : verdict.ResultDigest != digest || verdict.OutputHash != VerdictDocument.OutputHash(report) ? "another result"
            : verdict.CheckDigest != lease.CheckDigest || verdict.SnapshotDigest != lease.SnapshotDigest || verdict.InputHash != lease.InputHash ? "another check, snapshot or input"
            : verdict.AuditWindowId != lease.AuditWindowId || verdict.Cv != lease.Cv ? "another window or CV"
            : !VerdictDocument.Fits(verdict.Kind, verdict.ReasonCode) ? "no such reason for this outcome"
            : verdict.TestsRun < 0 || verdict.TestsPassed < 0 || verdict.TestsPassed > verdict.TestsRun ? "counts that cannot be"
            : !Guid.TryParseExact(verdict.VerdictId, "D", out _) ? "no verdict id"
            : null;
    }

    private static string EnumText(LeasePurpose purpose) => Hosting.Storage.EnumText.Of(purpose);
}
