using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Documents;

/// <summary>
/// Signed documents (coordinator-and-mesh 2.1): RFC 8785 JSON with a member <c>signature</c> over context, LF and the RFC 8785 bytes without that member.
/// The received bytes are what is stored, forwarded and checked; nothing is verified over a re-serialisation.
/// </summary>
public static class SignedDocument
{
    private const string SignatureMember = "signature";

    /// <summary>Signs a document given in canonical form without a signature, and gives the canonical bytes with it.</summary>
    /// <exception cref="JsonException">The bytes are no JSON object, or have a signature already.</exception>
    public static byte[] Sign(string context, byte[] canonicalWithoutSignature, SigningKey key)
    {
        if (canonicalWithoutSignature is not [(byte)'{', .., (byte)'}'])
        {
            throw new JsonException("Only an object can be signed.");
        }

        // Written with the new member in front; the canonical form moves it to its place and refuses a second one.
        var member = Encoding.ASCII.GetBytes($"{{\"{SignatureMember}\":\"{SignDetached(context, canonicalWithoutSignature, key)}\"{(canonicalWithoutSignature.Length > 2 ? "," : "")}");
        return CanonicalJson.Write([.. member, .. canonicalWithoutSignature.AsSpan(1)]);
    }

    /// <summary>Signs a value whose own <c>signature</c> member is absent, and gives the canonical bytes with it.</summary>
    public static byte[] Sign<T>(string context, T value, JsonTypeInfo<T> type, SigningKey key) => Sign(context, CanonicalJson.Write(value, type), key);

    /// <summary>Whether received bytes are a document of this context signed by this key; null when they are. Never throws.</summary>
    public static DocumentFault? Verify(string context, ReadOnlySpan<byte> signed, VerifyingKey key)
    {
        if (!CanonicalJson.IsCanonical(signed))
        {
            return CanonicalJson.TryWrite(signed) is null ? DocumentFault.InvalidJson : DocumentFault.NotCanonical;
        }

        if (signed[0] != '{')
        {
            return DocumentFault.InvalidJson;
        }

        var members = Read(signed);

        // Gossip messages have no version of their own: the context names it (9.2).
        if (members.Version is not 1 && !(members.Version is null && context == DocumentContexts.Gossip))
        {
            return DocumentFault.UnknownVersion;
        }

        if (members.Signature is null)
        {
            return DocumentFault.SignatureMissing;
        }

        var content = ArrayPool<byte>.Shared.Rent(signed.Length);
        try
        {
            var (start, end) = members.SignatureSpan;
            signed[..start].CopyTo(content);
            signed[end..].CopyTo(content.AsSpan(start));
            return VerifyDetached(context, content.AsSpan(0, start + signed.Length - end), members.Signature, key) ? null : DocumentFault.SignatureInvalid;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    /// <summary>Reads a signed document after <see cref="Verify"/>; null where the bytes have another shape than <typeparamref name="T"/>.</summary>
    public static T? Read<T>(ReadOnlySpan<byte> signed, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(signed, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The signature of canonical bytes that travels beside them, as padded base64.</summary>
    public static string SignDetached(string context, ReadOnlySpan<byte> canonical, SigningKey key)
    {
        var pooled = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(context.Length) + 1 + canonical.Length);
        try
        {
            return key.SignBase64(Compose(context, canonical, pooled));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    /// <summary>Whether a signature that travels beside a document fits it. Never throws.</summary>
    public static bool VerifyDetached(string context, ReadOnlySpan<byte> canonical, string? signature, VerifyingKey key)
    {
        var pooled = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(context.Length) + 1 + canonical.Length);
        try
        {
            return key.Verify(Compose(context, canonical, pooled), signature);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    private static ReadOnlySpan<byte> Compose(string context, ReadOnlySpan<byte> canonical, byte[] pooled)
    {
        var length = Encoding.UTF8.GetBytes(context, pooled);
        pooled[length++] = (byte)'\n';
        canonical.CopyTo(pooled.AsSpan(length));
        return pooled.AsSpan(0, length + canonical.Length);
    }

    /// <summary>Finds version and signature among the members of a canonical object, and where the signature stands with its one comma.</summary>
    private static (int? Version, string? Signature, (int Start, int End) SignatureSpan) Read(ReadOnlySpan<byte> canonical)
    {
        (int? Version, string? Signature, (int, int) Span) found = default;
        var reader = new Utf8JsonReader(canonical);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isVersion = reader.ValueTextEquals("v"u8);
            var isSignature = reader.ValueTextEquals(SignatureMember);
            reader.Read();
            if (isVersion)
            {
                found.Version = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var version) ? version : 0;
            }
            else if (isSignature && reader.TokenType == JsonTokenType.String)
            {
                found.Signature = reader.GetString();
                var end = (int)reader.BytesConsumed;
                found.Span = canonical[start - 1] == ',' ? (start - 1, end) : canonical[end] == ',' ? (start, end + 1) : (start, end);
            }

            reader.Skip();
        }

        return found;
    }
}
