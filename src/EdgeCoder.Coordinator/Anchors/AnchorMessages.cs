using System.Text.Json.Serialization;
using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>An anchor as routes show it (economy-and-ledger 13.1). The signed bytes are nobody else's.</summary>
internal sealed record AnchorView(
    string AnchorId, string Kind, string? EpochId, string CheckpointHash, long CheckpointHeight, string AnchorNetwork, string TxRef, AnchorStatus Status, long Confirmations, string? BlockHash, string? LastCheckError,
    long? AnchoredAtMs, long CreatedAtMs)
{
    /// <summary>Of a row.</summary>
    public static AnchorView Of(AnchorRecordRow row) => new(
        row.AnchorId, row.Kind, row.EpochId, row.CheckpointHash, row.CheckpointHeight, row.AnchorNetwork, row.TxRef, row.Status, row.Confirmations, row.BlockHash, row.LastCheckError, row.AnchoredAtMs, row.CreatedAtMs);
}

/// <summary>How final the log is (economy-and-ledger 12).</summary>
/// <param name="CheckpointHash">The newest soft-final checkpoint.</param>
/// <param name="CheckpointHeight">Its height.</param>
/// <param name="SoftFinalized">Whether the quorum has signed it; survives a reorganisation.</param>
/// <param name="HardFinalized">Whether it is <c>anchored_confirmed</c>.</param>
/// <param name="FinalityState">The first rule that fits.</param>
/// <param name="Anchor">The anchor that tells most about it.</param>
internal sealed record FinalityView(string? CheckpointHash, long? CheckpointHeight, bool SoftFinalized, bool HardFinalized, FinalityState FinalityState, FinalityAnchor? Anchor);

/// <summary>An anchor in it.</summary>
internal sealed record FinalityAnchor(string TxRef, string Network, AnchorStatus Status, long Confirmations, long? AnchoredAtMs);

/// <summary>Answer of <c>POST /stats/anchors/anchor-latest</c>.</summary>
internal sealed record AnchorLatestAnswer(bool Ok, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] AnchorView? Anchor, FinalityView Finality);

/// <summary>Answer of <c>GET /stats/anchors/verify</c>.</summary>
/// <param name="Ok">Always true.</param>
/// <param name="CheckpointHash">What was asked about.</param>
/// <param name="Verified">Whether the chain holds it now, deep enough.</param>
/// <param name="RequiredConfirmations">How deep that is.</param>
/// <param name="Anchor">Its anchor with what the chain shows now; null where it was never to be anchored.</param>
internal sealed record AnchorVerifyAnswer(bool Ok, string CheckpointHash, bool Verified, int RequiredConfirmations, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] AnchorView? Anchor);

/// <summary>Body of <c>POST /stats/anchors/close</c>.</summary>
internal sealed record AnchorCloseRequest(string? AnchorId, string? Reason);

/// <summary>Its answer.</summary>
internal sealed record AnchorCloseAnswer(bool Ok, AnchorView Anchor);

/// <summary>Answer of <c>GET /economy/issuance/anchors</c>.</summary>
internal sealed record AnchorListAnswer(IReadOnlyList<AnchorView> Anchors);

/// <summary>Answer of <c>GET /stats/anchors/set</c>.</summary>
/// <param name="AnchorNetwork">Network of the transaction.</param>
/// <param name="TxRef">The transaction.</param>
/// <param name="Set">That it covers the log that was asked about.</param>
internal sealed record AnchorSetAnswer(string AnchorNetwork, string TxRef, AnchorSetProof Set);

/// <summary>Messages of anchors.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(AnchorLatestAnswer))]
[JsonSerializable(typeof(AnchorVerifyAnswer))]
[JsonSerializable(typeof(AnchorCloseRequest))]
[JsonSerializable(typeof(AnchorCloseAnswer))]
[JsonSerializable(typeof(AnchorListAnswer))]
[JsonSerializable(typeof(AnchorSetAnswer))]
internal sealed partial class AnchorJson : JsonSerializerContext;
