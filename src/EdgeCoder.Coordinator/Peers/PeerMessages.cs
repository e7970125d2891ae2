using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>Body of <c>POST /admin/peers</c>: what the peer's <c>GET /identity</c> says, compared by an operator on a way that is trusted.</summary>
/// <param name="PeerId">Its id.</param>
/// <param name="PublicKeyPem">Its key.</param>
/// <param name="CoordinatorUrl">Where it is.</param>
/// <param name="NetworkMode">The same as here.</param>
/// <param name="ReplacesKeyId">Only where the peer has lost its key: id of the key that is pinned now. Every other change of a key comes by rotation.</param>
internal sealed record PeerApproval(string? PeerId, string? PublicKeyPem, string? CoordinatorUrl, string? NetworkMode, string? ReplacesKeyId);

/// <summary>Body of <c>POST /admin/peers/{peerId}/suspend</c>.</summary>
internal sealed record PeerSuspension(string? Reason);

/// <summary>A peer as it is shown (coordinator-and-mesh 9.1).</summary>
/// <param name="PeerId">Its id.</param>
/// <param name="PublicKeyPem">Its key of this moment.</param>
/// <param name="CoordinatorUrl">Where it is.</param>
/// <param name="NetworkMode">Its network.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Rotations">How its key was changed, from the first on, base64; absent where it was not.</param>
internal sealed record PeerView(string PeerId, string PublicKeyPem, string CoordinatorUrl, string NetworkMode, PeerStatus Status, IReadOnlyList<string>? Rotations);

/// <summary>Answer of <c>GET /mesh/peers</c>.</summary>
internal sealed record PeerList(IReadOnlyList<PeerView> Peers);

/// <summary>What an operator has done.</summary>
internal sealed record PeerOperated(bool Ok, string PeerId, PeerStatus Status, string? Reason);

/// <summary>Body of <c>POST /admin/peers/{peerId}/overdraft</c>.</summary>
/// <param name="Credits">How much the peer may owe; 0: nothing.</param>
internal sealed record PeerOverdraftRequest(JsonElement? Credits);

/// <summary>What it is now.</summary>
internal sealed record PeerOverdraftAnswer(bool Ok, string PeerId, string AccountId, decimal Overdraft);

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PeerApproval))]
[JsonSerializable(typeof(PeerSuspension))]
[JsonSerializable(typeof(PeerList))]
[JsonSerializable(typeof(PeerOperated))]
[JsonSerializable(typeof(PeerOverdraftRequest))]
[JsonSerializable(typeof(PeerOverdraftAnswer))]
internal sealed partial class PeerJson : JsonSerializerContext;
