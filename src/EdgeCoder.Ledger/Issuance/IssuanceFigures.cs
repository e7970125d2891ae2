using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Ledger.Issuance;

/// <summary>What an epoch issues, by whom and to whom (economy-and-ledger 8.1).</summary>
/// <param name="RawLoad">Load of its moment, in millionths.</param>
/// <param name="Load">The smoothed load, in millionths.</param>
/// <param name="DailyPool">Pool of a day.</param>
/// <param name="SlotPool">Pool of its slot: what the allocations sum to.</param>
/// <param name="TotalWeightMicro">Sum of the weights, in millionths.</param>
/// <param name="ContributionCount">Leases that counted.</param>
/// <param name="Allocations">By account and home, ordinal.</param>
public sealed record IssuanceFigures(
    long RawLoad, long Load, Millicredits DailyPool, Millicredits SlotPool, long TotalWeightMicro, long ContributionCount, IReadOnlyList<IssuanceAllocation> Allocations)
{
    /// <summary>
    /// 1. The load; 2. the pools; 3. the weights per account of what counts and lies in the window, its start exclusive and its end inclusive; 4. the split. Null where
    /// nobody weighs anything: there is no epoch then. The order of the contributions makes no difference.
    /// </summary>
    public static IssuanceFigures? Of(IssuanceTerms terms, IssuanceInputs inputs, long slotEndMs, IEnumerable<Contribution> contributions)
    {
        // 1
        var raw = LoadIndex.Raw(inputs.Queued, inputs.Agents, Math.Max(1, inputs.CpuCapacity), Math.Max(1, inputs.GpuCapacity));
        var load = LoadIndex.Smoothed(inputs.PreviousLoad, raw, terms.AlphaBps);

        // 2
        var day = terms.Pool.OfDay(load);
        var slot = IssuancePool.OfSlot(day, terms.SlotMs);

        // 3
        var counted = 0L;
        var weights = new SortedDictionary<string, (string Account, string Home, long Weight)>(StringComparer.Ordinal);
        foreach (var one in contributions.Where(one => one.Counts && one.AtMs > slotEndMs - terms.WindowMs && one.AtMs <= slotEndMs))
        {
            // No id has a line feed, so this is in the order of the accounts and then of their homes.
            var id = one.AccountId + '\n' + one.HomeCoordinatorId;
            weights[id] = (one.AccountId, one.HomeCoordinatorId, checked(weights.GetValueOrDefault(id).Weight + one.WeightMicro));
            counted++;
        }

        if (counted == 0)
        {
            return null;
        }

        // 4
        var total = weights.Values.Aggregate(0L, (sum, one) => checked(sum + one.Weight));
        var parts = Split.Of(slot.Value, [.. weights.Select(one => new Weight(one.Key, one.Value.Weight))]);
        return new(raw, load, day, slot, total, counted, [.. weights.Values.Zip(parts, (one, part) => new IssuanceAllocation(one.Account, one.Home, part.Amount, one.Weight))]);
    }
}
