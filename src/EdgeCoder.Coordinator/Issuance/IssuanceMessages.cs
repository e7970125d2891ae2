using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Anchors;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>An epoch as it is shown (economy-and-ledger 8.1): load with six decimals, tokens with three, weights with six.</summary>
internal sealed record IssuanceEpochView(
    string IssuanceEpochId,
    string CoordinatorId,
    long WindowStartMs,
    long WindowEndMs,
    decimal LoadIndex,
    decimal DailyPoolTokens,
    decimal HourlyTokens,
    decimal TotalWeightedContribution,
    long ContributionCount,
    bool Finalized,
    long CreatedAtMs,
    string ProposalHash);

/// <summary>An allocation as it is shown: the share with nine decimals.</summary>
internal sealed record AllocationView(
    string AllocationId, string IssuanceEpochId, string HomeCoordinatorId, string AccountId, decimal WeightedContribution, decimal AllocationShare, decimal IssuedTokens, long CreatedAtMs, bool Posted);

/// <summary>Answer of <c>POST /economy/issuance/recalculate</c>.</summary>
internal sealed record RecalculationAnswer(bool Ok, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IssuanceEpochView? Epoch, long Allocations);

/// <summary>Answer of <c>GET /economy/issuance/current</c>: the first thousand allocations, in order of their accounts.</summary>
internal sealed record CurrentIssuance([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IssuanceEpochView? Epoch, IReadOnlyList<AllocationView> Allocations);

/// <summary>Answer of <c>GET /economy/issuance/history</c>: newest first.</summary>
internal sealed record IssuanceHistory(IReadOnlyList<IssuanceEpochView> Epochs);

/// <summary>What an account contributed in the window that ends now.</summary>
internal sealed record RollingAccount(decimal WeightedContribution, decimal AllocationShare, long ContributionCount);

/// <summary>Answer of <c>GET /economy/issuance/rolling/{accountId}</c>.</summary>
internal sealed record RollingAnswer(string AccountId, long WindowMs, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] RollingAccount? Account);

/// <summary>Body of <c>POST /economy/issuance/quorum/vote</c>.</summary>
/// <param name="EpochId">The epoch.</param>
/// <param name="Vote">approve or reject.</param>
internal sealed record QuorumVoteRequest(string? EpochId, string? Vote);

/// <summary>Its answer: the record as it stands in the log.</summary>
internal sealed record QuorumVoteAnswer(bool Ok, JsonElement Record);

/// <summary>Answer of <c>GET /economy/issuance/quorum/{epochId}</c>: <c>{hash, record, signature}</c> each.</summary>
internal sealed record QuorumRecords(string EpochId, IReadOnlyList<JsonElement> Records);

/// <summary>Answer of <c>POST /economy/issuance/anchor</c>; no anchor where no final epoch is covered by a checkpoint yet.</summary>
internal sealed record IssuanceAnchorAnswer(bool Ok, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] AnchorView? Anchor);

/// <summary>Answer of <c>POST /economy/issuance/reconcile</c>.</summary>
/// <param name="Ok">Whether nothing drifts.</param>
/// <param name="ScannedIntents">Purchases that were looked at.</param>
/// <param name="SettledIntentCount">Those of them that are settled.</param>
/// <param name="PayoutEvents">Records of payouts.</param>
/// <param name="Drift">Settled purchases whose transfers are missing or differ.</param>
internal sealed record IssuanceReconciliation(bool Ok, long ScannedIntents, long SettledIntentCount, long PayoutEvents, IReadOnlyList<string> Drift);

/// <summary>Messages of issuance.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(RecalculationAnswer))]
[JsonSerializable(typeof(CurrentIssuance))]
[JsonSerializable(typeof(IssuanceHistory))]
[JsonSerializable(typeof(RollingAnswer))]
[JsonSerializable(typeof(QuorumVoteRequest))]
[JsonSerializable(typeof(QuorumVoteAnswer))]
[JsonSerializable(typeof(QuorumRecords))]
[JsonSerializable(typeof(IssuanceAnchorAnswer))]
[JsonSerializable(typeof(IssuanceReconciliation))]
internal sealed partial class IssuanceJson : JsonSerializerContext;
