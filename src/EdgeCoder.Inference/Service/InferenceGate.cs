using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Inference.Service;

/// <summary>Lets a request in, or refuses it before anything of it is understood (agent-executor-models 5).</summary>
internal sealed class InferenceGate(InferenceSettings settings, CoordinatorSignatures signatures)
{
    /// <summary>Header of the token.</summary>
    public const string TokenHeader = "x-inference-token";

    private readonly byte[] _token = SHA256.HashData(Encoding.UTF8.GetBytes(settings.AuthToken));

    /// <summary>
    /// 1. The token, compared in constant time over digests. 2. The body, once, as received. 3. The signature over it. Throws <see cref="Refusal"/>.
    /// </summary>
    public async Task AdmitAsync(HttpContext context, InferenceRule rule)
    {
        if (rule.Token && !HoldsToken(context))
        {
            throw new Refusal(401, "inference_unauthorized", $"Send the inference service's token as {TokenHeader}.");
        }

        if (HttpMethods.IsPost(context.Request.Method) || rule.Signature)
        {
            context.Features.Set(new ReceivedBody(await ReadAsync(context.Request, rule.MaxBodyBytes, context.RequestAborted).ConfigureAwait(false)));
        }

        if (rule.Signature)
        {
            signatures.Check(context, context.ReceivedBody());
        }
    }

    private bool HoldsToken(HttpContext context)
    {
        var given = context.Request.Headers[TokenHeader];
        return given.Count == 1 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given.ToString())), _token);
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request, int most, CancellationToken cancellationToken)
    {
        if (request.ContentLength > most)
        {
            throw TooLarge(most);
        }

        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > most)
            {
                throw TooLarge(most);
            }
        }

        return body.ToArray();
    }

    private static Refusal TooLarge(int most) => new(413, "payload_too_large", $"The body is larger than {most >> 20} MiB. Send less.");
}
