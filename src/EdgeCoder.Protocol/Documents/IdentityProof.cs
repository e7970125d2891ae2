using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Documents;

/// <summary>Answer of <c>GET /identity</c> (coordinator-and-mesh 9.1).</summary>
public sealed record IdentityAnswer
{
    /// <summary>The coordinator's id.</summary>
    public required string PeerId { get; init; }

    /// <summary>SPKI PEM.</summary>
    public required string PublicKeyPem { get; init; }

    /// <summary>First 16 hex digits of SHA-256 of the raw key.</summary>
    public required string KeyId { get; init; }

    /// <summary>The key as signed notes name it: name, hash, algorithm and key (C2SP signed-note).</summary>
    public required string Vkey { get; init; }

    /// <summary>Its public address.</summary>
    public required string CoordinatorUrl { get; init; }

    /// <summary><c>public_mesh</c> or <c>enterprise_overlay</c>.</summary>
    public required string NetworkMode { get; init; }

    /// <summary>How its key was changed, from the first on: the exact bytes of each statement, base64 (economy-and-ledger 16.2). Who trusts an earlier key follows them to this one.</summary>
    public IReadOnlyList<string>? Rotations { get; init; }

    /// <summary>Signature of <c>{v:1,challenge,peerId,coordinatorUrl,issuedAtMs}</c>, when a challenge was sent.</summary>
    public string? Proof { get; init; }

    /// <summary>When the proof was made.</summary>
    public long? IssuedAtMs { get; init; }
}

/// <summary>Proof that an address holds a key, over the caller's own fresh challenge.</summary>
public static class IdentityProof
{
    /// <summary>Signs.</summary>
    public static string Sign(string challenge, string peerId, string coordinatorUrl, long issuedAtMs, SigningKey key) =>
        SignedDocument.SignDetached(DocumentContexts.Identity, Content(challenge, peerId, coordinatorUrl, issuedAtMs), key);

    /// <summary>Whether an answer proves its key over this challenge. Never throws. The caller compares id, address, mode and pinned key.</summary>
    public static bool Verify(string challenge, IdentityAnswer answer) =>
        VerifyingKey.TryParse(answer.PublicKeyPem, out var key)
        && key.KeyId == answer.KeyId
        && answer.IssuedAtMs is { } issuedAtMs
        && SignedDocument.VerifyDetached(DocumentContexts.Identity, Content(challenge, answer.PeerId, answer.CoordinatorUrl, issuedAtMs), answer.Proof, key);

    private static byte[] Content(string challenge, string peerId, string coordinatorUrl, long issuedAtMs) =>
        CanonicalJson.Write(new IdentityStatement(1, challenge, peerId, coordinatorUrl, issuedAtMs), DocumentJson.Default.IdentityStatement);
}

/// <summary>What is signed.</summary>
internal sealed record IdentityStatement(int V, string Challenge, string PeerId, string CoordinatorUrl, long IssuedAtMs);
