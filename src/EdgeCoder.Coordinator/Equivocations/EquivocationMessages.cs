using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Equivocations;

/// <summary>Evidence as it is shown.</summary>
/// <param name="PeerId">Whose log.</param>
/// <param name="EvidenceSha256">Its hash, hex.</param>
/// <param name="AtMs">When it was found.</param>
/// <param name="Evidence">Its exact bytes, base64: the file that <c>edgecoder verify equivocation</c> takes.</param>
internal sealed record EquivocationView(string PeerId, string EvidenceSha256, long AtMs, string Evidence);

/// <summary>Answer of <c>GET /ledger/equivocations</c>.</summary>
internal sealed record EquivocationList(IReadOnlyList<EquivocationView> Equivocations);

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EquivocationList))]
internal sealed partial class EquivocationJson : JsonSerializerContext;
