using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Hosting.Identity;

/// <summary>Who a coordinator is (coordinator-and-mesh 9.1): id, key and address, the same after every start.</summary>
public sealed class CoordinatorIdentity : IDisposable
{
    private const string KeyName = "coordinator";
    private const int LeastChallengeBytes = 16;
    private const int MostChallengeBytes = 64;

    /// <summary>An identity with a given key, which it disposes of.</summary>
    public CoordinatorIdentity(string peerId, SigningKey key, string publicUrl)
    {
        (PeerId, Key, PublicUrl) = (peerId, key, publicUrl);
        VerifierKey = MakeVerifierKey("edgecoder/" + peerId, key.PublicKey);
    }

    /// <summary>Its id.</summary>
    public string PeerId { get; }

    /// <summary>Its signing key.</summary>
    public SigningKey Key { get; }

    /// <summary>Its address as others see it, as written in the settings.</summary>
    public string PublicUrl { get; }

    /// <summary>Its key as signed notes name it (C2SP signed-note): name, hash, algorithm and key. The name is the origin of its log, <c>edgecoder/&lt;peerId&gt;</c>.</summary>
    public string VerifierKey { get; }

    /// <summary>The id that follows from an address: <c>coord-</c> and the first 12 hex digits of SHA-256 of the address as written.</summary>
    public static string PeerIdOf(string publicUrl) => $"coord-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(publicUrl)))[..12]}";

    /// <summary>Loads the identity of the data directory, making its key at the first start.</summary>
    /// <param name="keys">Key store.</param>
    /// <param name="publicUrl"><c>COORDINATOR_PUBLIC_URL</c> as written.</param>
    /// <param name="peerId"><c>COORDINATOR_PEER_ID</c>; null: follows from the address.</param>
    /// <param name="privateKeyPem"><c>COORDINATOR_PRIVATE_KEY_PEM</c>; null: the stored key.</param>
    /// <exception cref="KeyRefusedException">The stored key belongs to another id: the address or id was changed, and a second identity is never begun silently.</exception>
    public static CoordinatorIdentity Load(KeyFolder keys, string publicUrl, string? peerId = null, string? privateKeyPem = null)
    {
        var id = peerId ?? PeerIdOf(publicUrl);
        if (keys.OwnerOf(KeyName) is { } owner && owner != id)
        {
            throw new KeyRefusedException(
                $"This data directory belongs to coordinator {owner}, but the settings make it {id}. Restore COORDINATOR_PUBLIC_URL, or keep the identity under the new address with COORDINATOR_PEER_ID={owner}.");
        }

        return new(id, keys.SigningKey(KeyName, id, privateKeyPem), publicUrl);
    }

    /// <summary>Answer of <c>GET /identity</c>; with a challenge it proves that the key is here.</summary>
    /// <exception cref="Refusal">400 <c>validation_failed</c>: the challenge is not base64url of 16 to 64 bytes.</exception>
    public IdentityAnswer Answer(string? challenge, string networkMode, long nowMs)
    {
        if (challenge is not null && !IsChallenge(challenge))
        {
            throw Refusal.Invalid([new("challenge", $"base64url of {LeastChallengeBytes} to {MostChallengeBytes} bytes, without padding")]);
        }

        return new()
        {
            PeerId = PeerId,
            PublicKeyPem = Key.PublicKey.Pem,
            KeyId = Key.PublicKey.KeyId,
            Vkey = VerifierKey,
            CoordinatorUrl = PublicUrl,
            NetworkMode = networkMode,
            Proof = challenge is null ? null : IdentityProof.Sign(challenge, PeerId, PublicUrl, nowMs, Key),
            IssuedAtMs = challenge is null ? null : nowMs,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();

    private static bool IsChallenge(string text) =>
        !text.Contains('=', StringComparison.Ordinal) && Base64Url.IsValid(text, out var bytes) && bytes is >= LeastChallengeBytes and <= MostChallengeBytes;

    internal static string MakeVerifierKey(string name, VerifyingKey key)
    {
        byte[] typed = [1, .. key.Raw];
        var hash = SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', .. typed]);
        return $"{name}+{Convert.ToHexStringLower(hash.AsSpan(0, 4))}+{Convert.ToBase64String(typed)}";
    }
}
