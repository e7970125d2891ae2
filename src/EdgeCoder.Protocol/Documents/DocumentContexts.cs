namespace EdgeCoder.Protocol.Documents;

/// <summary>
/// What a signature is for (coordinator-and-mesh 2.1, economy-and-ledger 1.1). The context is part of what is signed, so a signature made for one kind of
/// document never verifies as another.
/// </summary>
public static class DocumentContexts
{
    /// <summary>A message between coordinators; by the sending coordinator.</summary>
    public const string Gossip = "edgecoder/gossip/v1";

    /// <summary>A lease; by the home coordinator.</summary>
    public const string Lease = "edgecoder/lease/v1";

    /// <summary>A verdict; by the verifier or auditor.</summary>
    public const string Verdict = "edgecoder/verdict/v1";

    /// <summary>The report of a result; by the agent.</summary>
    public const string Report = "edgecoder/report/v1";

    /// <summary>A payload between agents; by the sending agent.</summary>
    public const string Mesh = "edgecoder/mesh/v1";

    /// <summary>An agent's change of key; by the old key.</summary>
    public const string AgentRotation = "edgecoder/agent-rotation/v1";

    /// <summary>A coordinator's change of key; by the old key.</summary>
    public const string KeyRotation = "edgecoder/key-rotation/v1";

    /// <summary>An agent's X25519 key; by the agent.</summary>
    public const string X25519 = "edgecoder/x25519/v1";

    /// <summary>That an agent is enrolled, for 7 days; by the coordinator that admitted it.</summary>
    public const string Enrolment = "edgecoder/enrolment/v1";

    /// <summary>Answer to a challenge; by the coordinator.</summary>
    public const string Identity = "edgecoder/identity/v1";
}
