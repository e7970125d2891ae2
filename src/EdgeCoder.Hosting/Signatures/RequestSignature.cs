using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>
/// The signature of a request (RFC 9421), and those of the checks of coordinator-and-mesh 2.2 that need neither a store nor a list of keys. Whoever asks them keeps their
/// order; each throws <see cref="SignatureFaultException"/>.
/// </summary>
public sealed class RequestSignature
{
    private const int LeastNonceCharacters = 22;
    private const int MostNonceCharacters = 256;

    private readonly HttpContext _context;
    private readonly SignatureInput _input;
    private readonly byte[] _signature;
    private readonly string _digest;

    private RequestSignature(HttpContext context, SignatureInput input, byte[] signature, string digest) =>
        (_context, _input, _signature, _digest) = (context, input, signature, digest);

    /// <summary>Who says that it signed.</summary>
    public string KeyId => _input.KeyId!;

    /// <summary>Number used once.</summary>
    public string Nonce => _input.Nonce!;

    /// <summary>When it says that it was made, in milliseconds; known once <see cref="RequireTimely"/> has passed.</summary>
    public long CreatedMs => _input.Created!.Value * 1000;

    /// <summary>Check 2: exactly one signature with our tag that covers what it must.</summary>
    public static RequestSignature Read(HttpContext context)
    {
        var request = context.Request;
        var input = OneWithTag(Combined(request, SignatureHeaders.Input));
        RequireComplete(input);
        var signature = new byte[SigningKey.SignatureSize];
        if (!SignatureHeaders.TryReadSignature(Combined(request, SignatureHeaders.Signature), input.Label, signature))
        {
            throw new SignatureFaultException(SignatureFault.Missing);
        }

        var digest = Combined(request, ContentDigest.Header) ?? throw Incomplete("the Content-Digest header");
        return new(context, input, signature, digest);
    }

    /// <summary>Check 4: its time is an integer near ours, and it has not expired.</summary>
    public void RequireTimely(DateTimeOffset now, TimeSpan maxSkew)
    {
        if (_input.Created is not { } created || (_input.HasExpires && _input.Expires is null))
        {
            throw new SignatureFaultException(SignatureFault.TimeUnreadable);
        }

        // Fifteen digits at most, so nothing overflows.
        var nowMs = now.ToUnixTimeMilliseconds();
        if (Math.Abs(nowMs - (created * 1000)) > maxSkew.TotalMilliseconds || _input.Expires * 1000 <= nowMs)
        {
            throw new SignatureFaultException(SignatureFault.ClockSkew);
        }
    }

    /// <summary>Check 5: the digest is that of the body as received.</summary>
    public void RequireDigestOf(ReadOnlySpan<byte> body)
    {
        if (!ContentDigest.Matches(_digest, body))
        {
            throw new SignatureFaultException(SignatureFault.DigestMismatch);
        }
    }

    /// <summary>Check 5 for a body that is hashed by its route: the digest is this one, lower-case hex.</summary>
    public void RequireDigest(ReadOnlySpan<char> sha256Hex)
    {
        Span<byte> claimed = stackalloc byte[32];
        if (!ContentDigest.TryRead(_digest, claimed) || !sha256Hex.SequenceEqual(Convert.ToHexStringLower(claimed)))
        {
            throw new SignatureFaultException(SignatureFault.DigestMismatch);
        }
    }

    /// <summary>Check 6: the signature fits the request and the key.</summary>
    public void RequireSignedBy(VerifyingKey key)
    {
        if (!IsSignedBy(key))
        {
            throw new SignatureFaultException(SignatureFault.SignatureMismatch);
        }
    }

    /// <summary>Whether the signature fits the request and the key. Throws for components that are not known here.</summary>
    public bool IsSignedBy(VerifyingKey key)
    {
        var request = _context.Request;
        var target = RequestTarget.Of(request.Method, RawTarget(_context), request.Scheme, request.Host.Value?.ToLowerInvariant() ?? "");
        var text = _input.Text.StartsWith(RequestSignatureBase.MandatoryText, StringComparison.Ordinal)
            ? RequestSignatureBase.Build(target, _digest, _input.Text)
            : RequestSignatureBase.Build(target, _input, name => Combined(request, name)) ?? throw Incomplete("a component that is absent or not known here");
        return key.Verify(text, _signature);
    }

    /// <summary>First half of check 7: the nonce begins with whom the request is addressed to, and is long enough to be unguessable.</summary>
    public void RequireAudience(string audience)
    {
        if (Nonce.Length < audience.Length + 1 + LeastNonceCharacters || !Nonce.StartsWith(audience, StringComparison.Ordinal) || Nonce[audience.Length] != '.')
        {
            throw new SignatureFaultException(SignatureFault.OtherAudience);
        }
    }

    private static SignatureInput OneWithTag(string? header)
    {
        SignatureInput? found = null;
        foreach (var input in SignatureHeaders.ReadInputs(header))
        {
            if (input.Tag == RequestSignatureBase.Tag)
            {
                found = found is null ? input : throw new SignatureFaultException(SignatureFault.Missing);
            }
        }

        return found ?? throw new SignatureFaultException(SignatureFault.Missing);
    }

    private static void RequireComplete(SignatureInput input)
    {
        foreach (var name in RequestSignatureBase.Mandatory)
        {
            if (!input.Covers(name))
            {
                throw Incomplete(name);
            }
        }

        if (!input.HasCreated || input.Nonce is not { Length: <= MostNonceCharacters } || input.KeyId is null || input.Algorithm is not (null or "ed25519"))
        {
            throw Incomplete(!input.HasCreated ? "created" : input.KeyId is null ? "keyid" : input.Algorithm is not (null or "ed25519") ? "alg other than ed25519" : "nonce");
        }
    }

    private static SignatureFaultException Incomplete(string what) => new(SignatureFault.Incomplete, what);

    /// <summary>Fields of one name, trimmed and joined (RFC 9421 2.1).</summary>
    private static string? Combined(HttpRequest request, string name)
    {
        var values = request.Headers[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0]?.Trim(),
            _ => string.Join(", ", values.Select(value => value?.Trim())),
        };
    }

    private static string RawTarget(HttpContext context) => context.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw
        ? raw
        : context.Request.PathBase.ToUriComponent() + context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
}
