using System.Globalization;

namespace EdgeCoder.Coordinator.Rechecks;

/// <summary>Names of rechecks in the queue. Subtasks are UUIDs, so no name is both.</summary>
internal static class RecheckIds
{
    /// <summary>Project under which their leases count; no submitter's project limit holds them back.</summary>
    public const string Project = "ops:rechecks";

    private const string VerifyPrefix = "verify:";
    private const string AuditPrefix = "audit:";

    /// <summary>The verifier of a result.</summary>
    public static string Verify(string leaseId) => VerifyPrefix + leaseId;

    /// <summary>An auditor of a result.</summary>
    public static string Audit(string leaseId, int round) => string.Create(CultureInfo.InvariantCulture, $"{AuditPrefix}{leaseId}:{round}");

    /// <summary>Whether it names a recheck and not a subtask.</summary>
    public static bool Is(string id) => id.StartsWith(VerifyPrefix, StringComparison.Ordinal) || id.StartsWith(AuditPrefix, StringComparison.Ordinal);
}
