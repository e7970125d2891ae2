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

    /// <summary>A record of a coordinator's log, by its hash; by the coordinator.</summary>
    public const string Record = "edgecoder/record/v1";

    /// <summary>An event of a blacklist, by its hash; by its source.</summary>
    public const string Blacklist = "edgecoder/blacklist/v1";

    /// <summary>The report that asks for a ban; by the reporter.</summary>
    public const string BlacklistEvidence = "edgecoder/blacklist-evidence/v1";

    /// <summary>An appeal against a ban; by the agent.</summary>
    public const string Appeal = "edgecoder/appeal/v1";

    /// <summary>What may be spent while no coordinator can be reached; by the coordinator that holds it.</summary>
    public const string OfflineAllowance = "edgecoder/offline-allowance/v1";

    /// <summary>Work that two machines settled without a coordinator; by both.</summary>
    public const string OfflineCredit = "edgecoder/offline-credit/v1";

    /// <summary>Answer to a challenge; by the coordinator.</summary>
    public const string Identity = "edgecoder/identity/v1";

    /// <summary>What a purchase credited; by the coordinator.</summary>
    public const string PaymentReceipt = "edgecoder/payment-receipt/v1";

    /// <summary>What computing costs at a coordinator, for those who agree on a price; by that coordinator.</summary>
    public const string PriceQuote = "edgecoder/price-quote/v1";

    /// <summary>A price that was agreed on; by the coordinator whose it is.</summary>
    public const string PriceEpoch = "edgecoder/price-epoch/v1";

    /// <summary>An act of custody over a treasury; by who acts.</summary>
    public const string CustodyEvent = "edgecoder/custody-event/v1";

    /// <summary>What a member of a quorum proposes, votes or commits, by its hash; by that member.</summary>
    public const string QuorumRecord = "edgecoder/quorum-record/v1";

    /// <summary>A release of the program: the exact bytes of its manifest; by a release key.</summary>
    public const string ReleaseManifest = "edgecoder/release-manifest/v1";

    /// <summary>A model and where its file is; by the coordinator that vouches for it.</summary>
    public const string ModelManifest = "edgecoder/model-manifest/v1";
}
