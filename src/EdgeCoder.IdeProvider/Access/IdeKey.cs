using System.Text.Json.Serialization;

namespace EdgeCoder.IdeProvider.Access;

/// <summary>A personal API key as it is kept: its hash, and what it may do (agent-executor-models 6.1).</summary>
internal sealed record IdeKey
{
    /// <summary>Every model.</summary>
    public const string AnyModel = "*";

    /// <summary>Id for lists and logs; says nothing about the key.</summary>
    public required string Id { get; init; }

    /// <summary>What the person called it.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Owner { get; init; }

    /// <summary>Lower-case hex SHA-256 of the key.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The widest class that its requests may have: <c>local</c>, <c>team</c> or <c>mesh</c>.</summary>
    public required string MaxDataClass { get; init; }

    /// <summary>Ids of the models that it may use, or <c>*</c>.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Most requests in any minute; absent for no limit.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Most tokens, read and written, in a day (UTC); absent for no limit.</summary>
    public long? TokensPerDay { get; init; }

    /// <summary>When it ends; absent for never. Milliseconds since 1970.</summary>
    public long? ExpiresAtMs { get; init; }

    /// <summary>When it was made.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Whether it may use a model.</summary>
    public bool Allows(string model) => Models.Contains(AnyModel) || Models.Contains(model, StringComparer.Ordinal);
}

/// <summary>The file of keys.</summary>
/// <param name="Keys">All of them.</param>
internal sealed record IdeKeyFile(IReadOnlyList<IdeKey> Keys);

/// <summary>How keys and their use are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(IdeKeyFile))]
[JsonSerializable(typeof(TokensOfDay))]
internal sealed partial class AccessJson : JsonSerializerContext;
