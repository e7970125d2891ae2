using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Blacklists;

/// <summary>What a reporter signs (economy-and-ledger 14).</summary>
public sealed record BlacklistReport(string AgentId, string ReasonCode, string Reason, string EvidenceHashSha256, string ReporterId, long TimestampMs, int V = 1)
{
    /// <summary>What the reporter of an event must have signed.</summary>
    public static BlacklistReport Of(BlacklistEvent said) => new(said.AgentId, said.ReasonCode, said.Reason, said.EvidenceHashSha256, said.ReporterId, said.TimestampMs);

    /// <summary>Signs it, base64.</summary>
    public string Sign(SigningKey key) => SignedDocument.SignDetached(DocumentContexts.BlacklistEvidence, Content(), key);

    /// <summary>Whether a key has signed it. Never throws.</summary>
    public bool IsSignedBy(VerifyingKey key, string? signature) => SignedDocument.VerifyDetached(DocumentContexts.BlacklistEvidence, Content(), signature, key);

    /// <summary>The canonical bytes.</summary>
    public byte[] Content() => CanonicalJson.Write(this, LedgerJson.Default.BlacklistReport);
}

/// <summary>What an agent signs that appeals. The statement stays out of every log.</summary>
public sealed record BlacklistAppeal(string EventId, string AgentId, string Statement, string? EvidenceRef, long TimestampMs, int V = 1)
{
    /// <summary>Signs it, base64.</summary>
    public string Sign(SigningKey key) => SignedDocument.SignDetached(DocumentContexts.Appeal, Content(), key);

    /// <summary>Whether a key has signed it. Never throws.</summary>
    public bool IsSignedBy(VerifyingKey key, string? signature) => SignedDocument.VerifyDetached(DocumentContexts.Appeal, Content(), signature, key);

    /// <summary>The canonical bytes.</summary>
    public byte[] Content() => CanonicalJson.Write(this, LedgerJson.Default.BlacklistAppeal);
}
