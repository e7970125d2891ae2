using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Documents;

/// <summary>The statement <c>{v:1,agentId,x25519PublicKey}</c> by which an agent's signing key vouches for its envelope key (coordinator-and-mesh 2.1).</summary>
public static class X25519Binding
{
    /// <summary>The <c>x25519Signature</c> of a registration.</summary>
    public static string Sign(string agentId, string x25519PublicKey, SigningKey key) =>
        SignedDocument.SignDetached(DocumentContexts.X25519, Content(agentId, x25519PublicKey), key);

    /// <summary>Whether the envelope key is a proper one and the agent's key vouches for it. Never throws.</summary>
    public static bool Verify(string agentId, string? x25519PublicKey, string? signature, VerifyingKey key) =>
        EnvelopePublicKey.TryRead(x25519PublicKey, out _) && SignedDocument.VerifyDetached(DocumentContexts.X25519, Content(agentId, x25519PublicKey!), signature, key);

    private static byte[] Content(string agentId, string x25519PublicKey) =>
        CanonicalJson.Write(new X25519Statement(1, agentId, x25519PublicKey), DocumentJson.Default.X25519Statement);
}

/// <summary>What is signed.</summary>
internal sealed record X25519Statement(int V, string AgentId, string X25519PublicKey);
