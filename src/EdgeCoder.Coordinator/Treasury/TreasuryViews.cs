using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Treasury;

/// <summary>How policies and acts of custody are shown.</summary>
internal static class TreasuryViews
{
    /// <summary>A policy; whether its rotation is overdue is said of the one in force.</summary>
    public static PolicyView Of(IStoreBatch batch, TreasuryPolicyRow row, long nowMs) => new(
        row.PolicyId,
        row.TreasuryAccountId,
        row.MultisigDescriptor,
        row.QuorumThreshold,
        row.TotalCustodians,
        TreasuryRows.Lines(row.CustodianIds),
        TreasuryRows.Lines(row.ApprovedCoordinatorIds),
        row.KeyRotationDays,
        EnumText.Of(row.Status),
        row.Status == TreasuryPolicyStatus.Active ? TreasuryRows.IsRotationOverdue(batch, row, nowMs) : null,
        row.CreatedAtMs,
        row.UpdatedAtMs);

    /// <summary>An act.</summary>
    public static CustodyEventView Of(CustodyEventRow row) =>
        new(row.EventId, row.PolicyId, row.ActorId, EnumText.Of(row.Action), row.Details, row.Signature, row.CreatedAtMs, Convert.ToBase64String(row.Document));
}
