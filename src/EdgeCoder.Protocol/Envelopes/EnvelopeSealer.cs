using System.Security.Cryptography;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Protocol.Envelopes;

/// <summary>Seals work to one agent under one lease (coordinator-and-mesh 6).</summary>
public static class EnvelopeSealer
{
    /// <summary>Bytes of the secret from which the reply is sealed.</summary>
    public const int ExporterSecretSize = 32;

    /// <summary>Seals under a fresh encapsulation.</summary>
    /// <param name="plaintext">The subtask as JSON.</param>
    /// <param name="recipientKey">The agent's X25519 key, base64.</param>
    /// <param name="leaseId">Lease.</param>
    /// <param name="subtaskId">Subtask.</param>
    /// <param name="agentId">Recipient.</param>
    /// <param name="metadata">What others may see.</param>
    /// <returns>The envelope, and the secret with which the reply is opened: it is kept encrypted with the lease.</returns>
    /// <exception cref="CryptographicException">The recipient's key is none: nothing is sent.</exception>
    public static (SealedEnvelope Envelope, byte[] ExporterSecret) Seal(byte[] plaintext, string recipientKey, string leaseId, string subtaskId, string agentId, EnvelopeMetadata metadata)
    {
        using var ephemeral = EnvelopeKey.Generate();
        return Seal(plaintext, recipientKey, leaseId, subtaskId, agentId, metadata, ephemeral);
    }

    /// <summary>The same with a given ephemeral key, for vectors.</summary>
    internal static (SealedEnvelope Envelope, byte[] ExporterSecret) Seal(
        byte[] plaintext, string recipientKey, string leaseId, string subtaskId, string agentId, EnvelopeMetadata metadata, EnvelopeKey ephemeral)
    {
        if (!EnvelopePublicKey.TryRead(recipientKey, out var recipient))
        {
            throw new CryptographicException("The agent's X25519 key is not one. Nothing was sealed.");
        }

        var header = new EnvelopeHeader(agentId, EnvelopePublicKey.KeyId(recipient), leaseId, metadata, subtaskId, EnvelopeHeader.SuiteName, 1);
        using var context = Hpke.Sender(ephemeral, recipient, header.Info()) ?? throw new CryptographicException("The agent's X25519 key yields no secret. Nothing was sealed.");
        var envelope = new SealedEnvelope
        {
            Suite = header.Suite,
            KeyId = header.KeyId,
            SubtaskId = subtaskId,
            LeaseId = leaseId,
            AgentId = agentId,
            Metadata = metadata,
            EphemeralPublicKey = ephemeral.PublicKey,
            EncryptedPayload = Convert.ToBase64String(context.Seal(header.AdditionalData(), plaintext)),
        };
        return (envelope, context.Export(EnvelopeHeader.ReplyLabel, ExporterSecretSize));
    }
}
