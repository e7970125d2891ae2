using System.Security.Cryptography;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Protocol.Canonical;

namespace EdgeCoder.Ledger.Quorum;

/// <summary>How much of a coordinator's log a proposal is calculated from.</summary>
/// <param name="CoordinatorId">Whose log.</param>
/// <param name="Size">Size of the checkpoint that was used.</param>
public sealed record ProposalSource(string CoordinatorId, long Size);

/// <summary>
/// Content of an <c>issuance_proposal</c> (economy-and-ledger 8.2): everything that somebody who has the logs needs to calculate it again. Amounts in millicredits, loads and
/// weights in millionths.
/// </summary>
public sealed record IssuanceProposal
{
    /// <summary>Allocations that are written out; of more there is the hash alone, because a leaf of a log has an end. Whoever votes has calculated them.</summary>
    public const int MostListed = 100;

    /// <summary>End of the slot and of the window, inclusive.</summary>
    public required long WindowEndMs { get; init; }

    /// <summary>Start of the window, exclusive.</summary>
    public required long WindowStartMs { get; init; }

    /// <summary>Length of the slot.</summary>
    public required long SlotMs { get; init; }

    /// <summary>The quorum set of this proposal, in order of their ids; it stays as it is.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <summary>The logs, in order of their ids.</summary>
    public required IReadOnlyList<ProposalSource> Sources { get; init; }

    /// <summary>Subtasks that waited.</summary>
    public required long Queued { get; init; }

    /// <summary>Active agents.</summary>
    public required long Agents { get; init; }

    /// <summary>Processors.</summary>
    public required long CpuCapacity { get; init; }

    /// <summary>Graphics processors.</summary>
    public required long GpuCapacity { get; init; }

    /// <summary>Load of the last final epoch; absent without one.</summary>
    public long? PreviousLoad { get; init; }

    /// <summary>Raw load.</summary>
    public required long RawLoad { get; init; }

    /// <summary>Smoothed load.</summary>
    public required long Load { get; init; }

    /// <summary>Pool of a day.</summary>
    public required long DailyPoolMc { get; init; }

    /// <summary>Pool of the slot.</summary>
    public required long SlotPoolMc { get; init; }

    /// <summary>Sum of the weights.</summary>
    public required long TotalWeightMicro { get; init; }

    /// <summary>Leases that counted.</summary>
    public required long ContributionCount { get; init; }

    /// <summary>How many allocations there are.</summary>
    public required long AllocationCount { get; init; }

    /// <summary>SHA-256 of the canonical array of all of them.</summary>
    public required string AllocationsHash { get; init; }

    /// <summary>All of them; absent where there are more than <see cref="MostListed"/>.</summary>
    public IReadOnlyList<IssuanceAllocation>? Allocations { get; init; }

    /// <summary>What the figures are calculated from.</summary>
    public IssuanceInputs Inputs() => new(Queued, Agents, CpuCapacity, GpuCapacity, PreviousLoad);

    /// <summary>The proposal of calculated figures.</summary>
    public static IssuanceProposal Of(IssuanceTerms terms, IssuanceInputs inputs, long slotEndMs, IEnumerable<string> members, IEnumerable<ProposalSource> sources, IssuanceFigures figures) => new()
    {
        WindowEndMs = slotEndMs,
        WindowStartMs = slotEndMs - terms.WindowMs,
        SlotMs = terms.SlotMs,
        Members = [.. members.Order(StringComparer.Ordinal)],
        Sources = [.. sources.OrderBy(source => source.CoordinatorId, StringComparer.Ordinal)],
        Queued = inputs.Queued,
        Agents = inputs.Agents,
        CpuCapacity = inputs.CpuCapacity,
        GpuCapacity = inputs.GpuCapacity,
        PreviousLoad = inputs.PreviousLoad,
        RawLoad = figures.RawLoad,
        Load = figures.Load,
        DailyPoolMc = figures.DailyPool.Value,
        SlotPoolMc = figures.SlotPool.Value,
        TotalWeightMicro = figures.TotalWeightMicro,
        ContributionCount = figures.ContributionCount,
        AllocationCount = figures.Allocations.Count,
        AllocationsHash = HashOf(figures.Allocations),
        Allocations = figures.Allocations.Count <= MostListed ? figures.Allocations : null,
    };

    /// <summary>
    /// Whether somebody who has the logs and the same rules comes to the same: every figure is calculated again from the inputs, and the whole must be equal.
    /// </summary>
    public bool IsRecomputed(IssuanceTerms terms, IEnumerable<Contribution> contributions) =>
        WindowEndMs > 0 && WindowEndMs % terms.SlotMs == 0 && Math.Min(Math.Min(Queued, Agents), Math.Min(CpuCapacity, GpuCapacity)) >= 0 && PreviousLoad is null or (>= LoadIndex.Least and <= LoadIndex.Most)
        && IssuanceFigures.Of(terms, Inputs(), WindowEndMs, contributions) is { } figures
        && CanonicalJson.Write(this, LedgerJson.Default.IssuanceProposal).AsSpan()
            .SequenceEqual(CanonicalJson.Write(Of(terms, Inputs(), WindowEndMs, Members, Sources, figures), LedgerJson.Default.IssuanceProposal));

    /// <summary>Hash of allocations, in the order of accounts and homes.</summary>
    public static string HashOf(IReadOnlyList<IssuanceAllocation> allocations) =>
        Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(allocations, LedgerJson.Default.IReadOnlyListIssuanceAllocation)));
}
