using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Hosting.Identity;

/// <summary>
/// Keys at rest under a passphrase (economy-and-ledger 16.1): PBKDF2-HMAC-SHA256 with 600,000 iterations and a salt of 32 bytes makes a key of 32 bytes, AES-256-GCM with a fresh nonce of 12 bytes seals the
/// UTF-8 text. The file says <c>{ciphertext, salt, nonce, tag}</c>. One passphrase and salt are stretched once in a process.
/// </summary>
public sealed class KeySeal
{
    private const int Iterations = 600_000;
    private const int SaltSize = 32;
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly byte[] _passphrase;
    private readonly ConcurrentDictionary<string, byte[]> _keys = new(StringComparer.Ordinal);
    private string? _salt;

    /// <summary>With a passphrase, which is kept in memory and shown nowhere.</summary>
    public KeySeal(string passphrase)
    {
        ArgumentException.ThrowIfNullOrEmpty(passphrase);
        _passphrase = Encoding.UTF8.GetBytes(passphrase);
    }

    /// <summary>Whether a file's bytes are those of a sealed one; what is no JSON is not.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out SealedKey? read)
    {
        try
        {
            read = JsonSerializer.Deserialize(file, SealedKeyJson.Default.SealedKey);
        }
        catch (JsonException)
        {
            read = null;
        }

        return read is not null;
    }

    /// <summary>Seals a text: with the salt that was opened before, else a new one, and always a new nonce.</summary>
    internal byte[] Seal(ReadOnlySpan<byte> text) => Seal(text, _salt ??= Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SaltSize)), RandomNumberGenerator.GetBytes(NonceSize));

    /// <summary>The same with a given salt and nonce, for vectors.</summary>
    internal byte[] Seal(ReadOnlySpan<byte> text, string salt, byte[] nonce)
    {
        var (ciphertext, tag) = (new byte[text.Length], new byte[TagSize]);
        using var cipher = new AesGcm(KeyOf(salt), TagSize);
        cipher.Encrypt(nonce, text, ciphertext, tag);
        return JsonSerializer.SerializeToUtf8Bytes(new(Convert.ToBase64String(ciphertext), salt, Convert.ToHexStringLower(nonce), Convert.ToHexStringLower(tag)), SealedKeyJson.Default.SealedKey);
    }

    /// <summary>Opens a sealed file. Throws <see cref="CryptographicException"/> for another passphrase or a changed byte, <see cref="FormatException"/> for what is not of this form.</summary>
    internal byte[] Open(SealedKey sealedKey)
    {
        if (Base64Text.TryRead(sealedKey.Ciphertext) is not { } ciphertext || Hex(sealedKey.Salt, SaltSize) is null || Hex(sealedKey.Nonce, NonceSize) is not { } nonce || Hex(sealedKey.Tag, TagSize) is not { } tag)
        {
            throw new FormatException("That is no sealed key.");
        }

        var text = new byte[ciphertext.Length];
        using var cipher = new AesGcm(KeyOf(sealedKey.Salt), TagSize);
        cipher.Decrypt(nonce, ciphertext, tag, text);
        _salt = sealedKey.Salt;
        return text;
    }

    /// <inheritdoc/>
    public override string ToString() => nameof(KeySeal);

    private byte[] KeyOf(string salt) => _keys.GetOrAdd(salt, text => Rfc2898DeriveBytes.Pbkdf2(_passphrase, Convert.FromHexString(text), Iterations, HashAlgorithmName.SHA256, KeySize));

    private static byte[]? Hex(string text, int size) => text.Length == 2 * size && text.All(char.IsAsciiHexDigitLower) ? Convert.FromHexString(text) : null;
}

/// <summary>A sealed file.</summary>
/// <param name="Ciphertext">Base64.</param>
/// <param name="Salt">Hex.</param>
/// <param name="Nonce">Hex.</param>
/// <param name="Tag">Hex.</param>
internal sealed record SealedKey(string Ciphertext, string Salt, string Nonce, string Tag);

/// <summary>Form of the file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SealedKey))]
internal sealed partial class SealedKeyJson : JsonSerializerContext;
