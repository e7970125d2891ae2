using System.Text.Json.Serialization;
using EdgeCoder.Protocol;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>How final a checkpoint is (economy-and-ledger 12). On the wire in <c>lower_snake_case</c>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<FinalityState>))]
internal enum FinalityState
{
    /// <summary>Too few members were heard, or one of them tells two stories.</summary>
    StaleFederation,

    /// <summary>No checkpoint has the signatures of the quorum.</summary>
    NoCheckpoint,

    /// <summary>It is in the block chain, deep enough.</summary>
    AnchoredConfirmed,

    /// <summary>Its transaction is sent, or not deep enough yet.</summary>
    AnchoredPending,

    /// <summary>The quorum has signed it.</summary>
    SoftFinalized,
}

/// <summary>What finality is judged by.</summary>
/// <param name="Members">n: members of the quorum set, self included.</param>
/// <param name="Threshold">How many of them must sign.</param>
/// <param name="Heard">Members that gave a valid checkpoint within three sync intervals, self included.</param>
/// <param name="Equivocates">Whether an origin signed two stories.</param>
/// <param name="HasCheckpoint">Whether a checkpoint has the signatures of the quorum.</param>
/// <param name="Anchors">Anchors whose checkpoint is this one or provably extends it; others are left out.</param>
/// <param name="MinConfirmations"><c>STATS_ANCHOR_MIN_CONFIRMATIONS</c>.</param>
internal sealed record FinalityFacts(int Members, int Threshold, int Heard, bool Equivocates, bool HasCheckpoint, IReadOnlyList<CoveringAnchor> Anchors, int MinConfirmations);

/// <summary>An anchor of this checkpoint, or of one that extends it.</summary>
/// <param name="Status">Its state.</param>
/// <param name="Confirmations">Its confirmations.</param>
internal sealed record CoveringAnchor(AnchorStatus Status, long Confirmations);

/// <summary>The rules of finality. Pure.</summary>
internal static class Finality
{
    /// <summary>The first rule that fits.</summary>
    public static FinalityState Of(FinalityFacts facts) => facts switch
    {
        // 1.
        { Members: > 1 } when facts.Heard < facts.Threshold || facts.Equivocates => FinalityState.StaleFederation,

        // 2.
        { HasCheckpoint: false } => FinalityState.NoCheckpoint,

        // 3.
        _ when facts.Anchors.Any(anchor => anchor.Status == AnchorStatus.Anchored && anchor.Confirmations >= facts.MinConfirmations) => FinalityState.AnchoredConfirmed,

        // 4.
        _ when facts.Anchors.Any(anchor => anchor.Status is AnchorStatus.Broadcast or AnchorStatus.Anchored) => FinalityState.AnchoredPending,

        // 5.
        _ => FinalityState.SoftFinalized,
    };
}
