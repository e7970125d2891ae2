using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Credentials;

namespace EdgeCoder.Portal.Nodes;

/// <summary>Registration tokens: 64 lower-case hex characters of 256 random bits, kept as their SHA-256 only, good for one thing: to bind a key to one node (portal-and-control-plane 1, 9.2).</summary>
internal static class RegistrationTokens
{
    private const int Characters = 64;

    /// <summary>A new one.</summary>
    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Characters / 2));

    /// <summary>Whether a text can be one.</summary>
    public static bool IsOne(string? text) => text is { Length: Characters } && text.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');

    /// <summary>Whether it is the one with that hash; the time does not depend on where they differ.</summary>
    public static bool Is(string? text, string? sha256) =>
        IsOne(text) && sha256 is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(SecretDigest.Hex(text!)), Encoding.ASCII.GetBytes(sha256));

    /// <summary>What one paste into <c>edgecoder worker join</c> takes: <c>ec1_</c> and base64url of <c>{u,n,t}</c>.</summary>
    public static string JoinCode(Uri coordinator, string nodeId, string token) =>
        "ec1_" + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new JsonObject { ["u"] = coordinator.AbsoluteUri.TrimEnd('/'), ["n"] = nodeId, ["t"] = token }.ToJsonString()));
}
