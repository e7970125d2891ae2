using System.Text.Json.Serialization;

namespace EdgeCoder.Ledger.Offline;

/// <summary>How offline documents are written as JSON: camelCase, every member there, unknown and repeated ones refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(OfflineAllowance))]
[JsonSerializable(typeof(OfflineTransaction))]
public sealed partial class OfflineJson : JsonSerializerContext;
