namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>Body of <c>POST /admin/nodes/enroll</c>.</summary>
/// <param name="NodeId">Absent: drawn.</param>
/// <param name="OwnerAccountId">Who owns the node and is paid. Absent: the operator's account.</param>
/// <param name="Tenants">Tenants of the owner: the node may do their team work.</param>
internal sealed record EnrollRequest(string? NodeId, string? OwnerAccountId, IReadOnlyList<string>? Tenants);

/// <summary>An enrolled node. The token is shown here once and never again.</summary>
internal sealed record EnrolledNode(string NodeId, string JoinCode, string RegistrationToken, long ExpiresAtMs)
{
    /// <inheritdoc/>
    public override string ToString() => NodeId;
}

/// <summary>Body of the portal's <c>POST /internal/nodes/validate</c>.</summary>
internal sealed record ValidateNodeRequest(string NodeId, string NodeKind, string? RegistrationToken, string PublicKeySha256, string? DeviceId, string? SourceIp);

/// <summary>Its answer.</summary>
internal sealed record ValidateNodeAnswer(bool? Allowed, string? Reason, PortalNode? Node);

/// <summary>A node as the portal describes it; what is personal is not read.</summary>
internal sealed record PortalNode(string? NodeId, string? NodeKind, string? OwnerAccountId, bool? EmailVerified, bool? NodeApproved, bool? Active, string? Status, IReadOnlyList<string>? Tenants);

/// <summary>Body of <c>POST /internal/nodes/lookup</c>.</summary>
/// <param name="NodeIds">Who is asked about.</param>
/// <param name="Seen">When they were heard of last here, for their owners to see.</param>
internal sealed record LookupNodesRequest(IReadOnlyList<string> NodeIds, IReadOnlyList<SeenNode> Seen);

/// <summary>When an agent was heard of last, and with which key.</summary>
internal sealed record SeenNode(string NodeId, long LastSeenMs, string PublicKeySha256);

/// <summary>Its answer.</summary>
internal sealed record LookupNodesAnswer(IReadOnlyList<PortalNode>? Nodes);

/// <summary>Body of <c>POST /nodes/notify</c>.</summary>
internal sealed record NotifyRequest(string? NodeId);
