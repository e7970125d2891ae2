using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tests.Keys;

namespace EdgeCoder.Protocol.Tests.Documents;

public sealed class SignedDocumentTests : IDisposable
{
    private readonly SigningKey _key = SpecificationKey.Load();

    public void Dispose() => _key.Dispose();

    // Vector C3.
    [Fact]
    public void Gossip_message_of_the_specification()
    {
        var message = """{"fromPeerId":"coord-3816af993b3d","id":"00000000-0000-4000-8000-000000000001","issuedAtMs":1700000000000,"payload":{"claimedByCoordinator":"coord-3816af993b3d","subtaskId":"00000000-0000-4000-8000-0000000000aa"},"ttlMs":30000,"type":"task_claim"}"""u8;
        var signed = SignedDocument.Sign(DocumentContexts.Gossip, message.ToArray(), _key);
        Assert.Contains("\"signature\":\"d/wMRcDscG1ig/k9sa2HlKeZjWMmYYCMSpvkw+WEf8qrt5Xr3qMhHkYKPCZSseOz6L1FSwgv9fUisxkuSICCDw==\"", Encoding.UTF8.GetString(signed), StringComparison.Ordinal);
        Assert.Equal("3cb360836e26ead71cf06fbbc334a9d70f83f4fed2b31654768fb0eedf2869f8", Convert.ToHexStringLower(SHA256.HashData(signed)));
        Assert.Null(SignedDocument.Verify(DocumentContexts.Gossip, signed, _key.PublicKey));
    }

    [Fact]
    public void Signed_lease_verifies_and_reads_back()
    {
        var signed = SignedDocument.Sign(DocumentContexts.Lease, Lease, MeshJson.Default.Lease, _key);
        Assert.Null(SignedDocument.Verify(DocumentContexts.Lease, signed, _key.PublicKey));
        Assert.Equal(Lease, SignedDocument.Read(signed, MeshJson.Default.Lease)! with { Signature = null });
    }

    [Fact]
    public void Document_of_one_context_is_none_of_another() =>
        Assert.Equal(DocumentFault.SignatureInvalid, SignedDocument.Verify(DocumentContexts.Verdict, Signed(), _key.PublicKey));

    [Fact]
    public void Document_of_one_key_is_none_of_another()
    {
        using var other = SigningKey.Generate();
        Assert.Equal(DocumentFault.SignatureInvalid, SignedDocument.Verify(DocumentContexts.Lease, Signed(), other.PublicKey));
    }

    [Fact]
    public void Any_changed_byte_is_found()
    {
        var signed = Signed();
        Gen.Select(Gen.Int[0, signed.Length - 1], Gen.Byte[1, 255]).Sample((at, change) =>
        {
            var changed = signed.ToArray();
            changed[at] ^= change;
            return SignedDocument.Verify(DocumentContexts.Lease, changed, _key.PublicKey) is not null;
        });
    }

    [Fact]
    public void Members_in_another_order_are_not_the_document()
    {
        var text = Encoding.UTF8.GetString(Signed());
        var member = text[1..(text.IndexOf(',', StringComparison.Ordinal) + 1)];
        var reordered = "{" + text[(1 + member.Length)..^1] + "," + member[..^1] + "}";
        Assert.Equal(DocumentFault.NotCanonical, SignedDocument.Verify(DocumentContexts.Lease, Encoding.UTF8.GetBytes(reordered), _key.PublicKey));
        Assert.Equal(DocumentFault.NotCanonical, SignedDocument.Verify(DocumentContexts.Lease, [.. Signed(), (byte)'\n'], _key.PublicKey));
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":1}", DocumentFault.InvalidJson)]
    [InlineData("[]", DocumentFault.InvalidJson)]
    [InlineData("", DocumentFault.InvalidJson)]
    [InlineData("{}", DocumentFault.UnknownVersion)]
    [InlineData("{\"v\":2}", DocumentFault.UnknownVersion)]
    [InlineData("{\"v\":\"1\"}", DocumentFault.UnknownVersion)]
    [InlineData("{\"v\":1}", DocumentFault.SignatureMissing)]
    [InlineData("{\"signature\":7,\"v\":1}", DocumentFault.SignatureMissing)]
    [InlineData("{\"signature\":\"AAAA\",\"v\":1}", DocumentFault.SignatureInvalid)]
    [InlineData("{\"x\":{\"signature\":\"AAAA\",\"v\":1}}", DocumentFault.UnknownVersion)]
    public void Faults_are_told_apart(string text, DocumentFault expected) =>
        Assert.Equal(expected, SignedDocument.Verify(DocumentContexts.Lease, Encoding.UTF8.GetBytes(text), _key.PublicKey));

    [Theory]
    [InlineData("{\"v\":1}")]
    [InlineData("{\"a\":{\"signature\":\"inner\"},\"v\":1}")]
    [InlineData("{\"a\":[1,2],\"t\":[],\"v\":1,\"z\":{}}")]
    [InlineData("{\"sa\":1,\"si\":2,\"sz\":\"\\\"\",\"v\":1}")]
    public void Signature_stands_anywhere_among_the_members(string text)
    {
        var signed = SignedDocument.Sign(DocumentContexts.Verdict, Encoding.UTF8.GetBytes(text), _key);
        Assert.True(CanonicalJson.IsCanonical(signed));
        Assert.Null(SignedDocument.Verify(DocumentContexts.Verdict, signed, _key.PublicKey));
    }

    [Fact]
    public void Document_is_signed_once() =>
        Assert.Throws<JsonException>(() => SignedDocument.Sign(DocumentContexts.Lease, Signed(), _key));

    [Fact]
    public void Any_bytes_are_refused_and_never_throw() =>
        Gen.Byte.Array.Sample(bytes => SignedDocument.Verify(DocumentContexts.Lease, bytes, _key.PublicKey) is not null);

    [Fact]
    public void Envelope_key_is_vouched_for_by_its_agent()
    {
        using var envelope = EnvelopeKey.Generate();
        var signature = X25519Binding.Sign("agent-1", envelope.PublicKey, _key);
        Assert.True(X25519Binding.Verify("agent-1", envelope.PublicKey, signature, _key.PublicKey));
        Assert.False(X25519Binding.Verify("agent-2", envelope.PublicKey, signature, _key.PublicKey));
        Assert.False(X25519Binding.Verify("agent-1", Convert.ToBase64String(new byte[32]), signature, _key.PublicKey));
        Assert.False(X25519Binding.Verify("agent-1", envelope.PublicKey, null, _key.PublicKey));
    }

    [Fact]
    public void Identity_is_proven_over_the_callers_challenge()
    {
        var answer = new IdentityAnswer
        {
            PeerId = "coord-3816af993b3d",
            PublicKeyPem = _key.PublicKey.Pem,
            KeyId = _key.PublicKey.KeyId,
            Vkey = "",
            CoordinatorUrl = "http://127.0.0.1:4301",
            NetworkMode = "public_mesh",
            Proof = IdentityProof.Sign("AAECAwQFBgcICQoLDA0ODw", "coord-3816af993b3d", "http://127.0.0.1:4301", 1, _key),
            IssuedAtMs = 1,
        };
        Assert.True(IdentityProof.Verify("AAECAwQFBgcICQoLDA0ODw", answer));
        Assert.False(IdentityProof.Verify("AAECAwQFBgcICQoLDA0ODx", answer));
        Assert.False(IdentityProof.Verify("AAECAwQFBgcICQoLDA0ODw", answer with { CoordinatorUrl = "http://127.0.0.1:4302" }));
        Assert.False(IdentityProof.Verify("AAECAwQFBgcICQoLDA0ODw", answer with { PublicKeyPem = "x" }));
        Assert.False(IdentityProof.Verify("AAECAwQFBgcICQoLDA0ODw", answer with { IssuedAtMs = null }));
    }

    private static Lease Lease => new()
    {
        LeaseId = "AAECAwQFBgcICQoLDA0ODw",
        SubtaskId = "00000000-0000-4000-8000-0000000000aa",
        Attempt = 1,
        Purpose = LeasePurpose.Work,
        AgentId = "agent-1",
        HomeCoordinatorId = "coord-3816af993b3d",
        GrantedAtMs = 1_700_000_000_000,
        DeadlineMs = 1_700_000_060_000,
        HardDeadlineMs = 1_700_000_600_000,
        Price = new(30_000, 10_000, 10_000, 10_000),
        InputHash = new string('0', 64),
        AuditWindowId = "w-1",
        Cv = 0,
    };

    private byte[] Signed() => SignedDocument.Sign(DocumentContexts.Lease, Lease, MeshJson.Default.Lease, _key);
}
