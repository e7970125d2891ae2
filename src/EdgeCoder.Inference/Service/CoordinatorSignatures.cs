using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EdgeCoder.Inference.Service;

/// <summary>Checks a coordinator's HTTP message signature (RFC 9421; agent-executor-models 5) over the bytes as received.</summary>
internal sealed class CoordinatorSignatures(InferenceSettings settings, NonceFile nonces, TimeProvider time)
{
    private const string PeerPrefix = "peer:";
    private const int MostNonceCharacters = 256;

    /// <summary>
    /// 1. One signature with our tag that covers everything. 2. A trusted coordinator's key. 3. An integer time, 4. near ours. 5. The digest of the body.
    /// 6. The signature. 7. The nonce is addressed to this service and was never used; only now is anything stored. Throws <see cref="Refusal"/> 401.
    /// </summary>
    public void Check(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var headers = context.Request.Headers;
        var inputs = SignatureHeaders.ReadInputs(Joined(headers, SignatureHeaders.Input)).Where(input => input.Tag == RequestSignatureBase.Tag).ToList();
        Span<byte> signature = stackalloc byte[SigningKey.SignatureSize];
        if (inputs.Count != 1
            || !RequestSignatureBase.Mandatory.All(inputs[0].Covers)
            || inputs[0] is not { HasCreated: true, Nonce: { Length: > 0 and <= MostNonceCharacters } nonce, KeyId: { } keyId, Algorithm: null or "ed25519" }
            || !SignatureHeaders.TryReadSignature(Joined(headers, SignatureHeaders.Signature), inputs[0].Label, signature))
        {
            throw Refused("missing", "Sign method, path, query and content digest with the coordinator's key (RFC 9421, tag edgecoder).");
        }

        var input = inputs[0];
        if (!keyId.StartsWith(PeerPrefix, StringComparison.Ordinal) || !settings.TrustedCoordinators.TryGetValue(keyId[PeerPrefix.Length..], out var key))
        {
            throw Refused("untrusted_peer", "This service does not know that coordinator's key. Name it in INFERENCE_TRUSTED_COORDINATOR_KEYS_JSON.");
        }

        if (input.Created is not { } created || created is < 0 or > 253_402_300_799 || (input.HasExpires && input.Expires is null))
        {
            throw Refused("invalid_timestamp", "created must be whole seconds since 1970.");
        }

        var now = time.GetUtcNow();
        if ((now - DateTimeOffset.FromUnixTimeSeconds(created)).Duration() > settings.MaxSkew || (input.Expires is { } expires && expires <= now.ToUnixTimeSeconds()))
        {
            throw Refused("expired", $"The signature is too old or from the future. The time here is {now.ToUnixTimeSeconds()}; set the coordinator's clock.");
        }

        if (!ContentDigest.Matches(Joined(headers, ContentDigest.Header), body.Span))
        {
            throw Refused("body_mismatch", "Content-Digest is not the digest of the body as received.");
        }

        var target = RequestTarget.Of(
            context.Request.Method, context.Features.Get<IHttpRequestFeature>()!.RawTarget, context.Request.Scheme, context.Request.Host.Value?.ToLowerInvariant() ?? "");
        if (RequestSignatureBase.Build(target, input, name => Joined(headers, name)) is not { } signed || !key.Verify(signed, signature))
        {
            throw Refused("invalid", "The signature does not fit the request.");
        }

        if (!nonce.StartsWith(InferenceAudience.Name + ".", StringComparison.Ordinal))
        {
            throw Refused("invalid", $"The nonce must begin with {InferenceAudience.Name}, else the request was signed for somebody else.");
        }

        var nowMs = now.ToUnixTimeMilliseconds();
        if (!nonces.TryUse(keyId, nonce, nowMs, nowMs + (long)settings.NonceTtl.TotalMilliseconds))
        {
            throw Refused("replay", "The nonce was used before. Sign every request anew.");
        }
    }

    private static string? Joined(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var values) && values.Count > 0 ? string.Join(", ", values.Select(value => value?.Trim())) : null;

    private static Refusal Refused(string reason, string detail) => new(401, "inference_signature_" + reason, detail);
}
