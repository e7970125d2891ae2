using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Treasury;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Treasury;

/// <summary>Policies of the treasury (economy-and-ledger 7), each change in one transaction with the act that signs it. The same act again gives the same answer.</summary>
internal sealed class TreasuryDesk(CustodyEvents events, CoordinatorIdentity identity, PaymentClock time)
{
    private const int LeastDescriptor = 12;
    private const int MostDescriptor = 8192;
    private const int MostIds = 64;
    private const long MostDays = 3_650;

    /// <summary>
    /// Writes a draft. Throws 400 <c>invalid_quorum_threshold</c>, <c>invalid_descriptor</c>, 409 <c>policy_exists</c>, and what <see cref="CustodyEvents.Take"/> throws.
    /// </summary>
    public PolicyAnswer Create(IStoreBatch batch, PolicyRequest request)
    {
        Check(request);
        var (threshold, total) = (request.QuorumThreshold!.Value, request.TotalCustodians!.Value);
        var signed = CustodyEvents.Read(
            request.PolicyId!,
            CustodyAction.CreatePolicy,
            $"treasury={request.TreasuryAccountId};quorum={threshold}/{total}",
            new(request.EventId, null, null, request.RequestedBy, request.Signature, request.CreatedAtMs));
        var row = Draft(request, time.NowMs);
        if (TreasuryRows.Find(batch, request.PolicyId!) is { } there)
        {
            return CustodyEvents.Before(batch, signed) is { } before && IsSame(there, row)
                ? Answer(batch, there, before)
                : throw new Refusal(409, "policy_exists", "A policy with this id is there. Use a new id.");
        }

        var taken = CustodyEvents.Before(batch, signed) ?? events.Take(batch, signed, Allowed(row), time.NowMs);
        batch.Insert(row);
        return Answer(batch, row, taken);
    }

    /// <summary>Puts a draft in force and retires the one before. Throws 404 <c>policy_not_found</c>, 409 <c>policy_not_draft</c>.</summary>
    public PolicyAnswer Activate(IStoreBatch batch, string policyId, CustodyRequest request)
    {
        var signed = CustodyEvents.Read(policyId, CustodyAction.ActivatePolicy, "policy_activated", request);
        var row = Find(batch, policyId);
        if (CustodyEvents.Before(batch, signed) is { } before)
        {
            return Answer(batch, row, before);
        }

        if (row.Status != TreasuryPolicyStatus.Draft)
        {
            throw new Refusal(409, "policy_not_draft", "This policy is in force, or was. Write a new one.");
        }

        var nowMs = time.NowMs;
        var taken = events.Take(batch, signed, Allowed(row), nowMs);
        batch.Execute("UPDATE treasury_policies SET status = 'retired', updated_at_ms = $1 WHERE status = 'active'", nowMs);
        batch.Execute("UPDATE treasury_policies SET status = 'active', activated_at_ms = $1, updated_at_ms = $1 WHERE policy_id = $2", nowMs, policyId);
        return Answer(batch, Find(batch, policyId), taken);
    }

    /// <summary>
    /// Takes a custodian's act under the policy in force: a key that was changed, or a release. Throws 404 <c>policy_not_found</c>, <c>wallet_send_not_found</c>, 409 <c>policy_not_active</c>,
    /// <c>release_mismatch</c>.
    /// </summary>
    public PolicyAnswer Act(IStoreBatch batch, string policyId, CustodyRequest request)
    {
        var action = request.Action switch
        {
            "rotate_key" => CustodyAction.RotateKey,
            "approve_release" => CustodyAction.ApproveRelease,
            _ => throw Refusal.Invalid([new("action", "rotate_key or approve_release")]),
        };
        var signed = CustodyEvents.Read(policyId, action, request.Details ?? "", request);
        var row = Find(batch, policyId);
        if (CustodyEvents.Before(batch, signed) is { } before)
        {
            return Answer(batch, row, before);
        }

        if (row.Status != TreasuryPolicyStatus.Active)
        {
            throw new Refusal(409, "policy_not_active", "Only the policy in force has any effect.");
        }

        if (action == CustodyAction.ApproveRelease)
        {
            CheckRelease(batch, signed.Details);
        }

        return Answer(batch, row, events.Take(batch, signed, TreasuryRows.Lines(row.CustodianIds), time.NowMs));
    }

    /// <summary>The policy in force and the newest acts.</summary>
    public TreasuryAnswer Show(IStoreBatch batch) => new(
        TreasuryRows.Active(batch) is { } active ? TreasuryViews.Of(batch, active, time.NowMs) : null,
        [.. TreasuryRows.Newest(batch, 100).Select(TreasuryViews.Of)]);

    // Agreed is to what the send is: nobody signs a release of something that does not exist.
    private static void CheckRelease(IStoreBatch batch, string details)
    {
        var id = details.StartsWith("send=", StringComparison.Ordinal) && details.IndexOf(';', StringComparison.Ordinal) is > 5 and var end ? details[5..end] : "";
        if (ReleaseRule.Details(SendRows.Find(batch, id)) != details)
        {
            throw new Refusal(409, "release_mismatch", "details are not those of the send: send=<requestId>;hash=<paymentHash>;sats=<amountSats>;fee=<maxFeeSats>.");
        }
    }

    private static void Check(PolicyRequest request)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, ClientId.IsValid(request.PolicyId), "policyId", FieldRules.IdRule);
        FieldRules.Require(issues, ClientId.IsValid(request.TreasuryAccountId), "treasuryAccountId", FieldRules.IdRule);
        FieldRules.Require(issues, FieldRules.Length(request.MultisigDescriptor, LeastDescriptor, MostDescriptor), "multisigDescriptor", $"{LeastDescriptor} to {MostDescriptor} characters");
        FieldRules.Require(issues, request.QuorumThreshold is > 0, "quorumThreshold", "more than 0");
        FieldRules.Require(issues, request.TotalCustodians is > 0 and <= MostIds, "totalCustodians", $"1 to {MostIds}");
        FieldRules.Require(issues, request.CustodianIds is { } custodians && AreIds(custodians) && custodians.Count == request.TotalCustodians, "custodianIds", "as many different ids as totalCustodians");
        FieldRules.Require(issues, request.ApprovedCoordinatorIds is null || AreIds(request.ApprovedCoordinatorIds), "approvedCoordinatorIds", "different ids");
        FieldRules.Require(issues, request.KeyRotationDays is null or (> 0 and <= MostDays), "keyRotationDays", $"1 to {MostDays}");
        FieldRules.ThrowIfAny(issues);
        if (request.QuorumThreshold > request.TotalCustodians)
        {
            throw new Refusal(400, "invalid_quorum_threshold", "More custodians would have to agree than there are.");
        }

        if (OutputDescriptor.TryParse(request.MultisigDescriptor) is not { } descriptor || descriptor.Threshold != request.QuorumThreshold || descriptor.Keys != request.TotalCustodians)
        {
            throw new Refusal(400, "invalid_descriptor", "multisigDescriptor needs its checksum (BIP 380) and a multisig of exactly quorumThreshold of totalCustodians keys.");
        }
    }

    private static bool AreIds(IReadOnlyList<string?> ids) => ids.Count <= MostIds && ids.All(ClientId.IsValid) && ids.Distinct(StringComparer.Ordinal).Count() == ids.Count;

    private static TreasuryPolicyRow Draft(PolicyRequest request, long nowMs) => new()
    {
        PolicyId = request.PolicyId!,
        TreasuryAccountId = request.TreasuryAccountId!,
        MultisigDescriptor = request.MultisigDescriptor!,
        QuorumThreshold = request.QuorumThreshold!.Value,
        TotalCustodians = request.TotalCustodians!.Value,
        CustodianIds = string.Join('\n', request.CustodianIds!),
        ApprovedCoordinatorIds = string.Join('\n', request.ApprovedCoordinatorIds ?? []),
        KeyRotationDays = request.KeyRotationDays ?? 90,
        Status = TreasuryPolicyStatus.Draft,
        CreatedAtMs = nowMs,
        UpdatedAtMs = nowMs,
    };

    private static bool IsSame(TreasuryPolicyRow one, TreasuryPolicyRow other) =>
        (one.TreasuryAccountId, one.MultisigDescriptor, one.QuorumThreshold, one.TotalCustodians, one.CustodianIds, one.ApprovedCoordinatorIds, one.KeyRotationDays)
        == (other.TreasuryAccountId, other.MultisigDescriptor, other.QuorumThreshold, other.TotalCustodians, other.CustodianIds, other.ApprovedCoordinatorIds, other.KeyRotationDays);

    private static TreasuryPolicyRow Find(IStoreBatch batch, string policyId) =>
        TreasuryRows.Find(batch, policyId) ?? throw new Refusal(404, "policy_not_found", "There is no such policy here.");

    private IEnumerable<string> Allowed(TreasuryPolicyRow row) => TreasuryRows.Lines(row.CustodianIds).Append(identity.PeerId);

    private PolicyAnswer Answer(IStoreBatch batch, TreasuryPolicyRow row, CustodyEventRow custody) => new(true, TreasuryViews.Of(batch, row, time.NowMs), TreasuryViews.Of(custody));
}
