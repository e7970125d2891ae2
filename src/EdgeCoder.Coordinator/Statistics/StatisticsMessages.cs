using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Mirrors;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>A node in a summary.</summary>
/// <param name="Source">The coordinator that knows it.</param>
/// <param name="Kind"><c>agent</c>.</param>
/// <param name="NodeId">Its id.</param>
/// <param name="Approved">Whether it may work.</param>
/// <param name="LastSeenMs">When it was heard of last.</param>
/// <param name="Active">Whether that is at most 120 seconds ago.</param>
internal sealed record NodeSummary(string Source, string Kind, string NodeId, bool Approved, long LastSeenMs, bool Active);

/// <summary>What an account earned.</summary>
/// <param name="Source">Its home.</param>
/// <param name="AccountId">The account.</param>
/// <param name="Credits">Credits with three decimals.</param>
/// <param name="TaskCount">Paid leases.</param>
internal sealed record EarningSummary(string Source, string AccountId, decimal Credits, long TaskCount);

/// <summary>Answer of <c>GET /stats/projections/summary</c> (economy-and-ledger 12): at most a thousand nodes and accounts, by source and id.</summary>
internal sealed record StatisticsSummary(
    string CoordinatorId,
    long GeneratedAt,
    int Phase,
    string ReadFrom,
    SourceHead Head,
    int QuorumThreshold,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] HeadCheckpoint? LatestCheckpoint,
    FinalityView Finality,
    Parity Parity,
    IReadOnlyList<NodeSummary> Nodes,
    IReadOnlyList<EarningSummary> Earnings);

/// <summary>Messages of statistics.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatisticsSummary))]
internal sealed partial class StatisticsJson : JsonSerializerContext;
