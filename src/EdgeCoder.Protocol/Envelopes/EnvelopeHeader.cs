using System.Text;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Protocol.Envelopes;

/// <summary>The open part of an envelope, in canonical order: what its additional data binds (coordinator-and-mesh 6).</summary>
internal sealed record EnvelopeHeader(string AgentId, string KeyId, string LeaseId, EnvelopeMetadata Metadata, string SubtaskId, string Suite, int V)
{
    /// <summary>DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.</summary>
    public const string SuiteName = "0020.0001.0002";

    /// <summary>Label of the secret from which replies are sealed.</summary>
    public static ReadOnlySpan<byte> ReplyLabel => "edgecoder/result/v1"u8;

    public static EnvelopeHeader Of(SealedEnvelope envelope) =>
        new(envelope.AgentId, envelope.KeyId, envelope.LeaseId, envelope.Metadata, envelope.SubtaskId, envelope.Suite, envelope.V);

    /// <summary>RFC 8785 bytes of the envelope without its two sealed members.</summary>
    public byte[] AdditionalData() => CanonicalJson.Write(this, DocumentJson.Default.EnvelopeHeader);

    /// <summary><c>edgecoder/envelope/v1</c> NUL leaseId NUL agentId.</summary>
    public byte[] Info() => Encoding.UTF8.GetBytes($"edgecoder/envelope/v1\0{LeaseId}\0{AgentId}");
}
