using System.Buffers.Text;
using System.Security.Cryptography;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>Makes API keys and operator tokens: 256 random bits behind a prefix that secret scanners know. The text is shown once; only its hash is stored.</summary>
public static class IssuedSecret
{
    private const int Bytes = 32;

    /// <summary>Makes a personal API key of an account inside a transaction, and gives its text.</summary>
    public static string ApiKey(IStoreBatch batch, string name, string accountId, IReadOnlyList<string> tenants, long nowMs)
    {
        var text = New("eck_");
        batch.Insert(new ApiKeyRow { KeyHash = SecretDigest.Hex(text), Name = name, AccountId = accountId, Tenants = string.Join(' ', tenants), CreatedAtMs = nowMs });
        return text;
    }

    /// <summary>Makes an operator token inside a transaction, and gives its text.</summary>
    public static string AdminToken(IStoreBatch batch, string name, IReadOnlyList<string> scopes, long nowMs, long? expiresAtMs)
    {
        var text = New("eca_");
        batch.Insert(new AdminTokenRow { TokenHash = SecretDigest.Hex(text), Name = name, Scopes = string.Join(' ', scopes), CreatedAtMs = nowMs, ExpiresAtMs = expiresAtMs });
        return text;
    }

    private static string New(string prefix)
    {
        Span<byte> random = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(random);
        return prefix + Base64Url.EncodeToString(random);
    }
}
