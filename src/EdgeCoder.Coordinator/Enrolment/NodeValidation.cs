namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>What the portal or the coordinator's own table says of a node that wants to bind a key (coordinator-and-mesh 3.1).</summary>
/// <param name="Allowed">Whether the key may be bound.</param>
/// <param name="Approved">Whether the agent may work at once.</param>
/// <param name="Reason">Stable reason.</param>
/// <param name="OwnerAccountId">Who answers for it; known when it is allowed.</param>
/// <param name="Tenants">Tenants of the owner.</param>
internal sealed record NodeValidation(bool Allowed, bool Approved, string Reason, string? OwnerAccountId = null, IReadOnlyList<string>? Tenants = null)
{
    /// <summary>Reasons that refuse, as the portal and the table give them.</summary>
    private static readonly string[] Refusals =
    [
        "node_not_enrolled", "node_kind_mismatch", "node_key_mismatch", "registration_token_required", "registration_token_invalid", "registration_token_expired", "registration_token_used",
        "node_rejected", "node_revoked", "node_suspended", "node_inactive", "agent_blacklisted",
    ];

    /// <summary>Refused with a reason.</summary>
    public static NodeValidation Refused(string reason) => new(false, false, reason);

    /// <summary>
    /// Reads an answer of the portal by its reason. Only <c>ok</c> makes an agent active, only the two waiting reasons leave it pending; whatever is not
    /// known refuses, so that a newer or a broken portal never admits by accident.
    /// </summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="reason">Reason in the answer.</param>
    /// <param name="owner">Owner's account in the answer.</param>
    /// <param name="tenants">Tenants in the answer.</param>
    public static NodeValidation OfPortal(int status, string? reason, string? owner, IReadOnlyList<string>? tenants) => (status, reason) switch
    {
        (200, "ok") when owner is { Length: > 0 } => new(true, true, "ok", owner, tenants),
        (200, "node_pending_coordinator_approval" or "email_unverified") when owner is { Length: > 0 } => new(true, false, reason, owner, tenants),
        (200 or 403 or 404, not null) when Refusals.Contains(reason, StringComparer.Ordinal) => Refused(reason),
        _ => Refused($"portal_validation_failed_{status}"),
    };
}
