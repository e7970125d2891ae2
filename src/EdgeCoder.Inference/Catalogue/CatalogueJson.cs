using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>How the store and the catalogue are written: camelCase, absent instead of null, indented for people, no reflection at run time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(StoredModel))]
[JsonSerializable(typeof(ActiveModel))]
internal sealed partial class CatalogueJson : JsonSerializerContext;

/// <summary>The active model, as the store keeps it.</summary>
internal sealed record ActiveModel(string Provider, string ModelId);
