namespace EdgeCoder.Protocol.Documents;

/// <summary>An agent's change of key, signed by the old key in context <see cref="DocumentContexts.AgentRotation"/>.</summary>
public sealed record AgentRotation
{
    /// <summary>Version, 1.</summary>
    public int V { get; init; } = 1;

    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>keyId of the key that signs.</summary>
    public required string OldKeyId { get; init; }

    /// <summary>SPKI PEM of the key that replaces it.</summary>
    public required string NewPublicKeyPem { get; init; }

    /// <summary>When.</summary>
    public required long IssuedAtMs { get; init; }

    /// <summary>Signature of the old key.</summary>
    public string? Signature { get; init; }
}

/// <summary>That an agent is enrolled, signed by the coordinator that admitted it in context <see cref="DocumentContexts.Enrolment"/>; valid 7 days.</summary>
public sealed record EnrolmentStatement
{
    /// <summary>Version, 1.</summary>
    public int V { get; init; } = 1;

    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary><see cref="Keys.VerifyingKey.SpkiSha256"/> of its key.</summary>
    public required string PublicKeySha256 { get; init; }

    /// <summary>Account of its owner.</summary>
    public required string OwnerAccountId { get; init; }

    /// <summary>State of the agent at the time.</summary>
    public required string Status { get; init; }

    /// <summary>When.</summary>
    public required long IssuedAtMs { get; init; }

    /// <summary>End.</summary>
    public required long ExpiresAtMs { get; init; }

    /// <summary>Signature of the coordinator.</summary>
    public string? Signature { get; init; }
}
