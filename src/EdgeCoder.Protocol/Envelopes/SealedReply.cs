using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Protocol.Envelopes;

/// <summary>
/// Results of sealed leases (coordinator-and-mesh 6): key and nonce come from the envelope's exported secret, its encapsulated key and 32 fresh bytes, so
/// two replies never share them.
/// </summary>
public static class SealedReply
{
    private const int ResponseNonceSize = 32;
    private const int KeySize = 32;
    private const int NonceSize = 12;

    /// <summary>
    /// The sealed form of a signed report: in the clear stay leaseId, subtaskId, agentId, resultDigest, reportNonce and reportSignature.
    /// </summary>
    /// <param name="exporterSecret">From the envelope.</param>
    /// <param name="ephemeralPublicKey">The envelope's encapsulated key, base64.</param>
    /// <param name="report">With digest and signature set.</param>
    public static ResultReport Seal(byte[] exporterSecret, string ephemeralPublicKey, ResultReport report) =>
        Seal(exporterSecret, ephemeralPublicKey, report, RandomNumberGenerator.GetBytes(ResponseNonceSize));

    /// <summary>The whole report of a sealed one; null when it stays closed or its content is no report. Never throws.</summary>
    public static ResultReport? Open(byte[] exporterSecret, string ephemeralPublicKey, ResultReport sealedReport)
    {
        var responseNonce = new byte[ResponseNonceSize];
        if (!Base64Text.TryRead(sealedReport.ResponseNonce.AsSpan(), responseNonce)
            || Base64Text.TryRead(sealedReport.EncryptedPayload) is not { } payload
            || !EnvelopePublicKey.TryRead(ephemeralPublicKey, out var enc))
        {
            return null;
        }

        var (key, nonce) = Derive(exporterSecret, enc, responseNonce);
        var plaintext = AesGcmText.Open(key, nonce, AdditionalData(sealedReport), payload);
        CryptographicOperations.ZeroMemory(key);
        return plaintext is null || SignedDocument.Read(plaintext, MeshJson.Default.ResultReport) is not { } content ? null : content with
        {
            LeaseId = sealedReport.LeaseId,
            SubtaskId = sealedReport.SubtaskId,
            AgentId = sealedReport.AgentId,
            ResultDigest = sealedReport.ResultDigest,
            ReportNonce = sealedReport.ReportNonce,
            ReportSignature = sealedReport.ReportSignature,
            ResponseNonce = null,
            EncryptedPayload = null,
        };
    }

    /// <summary>The same with a given nonce, for vectors.</summary>
    internal static ResultReport Seal(byte[] exporterSecret, string ephemeralPublicKey, ResultReport report, byte[] responseNonce)
    {
        if (!EnvelopePublicKey.TryRead(ephemeralPublicKey, out var enc))
        {
            throw new CryptographicException("The envelope's key is not one. Nothing was sealed.");
        }

        var hidden = report with { LeaseId = null, SubtaskId = null, AgentId = null, ResultDigest = null, ReportNonce = null, ReportSignature = null, ResponseNonce = null, EncryptedPayload = null };
        var plaintext = JsonSerializer.SerializeToUtf8Bytes(hidden, MeshJson.Default.ResultReport);
        var (key, nonce) = Derive(exporterSecret, enc, responseNonce);
        var payload = new byte[plaintext.Length + Hpke.TagSize];
        using (var cipher = new AesGcm(key, Hpke.TagSize))
        {
            cipher.Encrypt(nonce, plaintext, payload.AsSpan(0, plaintext.Length), payload.AsSpan(plaintext.Length), AdditionalData(report));
        }

        CryptographicOperations.ZeroMemory(key);
        return new()
        {
            LeaseId = report.LeaseId,
            SubtaskId = report.SubtaskId,
            AgentId = report.AgentId,
            ResultDigest = report.ResultDigest,
            ReportNonce = report.ReportNonce,
            ReportSignature = report.ReportSignature,
            ResponseNonce = Convert.ToBase64String(responseNonce),
            EncryptedPayload = Convert.ToBase64String(payload),
        };
    }

    /// <summary>prk = HKDF-Extract(salt = enc ‖ responseNonce, secret); key and nonce = Expand of their names.</summary>
    internal static (byte[] Key, byte[] Nonce) Derive(byte[] exporterSecret, byte[] enc, byte[] responseNonce)
    {
        var prk = HKDF.Extract(HashAlgorithmName.SHA256, exporterSecret, [.. enc, .. responseNonce]);
        var key = HKDF.Expand(HashAlgorithmName.SHA256, prk, KeySize, "key"u8.ToArray());
        var nonce = HKDF.Expand(HashAlgorithmName.SHA256, prk, NonceSize, "nonce"u8.ToArray());
        CryptographicOperations.ZeroMemory(prk);
        return (key, nonce);
    }

    private static byte[] AdditionalData(ResultReport report) =>
        CanonicalJson.Write(new ReplyHeader(report.AgentId, report.LeaseId, report.ResultDigest, 1), DocumentJson.Default.ReplyHeader);
}

/// <summary>What a reply's additional data binds, in canonical order.</summary>
internal sealed record ReplyHeader(string? AgentId, string? LeaseId, string? ResultDigest, int V);
