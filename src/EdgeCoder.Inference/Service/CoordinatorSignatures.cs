using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Inference.Service;

/// <summary>
/// Checks a coordinator's HTTP message signature (agent-executor-models 5) over the bytes as received. The checks are those of every role; this one's are the keys, the
/// nonces in a file and the error codes.
/// </summary>
internal sealed class CoordinatorSignatures(InferenceSettings settings, NonceFile nonces, FollowedKeys followed, TimeProvider time)
{
    private const string PeerPrefix = "peer:";

    /// <summary>
    /// 1. One signature with our tag that covers everything. 2. A trusted coordinator's key. 3. An integer time near ours. 4. The digest of the body. 5. The signature.
    /// 6. The nonce is addressed to this service and was never used; only now is anything stored. Throws <see cref="Refusal"/> 401.
    /// </summary>
    public void Check(HttpContext context, ReadOnlyMemory<byte> body)
    {
        try
        {
            CheckAll(context, body);
        }
        catch (SignatureFaultException fault)
        {
            throw Translated(fault);
        }
    }

    private void CheckAll(HttpContext context, ReadOnlyMemory<byte> body)
    {
        // 1
        var signature = RequestSignature.Read(context);

        // 2
        var key = KeyOf(signature, context.Request.Headers[KeyChain.Header].ToString());

        // 3
        var now = time.GetUtcNow();
        signature.RequireTimely(now, settings.MaxSkew);

        // 4, 5
        signature.RequireDigestOf(body.Span);
        signature.RequireSignedBy(key);

        // 6
        signature.RequireAudience(InferenceAudience.Name);
        var nowMs = now.ToUnixTimeMilliseconds();
        if (!nonces.TryUse(signature.KeyId, signature.Nonce, nowMs, nowMs + (long)settings.NonceTtl.TotalMilliseconds))
        {
            throw Refused("replay", "The nonce was used before. Sign every request anew.");
        }
    }

    // The named key, or the one that its statements lead to; who has shown those once is not believed with an ended key again.
    private VerifyingKey KeyOf(RequestSignature signature, string statements)
    {
        var keyId = signature.KeyId;
        if (!keyId.StartsWith(PeerPrefix, StringComparison.Ordinal) || !settings.TrustedCoordinators.TryGetValue(keyId[PeerPrefix.Length..], out var named))
        {
            throw Refused("untrusted_peer", "This service does not know that coordinator's key. Name it in INFERENCE_TRUSTED_COORDINATOR_KEYS_JSON.");
        }

        var peerId = keyId[PeerPrefix.Length..];
        var known = followed.Take(peerId, named, statements);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return known is null ? named
            : known.Periods.Reverse().Where(period => !period.HasEndedBy(nowMs)).Select(period => period.Key).FirstOrDefault(signature.IsSignedBy) ?? known.Newest;
    }

    private Refusal Translated(SignatureFaultException fault) => fault.Fault switch
    {
        SignatureFault.Missing => Refused("missing", "Sign method, path, query and content digest with the coordinator's key (RFC 9421, tag edgecoder)."),
        SignatureFault.Incomplete => Refused("missing", $"The signature lacks or has what is not taken here: {fault.What}. Sign method, path, query and content digest (RFC 9421, tag edgecoder)."),
        SignatureFault.TimeUnreadable => Refused("invalid_timestamp", "created must be whole seconds since 1970."),
        SignatureFault.ClockSkew => Refused("expired", $"The signature is too old or from the future. The time here is {time.GetUtcNow().ToUnixTimeSeconds()}; set the coordinator's clock."),
        SignatureFault.DigestMismatch => Refused("body_mismatch", "Content-Digest is not the digest of the body as received."),
        SignatureFault.SignatureMismatch => Refused("invalid", "The signature does not fit the request."),
        SignatureFault.OtherAudience => Refused("invalid", $"The nonce must begin with {InferenceAudience.Name}, else the request was signed for somebody else."),
        _ => throw new InvalidOperationException($"{fault.Fault} has no refusal."),
    };

    private static Refusal Refused(string reason, string detail) => new(401, "inference_signature_" + reason, detail);
}
