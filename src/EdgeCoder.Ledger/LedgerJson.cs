using System.Text.Json.Serialization;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Ledger.Equivocations;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;

namespace EdgeCoder.Ledger;

/// <summary>How records and receipts are written as JSON: camelCase, absent instead of null, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(OrderingRecord))]
[JsonSerializable(typeof(ReceiptFile))]
[JsonSerializable(typeof(AnchorSet))]
[JsonSerializable(typeof(AnchorSetProof))]
[JsonSerializable(typeof(EquivocationFile))]
[JsonSerializable(typeof(BlacklistEvent))]
[JsonSerializable(typeof(BlacklistReport))]
[JsonSerializable(typeof(BlacklistAppeal))]
[JsonSerializable(typeof(BlacklistProof))]
[JsonSerializable(typeof(ReportStated))]
[JsonSerializable(typeof(QuorumRecord))]
[JsonSerializable(typeof(IssuanceProposal))]
[JsonSerializable(typeof(IssuanceVote))]
[JsonSerializable(typeof(IssuanceCommit))]
[JsonSerializable(typeof(IssuanceCheckpoint))]
[JsonSerializable(typeof(IReadOnlyList<IssuanceAllocation>))]
public sealed partial class LedgerJson : JsonSerializerContext;
