using System.Text.Json.Serialization;

namespace EdgeCoder.Agent.Coordinators;

/// <summary>The registry's feed (coordinator-and-mesh 10).</summary>
internal sealed record CoordinatorFeed(IReadOnlyList<FeedEntry?>? Coordinators);

/// <summary>A coordinator of the feed.</summary>
internal sealed record FeedEntry(string? PeerId, string? CoordinatorUrl, string? Source, string? PublicKeySha256);

/// <summary>How it is read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CoordinatorFeed))]
internal sealed partial class FeedJson : JsonSerializerContext;
