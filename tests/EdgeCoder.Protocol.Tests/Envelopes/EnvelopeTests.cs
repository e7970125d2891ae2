using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Envelopes;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Protocol.Tests.Envelopes;

public sealed class EnvelopeTests : IDisposable
{
    private static readonly EnvelopeMetadata Metadata = new(SubtaskKind.MicroLoop, "python", 50, ResourceClass.Cpu, 30_000);

    private readonly EnvelopeKey _recipient = EnvelopeKey.FromRaw([.. Enumerable.Repeat((byte)0x11, 32)]);

    public void Dispose() => _recipient.Dispose();

    // RFC 9180 A.1.1, whose AEAD is AES-128-GCM.
    [Fact]
    public void Hpke_is_that_of_rfc_9180()
    {
        using var ephemeral = EnvelopeKey.FromRaw(Convert.FromHexString("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"));
        using var recipient = EnvelopeKey.FromRaw(Convert.FromHexString("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"));
        var info = Convert.FromHexString("4f6465206f6e2061204772656369616e2055726e");
        using var sender = Hpke.Sender(ephemeral, recipient.RawPublicKey, info, Hpke.Aes128Gcm)!;
        Assert.Equal("4531685d41d65f03dc48f6b8302c05b0", Convert.ToHexStringLower(sender.Key));
        Assert.Equal("56d890e5accaaf011cff4b7d", Convert.ToHexStringLower(sender.BaseNonce));
        var ciphertext = sender.Seal("Count-0"u8, "Beauty is truth, truth beauty"u8);
        Assert.Equal("f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a", Convert.ToHexStringLower(ciphertext));
        Assert.Equal("3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee", Convert.ToHexStringLower(sender.Export([], 32)));
        Assert.Equal("2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5", Convert.ToHexStringLower(sender.Export([0], 32)));
        Assert.Equal("e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931", Convert.ToHexStringLower(sender.Export("TestContext"u8, 32)));
        using var receiver = Hpke.Recipient(recipient, ephemeral.RawPublicKey, info, Hpke.Aes128Gcm)!;
        Assert.Equal("Beauty is truth, truth beauty"u8, receiver.Open("Count-0"u8, ciphertext)!);
    }

    // Vector C4.
    [Fact]
    public void Envelope_of_the_specification()
    {
        var (envelope, _) = SealVector();
        Assert.Equal("d19bf3f082782c87", envelope.KeyId);
        Assert.Equal("D6poTtKIZ7l/Smot7l34zpdOdrcBjj8iocTPJnhXDyA=", envelope.EphemeralPublicKey);
        Assert.Equal("DE3KAtia+SCr4zh+Xtpnq/lMGbZoCjjVtMaiCJlveE2j/NEt8VwhhbFLJAIpj6bufBw76uMHKzg3VaPfta6kOMjp+MlGWx+BtQ==", envelope.EncryptedPayload);
        Assert.Equal(
            """{"agentId":"agent-1","keyId":"d19bf3f082782c87","leaseId":"AAECAwQFBgcICQoLDA0ODw","metadata":{"kind":"micro_loop","language":"python","priority":50,"resourceClass":"cpu","timeoutMs":30000},"subtaskId":"00000000-0000-4000-8000-0000000000aa","suite":"0020.0001.0002","v":1}""",
            Encoding.UTF8.GetString(EnvelopeHeader.Of(envelope).AdditionalData()));
        using var context = Hpke.Recipient(_recipient, Convert.FromBase64String(envelope.EphemeralPublicKey), EnvelopeHeader.Of(envelope).Info())!;
        Assert.Equal("da20823162421dfdfceaacac66709cc5dfa38e58efbd0b9947bbd395cb06338f", Convert.ToHexStringLower(context.Key));
        Assert.Equal("e7e3165890e82ca2baab0b8d", Convert.ToHexStringLower(context.BaseNonce));
    }

    // Vector C5.
    [Fact]
    public void Reply_of_the_specification()
    {
        var (envelope, secret) = SealVector();
        Assert.Equal("d02480e3241fc802c811a5e4be97e5c5809adf1e9baed1b2ffb71e420125a371", Convert.ToHexStringLower(secret));
        var (key, nonce) = SealedReply.Derive(secret, Convert.FromBase64String(envelope.EphemeralPublicKey), [.. Enumerable.Repeat((byte)0x33, 32)]);
        Assert.Equal("842c1b1867ef0c91350425c74f1a59a54db68e6ce65ed9ec1272d7ae5acd2a71", Convert.ToHexStringLower(key));
        Assert.Equal("ec3653d1a42afe0d2f258f3f", Convert.ToHexStringLower(nonce));
    }

    [Fact]
    public void Agent_opens_what_was_sealed_to_it_and_both_hold_the_reply_secret()
    {
        var (envelope, secret) = SealVector();
        var (plaintext, opened) = EnvelopeOpener.Open(envelope, _recipient);
        Assert.Equal("""{"input":"hello","kind":"micro_loop","language":"python"}""", Encoding.UTF8.GetString(plaintext));
        Assert.Equal(secret, opened);
        using var other = EnvelopeKey.Generate();
        Assert.False(EnvelopeOpener.TryOpen(envelope, other, out _, out _));
    }

    // S1.
    [Fact]
    public void Envelope_with_any_changed_bit_stays_closed()
    {
        var original = JsonSerializer.SerializeToUtf8Bytes(SealVector().Envelope, MeshJson.Default.SealedEnvelope);
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Int[0, 7]).Sample((at, bit) =>
        {
            var changed = original.ToArray();
            changed[at] ^= (byte)(1 << bit);

            // A changed name of a member or a broken document is refused before, or reads as the same envelope where case decides nothing.
            return SignedDocument.Read(changed, MeshJson.Default.SealedEnvelope) is not { } read
                || JsonSerializer.SerializeToUtf8Bytes(read, MeshJson.Default.SealedEnvelope).AsSpan().SequenceEqual(original)
                || !EnvelopeOpener.TryOpen(read, _recipient, out _, out _);
        }, iter: 2000);
    }

    // S1.
    [Fact]
    public void Envelope_of_another_lease_agent_or_price_stays_closed()
    {
        var envelope = SealVector().Envelope;
        SealedEnvelope[] changed =
        [
            envelope with { LeaseId = "BBECAwQFBgcICQoLDA0ODw" },
            envelope with { AgentId = "agent-2" },
            envelope with { SubtaskId = "00000000-0000-4000-8000-0000000000ab" },
            envelope with { Metadata = Metadata with { Priority = 51 } },
            envelope with { Metadata = Metadata with { TimeoutMs = 1 } },
            envelope with { Suite = "0020.0001.0001" },
            envelope with { V = 2 },
            envelope with { KeyId = "0000000000000000" },
            envelope with { EncryptedPayload = "AAAA" },
            envelope with { EncryptedPayload = "*" },
            envelope with { EphemeralPublicKey = Convert.ToBase64String(new byte[32]) },
            envelope with { EphemeralPublicKey = "" },
        ];
        Assert.All(changed, e => Assert.False(EnvelopeOpener.TryOpen(e, _recipient, out _, out _)));
        Assert.Throws<CryptographicException>(() => EnvelopeOpener.Open(changed[0], _recipient));
    }

    [Fact]
    public void Nothing_is_sealed_to_what_is_no_key() => Assert.Throws<CryptographicException>(
        () => EnvelopeSealer.Seal([1], Convert.ToBase64String(new byte[32]), "l", "s", "a", Metadata));

    [Fact]
    public void Each_envelope_has_its_own_encapsulation()
    {
        var one = EnvelopeSealer.Seal([1], _recipient.PublicKey, "l", "s", "a", Metadata);
        var two = EnvelopeSealer.Seal([1], _recipient.PublicKey, "l", "s", "a", Metadata);
        Assert.NotEqual(one.Envelope.EphemeralPublicKey, two.Envelope.EphemeralPublicKey);
        Assert.NotEqual(one.ExporterSecret, two.ExporterSecret);
    }

    [Fact]
    public void Reply_opens_with_the_secret_of_its_envelope_and_hides_the_result()
    {
        var (envelope, secret) = SealVector();
        var report = Report();
        var sealedReport = SealedReply.Seal(secret, envelope.EphemeralPublicKey, report);
        Assert.DoesNotContain("print", JsonSerializer.Serialize(sealedReport, MeshJson.Default.ResultReport), StringComparison.Ordinal);
        Assert.Null(sealedReport.Output);
        Assert.Null(sealedReport.Ok);
        Assert.Equal(report, SealedReply.Open(secret, envelope.EphemeralPublicKey, sealedReport));

        // S2: a late duplicate is still readable.
        Assert.Equal(report, SealedReply.Open(secret, envelope.EphemeralPublicKey, sealedReport));
    }

    [Fact]
    public void Reply_of_another_lease_agent_digest_or_envelope_stays_closed()
    {
        var (envelope, secret) = SealVector();
        var enc = envelope.EphemeralPublicKey;
        var reply = SealedReply.Seal(secret, enc, Report());
        ResultReport[] changed =
        [
            reply with { LeaseId = "x" },
            reply with { AgentId = "agent-2" },
            reply with { ResultDigest = "x" },
            reply with { ResponseNonce = Convert.ToBase64String(new byte[32]) },
            reply with { ResponseNonce = null },
            reply with { EncryptedPayload = null },
            reply with { EncryptedPayload = "AAAA" },
        ];
        Assert.All(changed, r => Assert.Null(SealedReply.Open(secret, enc, r)));
        Assert.Null(SealedReply.Open(new byte[32], enc, reply));
        Assert.Null(SealedReply.Open(secret, _recipient.PublicKey, reply));
    }

    // S3.
    [Fact]
    public void Two_replies_never_share_key_and_nonce()
    {
        var (envelope, secret) = SealVector();
        var one = SealedReply.Seal(secret, envelope.EphemeralPublicKey, Report());
        var two = SealedReply.Seal(secret, envelope.EphemeralPublicKey, Report());
        Assert.NotEqual(one.ResponseNonce, two.ResponseNonce);
        Assert.NotEqual(one.EncryptedPayload, two.EncryptedPayload);
        var enc = Convert.FromBase64String(envelope.EphemeralPublicKey);
        Assert.NotEqual(SealedReply.Derive(secret, enc, Convert.FromBase64String(one.ResponseNonce!)).Key, SealedReply.Derive(secret, enc, Convert.FromBase64String(two.ResponseNonce!)).Key);
    }

    private static ResultReport Report() => new()
    {
        LeaseId = "AAECAwQFBgcICQoLDA0ODw",
        SubtaskId = "00000000-0000-4000-8000-0000000000aa",
        AgentId = "agent-1",
        Ok = true,
        Output = "print('hello')",
        DurationMs = 12,
        ResultDigest = new string('a', 64),
        ReportNonce = "AAECAwQFBgcICQoLDA0ODw==",
        ReportSignature = "c2ln",
        TestReport = new(2, 2, 0, 0),
    };

    private (SealedEnvelope Envelope, byte[] Secret) SealVector()
    {
        using var ephemeral = EnvelopeKey.FromRaw([.. Enumerable.Repeat((byte)0x22, 32)]);
        return EnvelopeSealer.Seal(
            """{"input":"hello","kind":"micro_loop","language":"python"}"""u8.ToArray(),
            _recipient.PublicKey,
            "AAECAwQFBgcICQoLDA0ODw",
            "00000000-0000-4000-8000-0000000000aa",
            "agent-1",
            Metadata,
            ephemeral);
    }
}
