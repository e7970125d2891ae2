using System.Security.Cryptography;

namespace EdgeCoder.Protocol.Envelopes;

/// <summary>AES-GCM with the tag behind the ciphertext.</summary>
internal static class AesGcmText
{
    /// <summary>Opens; null when key, nonce, additional data or ciphertext do not fit together. Never throws.</summary>
    public static byte[]? Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < Hpke.TagSize)
        {
            return null;
        }

        var plaintext = new byte[ciphertext.Length - Hpke.TagSize];
        try
        {
            using var cipher = new AesGcm(key, Hpke.TagSize);
            cipher.Decrypt(nonce, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], plaintext, aad);
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
