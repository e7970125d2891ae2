using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Keys;

/// <summary>Body of <c>POST /admin/keys/rotate</c>.</summary>
/// <param name="Reason">Why, 3 to 200 characters; it is kept and stays out of the log.</param>
internal sealed record KeyRotationRequest(string? Reason);

/// <summary>A change of the coordinator's key.</summary>
internal sealed record KeyRotated(bool Ok, string OldKeyId, string NewKeyId, string Vkey, long ActivatesAtMs, long OverlapUntilMs);

/// <summary>A key as <c>GET /admin/keys</c> shows it.</summary>
/// <param name="KeyId">First 16 hex digits of its hash.</param>
/// <param name="FromMs">From when on it counts.</param>
/// <param name="UntilMs">Until when.</param>
/// <param name="Reason">Why it was changed to; absent for the first.</param>
/// <param name="OperatorId">Who changed to it; absent where it was due.</param>
internal sealed record KeyView(string KeyId, long FromMs, long? UntilMs, string? Reason, string? OperatorId);

/// <summary>Answer of <c>GET /admin/keys</c>.</summary>
/// <param name="Keys">Oldest first.</param>
/// <param name="DueAtMs">When the newest is changed by itself.</param>
/// <param name="ExpiresAtMs">When it should sign no more.</param>
/// <param name="CanRotate">Whether it can be changed: not where it comes from the settings.</param>
internal sealed record KeyStatus(IReadOnlyList<KeyView> Keys, long DueAtMs, long ExpiresAtMs, bool CanRotate);

/// <summary>Body of <c>POST /mesh/keys</c>: the statements of the peer that sends it.</summary>
/// <param name="Statements">Exact bytes of each from the first on, base64.</param>
internal sealed record PeerKeyStatements(IReadOnlyList<string>? Statements);

/// <summary>What became of them.</summary>
/// <param name="KeyId">The key that is pinned now.</param>
internal sealed record PeerKeysTaken(bool Ok, string KeyId);

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(KeyRotationRequest))]
[JsonSerializable(typeof(KeyRotated))]
[JsonSerializable(typeof(KeyStatus))]
[JsonSerializable(typeof(PeerKeyStatements))]
[JsonSerializable(typeof(PeerKeysTaken))]
internal sealed partial class KeyJson : JsonSerializerContext;
