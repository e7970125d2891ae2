using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>SHA-256 of a model file: 64 lower-case hexadecimal digits; written with its algorithm, <c>sha256:…</c>.</summary>
[JsonConverter(typeof(ModelDigestConverter))]
public readonly record struct ModelDigest
{
    private const string Prefix = "sha256:";

    private ModelDigest(string hex) => Hex = hex;

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Hex { get; }

    /// <summary>Reads 64 hexadecimal digits of either case, with or without <c>sha256:</c> before them.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ModelDigest digest)
    {
        digest = default;
        if (text is null)
        {
            return false;
        }

        var hex = text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..] : text;
        if (hex.Length != 2 * SHA256.HashSizeInBytes || !hex.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        digest = new(hex.ToLowerInvariant());
        return true;
    }

    /// <summary>Reads a digest. Throws <c>invalid_checksum_format</c>.</summary>
    public static ModelDigest Parse(string text) => TryParse(text, out var digest)
        ? digest
        : throw new ModelException("invalid_checksum_format", $"\"{text}\" is not a SHA-256 digest.", "A SHA-256 digest is 64 hexadecimal digits.");

    /// <summary>The digest with this hash.</summary>
    public static ModelDigest FromHash(ReadOnlySpan<byte> sha256)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sha256.Length, SHA256.HashSizeInBytes);
        return new(Convert.ToHexStringLower(sha256));
    }

    /// <summary>Hashes a file from its first to its last byte.</summary>
    public static async Task<ModelDigest> OfFileAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        return FromHash(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public override string ToString() => Prefix + Hex;
}

/// <summary>Writes a digest as <c>sha256:…</c>.</summary>
public sealed class ModelDigestConverter : JsonConverter<ModelDigest>
{
    /// <inheritdoc/>
    public override ModelDigest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ModelDigest.TryParse(reader.GetString(), out var digest) ? digest : throw new JsonException("Not a SHA-256 digest.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ModelDigest value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
