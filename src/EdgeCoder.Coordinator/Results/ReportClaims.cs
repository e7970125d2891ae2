using System.Text.Json;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Results;

/// <summary>What a stored report claims of model and sandbox, read without taking the output out of it. Digests that are none are left out.</summary>
internal readonly record struct ReportClaims(string? ModelId, string? ModelDigest, string? SandboxDigest)
{
    /// <summary>Reads them.</summary>
    public static ReportClaims Of(ReadOnlySpan<byte> report)
    {
        var claims = default(ReportClaims);
        var reader = new Utf8JsonReader(report);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isModel, isSandbox) = (reader.ValueTextEquals("model"u8), reader.ValueTextEquals("sandbox"u8));
            reader.Read();
            if ((isModel || isSandbox) && reader.TokenType == JsonTokenType.StartObject)
            {
                claims = Read(ref reader, claims, isModel);
            }
            else
            {
                reader.Skip();
            }
        }

        return claims;
    }

    private static ReportClaims Read(ref Utf8JsonReader reader, ReportClaims claims, bool isModel)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isId, isDigest) = (reader.ValueTextEquals("modelId"u8), reader.ValueTextEquals("digest"u8));
            reader.Read();
            var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            if (text is null)
            {
                reader.Skip();
            }
            else if (isId && isModel)
            {
                claims = claims with { ModelId = text };
            }
            else if (isDigest && BlobStore.IsDigest(text))
            {
                claims = isModel ? claims with { ModelDigest = text } : claims with { SandboxDigest = text };
            }
        }

        return claims;
    }
}
