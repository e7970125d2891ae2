using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Rotations;

/// <summary>What a coordinator says about a key of its own (economy-and-ledger 16.2), in canonical order.</summary>
public sealed record KeyStatement
{
    /// <summary>From when on the new key signs, in milliseconds since 1970.</summary>
    public required long ActivatesAtMs { get; init; }

    /// <summary>The coordinator.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>keyId of the new key.</summary>
    public required string NewKeyId { get; init; }

    /// <summary>The new key, SPKI PEM.</summary>
    public required string NewPublicKey { get; init; }

    /// <summary>keyId of the key before it; absent in the first statement of a log, which only announces.</summary>
    public string? OldKeyId { get; init; }

    /// <summary>Signature of the old key over the statement without both signatures, base64.</summary>
    public string? OldSignature { get; init; }

    /// <summary>Until when the old key counts too, in milliseconds since 1970.</summary>
    public required long OverlapUntilMs { get; init; }

    /// <summary>Signature of the new key over the same bytes, base64.</summary>
    public string? Signature { get; init; }

    /// <summary>Version, 1.</summary>
    public required int V { get; init; }
}

/// <summary>How it is read: no member more.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(KeyStatement))]
internal sealed partial class KeyStatementJson : JsonSerializerContext;
