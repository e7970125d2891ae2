using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Signatures;

/// <summary>
/// Signs every request that passes (RFC 9421; coordinator-and-mesh 2.2): content digest, creation time and a nonce that only the addressed coordinator
/// takes. A body with its own <c>Content-Digest</c> is streamed; any other is read once into memory. Retries outside it get fresh nonces.
/// </summary>
/// <param name="key">Gives the key that is bound to <paramref name="keyId"/> now; not disposed of here.</param>
/// <param name="keyId"><c>agent:</c> or <c>peer:</c> and the id.</param>
/// <param name="audiencePeerId">The coordinator that is called.</param>
/// <param name="time">Clock.</param>
public sealed class RequestSigner(Func<SigningKey> key, string keyId, string audiencePeerId, TimeProvider time) : DelegatingHandler
{
    private const int NonceBytes = 16;

    /// <summary>Signs with one key.</summary>
    public RequestSigner(SigningKey key, string keyId, string audiencePeerId, TimeProvider time)
        : this(() => key, keyId, audiencePeerId, time)
    {
    }

    /// <summary>Signs a request and gives the values of its headers: digest, input, signature.</summary>
    public SignedHeaders Sign(in RequestTarget target, string contentDigest)
    {
        Span<byte> random = stackalloc byte[NonceBytes];
        RandomNumberGenerator.Fill(random);
        var parameters = string.Create(
            CultureInfo.InvariantCulture,
            $"{RequestSignatureBase.MandatoryText};created={time.GetUtcNow().ToUnixTimeSeconds()};nonce=\"{audiencePeerId}.{Base64Url.EncodeToString(random)}\";keyid=\"{keyId}\";tag=\"{RequestSignatureBase.Tag}\"");
        var signature = key().SignBase64(RequestSignatureBase.Build(target, contentDigest, parameters));
        return new(contentDigest, $"{RequestSignatureBase.Tag}={parameters}", $"{RequestSignatureBase.Tag}=:{signature}:");
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Apply(request, await DigestAsync(request.Content, cancellationToken).ConfigureAwait(false));
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string> DigestAsync(HttpContent? content, CancellationToken cancellationToken)
    {
        if (content is null)
        {
            return ContentDigest.OfNothing;
        }

        if (content.Headers.TryGetValues(ContentDigest.Header, out var given))
        {
            return string.Join(", ", given);
        }

        return ContentDigest.Of(await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }

    private void Apply(HttpRequestMessage request, string digest)
    {
        var headers = Sign(RequestTarget.Of(request.Method.Method, request.RequestUri ?? throw new InvalidOperationException("The request has no address.")), digest);
        Set(request.Headers, SignatureHeaders.Input, headers.SignatureInput);
        Set(request.Headers, SignatureHeaders.Signature, headers.Signature);
        Set(request.Content is { } content ? content.Headers : request.Headers, ContentDigest.Header, digest);
    }

    private static void Set(HttpHeaders headers, string name, string value)
    {
        headers.Remove(name);
        headers.TryAddWithoutValidation(name, value);
    }
}

/// <summary>Values of the three headers of a signed request.</summary>
public sealed record SignedHeaders(string ContentDigest, string SignatureInput, string Signature);
