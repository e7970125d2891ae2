using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Treasury;

/// <summary>Policies and acts of custody, read in the transaction that decides about them.</summary>
internal static class TreasuryRows
{
    private const string Policies =
        "SELECT policy_id, treasury_account_id, multisig_descriptor, quorum_threshold, total_custodians, custodian_ids, approved_coordinator_ids, key_rotation_days, status, activated_at_ms, created_at_ms, updated_at_ms FROM treasury_policies ";

    private const string Events = "SELECT event_id, policy_id, actor_id, action, details, document, signature, created_at_ms FROM key_custody_events ";

    /// <summary>The policy in force; null without one.</summary>
    public static TreasuryPolicyRow? Active(IStoreBatch batch) => batch.Query(Policies + "WHERE status = $1", Policy, "active") is [var row] ? row : null;

    /// <summary>To which coordinators the quorum of issuance is narrowed (economy-and-ledger 8.2); null: to none in particular.</summary>
    public static IReadOnlyList<string>? ApprovedCoordinators(IStoreBatch batch) => Active(batch) is { ApprovedCoordinatorIds.Length: > 0 } policy ? Lines(policy.ApprovedCoordinatorIds) : null;

    /// <summary>A policy; null when there is none.</summary>
    public static TreasuryPolicyRow? Find(IStoreBatch batch, string policyId) => batch.Query(Policies + "WHERE policy_id = $1", Policy, policyId) is [var row] ? row : null;

    /// <summary>An act; null when there is none.</summary>
    public static CustodyEventRow? FindEvent(IStoreBatch batch, string eventId) => batch.Query(Events + "WHERE event_id = $1", Event, eventId) is [var row] ? row : null;

    /// <summary>The newest acts; those of one moment in the order of their ids.</summary>
    public static List<CustodyEventRow> Newest(IStoreBatch batch, int most) => batch.Query(Events + "ORDER BY created_at_ms DESC, event_id LIMIT $1", Event, (long)most);

    /// <summary>Who agreed to a release under a policy; each once.</summary>
    public static List<string> Approvers(IStoreBatch batch, string policyId, string details) => batch.Query(
        "SELECT DISTINCT actor_id FROM key_custody_events WHERE policy_id = $1 AND action = 'approve_release' AND details = $2", row => row.Text(0), policyId, details);

    /// <summary>Whether no key was changed for longer than a policy in force allows.</summary>
    public static bool IsRotationOverdue(IStoreBatch batch, TreasuryPolicyRow policy, long nowMs)
    {
        var rotated = batch.Query(
            "SELECT created_at_ms FROM key_custody_events WHERE policy_id = $1 AND action = 'rotate_key' ORDER BY created_at_ms DESC LIMIT 1", row => row.Number(0), policy.PolicyId) is [var at] ? at : 0;
        return nowMs - Math.Max(rotated, policy.ActivatedAtMs ?? nowMs) > policy.KeyRotationDays * 86_400_000;
    }

    /// <summary>Lines of a text; none of an empty one.</summary>
    public static IReadOnlyList<string> Lines(string text) => text.Length == 0 ? [] : text.Split('\n');

    private static TreasuryPolicyRow Policy(StoreRow row) => new()
    {
        PolicyId = row.Text(0),
        TreasuryAccountId = row.Text(1),
        MultisigDescriptor = row.Text(2),
        QuorumThreshold = row.Number(3),
        TotalCustodians = row.Number(4),
        CustodianIds = row.Text(5),
        ApprovedCoordinatorIds = row.Text(6),
        KeyRotationDays = row.Number(7),
        Status = row.Enum<TreasuryPolicyStatus>(8),
        ActivatedAtMs = row.NumberOrNull(9),
        CreatedAtMs = row.Number(10),
        UpdatedAtMs = row.Number(11),
    };

    private static CustodyEventRow Event(StoreRow row) => new()
    {
        EventId = row.Text(0),
        PolicyId = row.Text(1),
        ActorId = row.Text(2),
        Action = row.Enum<CustodyAction>(3),
        Details = row.Text(4),
        Document = row.Bytes(5),
        Signature = row.Text(6),
        CreatedAtMs = row.Number(7),
    };
}
