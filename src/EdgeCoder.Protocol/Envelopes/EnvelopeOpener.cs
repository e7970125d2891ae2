using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Protocol.Envelopes;

/// <summary>Opens sealed work (coordinator-and-mesh 6).</summary>
public static class EnvelopeOpener
{
    /// <summary>Opens; false when any bit of header, key or payload differs from what was sealed. Never throws.</summary>
    public static bool TryOpen(SealedEnvelope envelope, EnvelopeKey key, [NotNullWhen(true)] out byte[]? plaintext, [NotNullWhen(true)] out byte[]? exporterSecret)
    {
        plaintext = exporterSecret = null;
        if (envelope.V != 1
            || envelope.Suite != EnvelopeHeader.SuiteName
            || envelope.KeyId != key.KeyId
            || envelope.Metadata is null
            || !EnvelopePublicKey.TryRead(envelope.EphemeralPublicKey, out var enc)
            || Base64Text.TryRead(envelope.EncryptedPayload) is not { } payload)
        {
            return false;
        }

        var header = EnvelopeHeader.Of(envelope);
        using var context = Hpke.Recipient(key, enc, header.Info());
        plaintext = context?.Open(header.AdditionalData(), payload);
        if (plaintext is null)
        {
            return false;
        }

        exporterSecret = context!.Export(EnvelopeHeader.ReplyLabel, EnvelopeSealer.ExporterSecretSize);
        return true;
    }

    /// <summary>The same; throws <see cref="CryptographicException"/> when it stays closed.</summary>
    public static (byte[] Plaintext, byte[] ExporterSecret) Open(SealedEnvelope envelope, EnvelopeKey key) =>
        TryOpen(envelope, key, out var plaintext, out var secret) ? (plaintext, secret) : throw new CryptographicException("The envelope does not open with this key.");
}
