using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Prices;

/// <summary>What computing costs at a coordinator, by its own figures (economy-and-ledger 5). Signed in context <c>edgecoder/price-quote/v1</c>.</summary>
internal sealed record PriceQuote
{
    /// <summary>Version, 1.</summary>
    public required int V { get; init; }

    /// <summary>Whose.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>cpu or gpu.</summary>
    public required ResourceClass ResourceClass { get; init; }

    /// <summary>Sats, 1 or more.</summary>
    public required long PricePerComputeUnitSats { get; init; }

    /// <summary>Capacity.</summary>
    public required long SupplyIndex { get; init; }

    /// <summary>Queued work and active agents.</summary>
    public required long DemandIndex { get; init; }

    /// <summary>When.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Its coordinator's signature; absent in what is signed.</summary>
    public string? Signature { get; init; }
}

/// <summary>A price that was agreed on. Signed in context <c>edgecoder/price-epoch/v1</c>.</summary>
internal sealed record PriceEpoch
{
    /// <summary>Version, 1.</summary>
    public required int V { get; init; }

    /// <summary>UUID.</summary>
    public required string EpochId { get; init; }

    /// <summary>Whose price it is.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>cpu or gpu.</summary>
    public required ResourceClass ResourceClass { get; init; }

    /// <summary>Sats.</summary>
    public required long PricePerComputeUnitSats { get; init; }

    /// <summary>Own capacity at the time.</summary>
    public required long SupplyIndex { get; init; }

    /// <summary>Own demand at the time.</summary>
    public required long DemandIndex { get; init; }

    /// <summary>Whose quotes it is of, beside the own one; in order of their ids.</summary>
    public required IReadOnlyList<string> NegotiatedWith { get; init; }

    /// <summary>When.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Its coordinator's signature; absent in what is signed.</summary>
    public string? Signature { get; init; }
}

/// <summary>A quote as it is answered.</summary>
internal sealed record PriceQuoteAnswer(
    string CoordinatorId, ResourceClass ResourceClass, long PricePerComputeUnitSats, long SupplyIndex, long DemandIndex, long CreatedAtMs, string? Signature, string? Signed, bool? WhatIf);

/// <summary>A price as it is answered.</summary>
internal sealed record PriceEpochAnswer(
    string EpochId,
    string CoordinatorId,
    ResourceClass ResourceClass,
    long PricePerComputeUnitSats,
    long SupplyIndex,
    long DemandIndex,
    IReadOnlyList<string> NegotiatedWith,
    string Signature,
    long CreatedAtMs,
    string Status,
    string Signed);

/// <summary>Answer of <c>GET /economy/price/current</c>.</summary>
internal sealed record CurrentPrices(PriceEpochAnswer? Cpu, PriceEpochAnswer? Gpu);

/// <summary>Of one class: the price and the quotes it is of.</summary>
internal sealed record NegotiatedPrice(PriceEpochAnswer Epoch, IReadOnlyList<PriceQuoteAnswer> Quotes);

/// <summary>Answer of <c>POST /economy/price/consensus</c>.</summary>
internal sealed record ConsensusAnswer(bool Ok, NegotiatedPrice Cpu, NegotiatedPrice Gpu);

/// <summary>Answer of <c>POST /economy/price/epochs/{id}/approve</c>.</summary>
internal sealed record ApprovedPrice(bool Ok, PriceEpochAnswer Epoch);

/// <summary>Body of <c>POST /economy/price/propose</c>: a member's figures and its two signed quotes, as the base64 of their exact bytes.</summary>
internal sealed record PriceProposal(string? CoordinatorId, long? CpuCapacity, long? GpuCapacity, long? QueuedTasks, long? ActiveAgents, IReadOnlyList<string>? Quotes);

/// <summary>Answer of it: the quotes as stored, status <c>proposed</c>.</summary>
internal sealed record ProposalAnswer(bool Ok, IReadOnlyList<ProposedQuote> Epochs);

/// <summary>A stored quote.</summary>
internal sealed record ProposedQuote(string CoordinatorId, ResourceClass ResourceClass, long PricePerComputeUnitSats, string Status, long CreatedAtMs);

/// <summary>Answer of <c>GET /economy/credits/{accountId}/quote</c>: information, because credits are not redeemable.</summary>
internal sealed record CreditsQuote(string AccountId, decimal Credits, long SatsPerCredit, long EstimatedSats, string QuoteSource, long QuotedAtMs);

/// <summary>Messages of prices.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PriceQuoteAnswer))]
[JsonSerializable(typeof(CurrentPrices))]
[JsonSerializable(typeof(ConsensusAnswer))]
[JsonSerializable(typeof(ApprovedPrice))]
[JsonSerializable(typeof(PriceProposal))]
[JsonSerializable(typeof(ProposalAnswer))]
[JsonSerializable(typeof(CreditsQuote))]
internal sealed partial class PriceJson : JsonSerializerContext;

/// <summary>Signed documents of prices: unknown members are refused (1.1).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PriceQuote))]
[JsonSerializable(typeof(PriceEpoch))]
internal sealed partial class PriceDocumentJson : JsonSerializerContext;
