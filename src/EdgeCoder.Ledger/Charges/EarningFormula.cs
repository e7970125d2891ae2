using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Ledger.Charges;

/// <summary>What an attempt earns (economy-and-ledger 3.1). Nothing that an agent reports enters it.</summary>
public static class EarningFormula
{
    /// <summary>Quality of an accepted, re-run result.</summary>
    public const int VerifiedQualityBps = 10_000;

    /// <summary>Quality of text that nobody ran again.</summary>
    public const int UnverifiedQualityBps = 5_000;

    /// <summary>Highest load factor; estimates use it.</summary>
    public const int HighestLoadBps = 16_000;

    /// <summary>Highest model factor; estimates use it.</summary>
    public const int HighestModelBps = 10_000;

    /// <summary>
    /// earnMc = rhu(ms × rate × quality × load × model, 10^12).
    /// <paramref name="ms"/> is lease time as the coordinator measured it, at most the budget, in milliseconds; negative time is refused.
    /// The factors are basis points; quality is clamped to 5,000…15,000.
    /// </summary>
    public static Millicredits Earn(long ms, ResourceClass resourceClass, int qualityBps, int loadBps, int modelBps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ms);
        ArgumentOutOfRangeException.ThrowIfNegative(loadBps);
        ArgumentOutOfRangeException.ThrowIfNegative(modelBps);
        var rate = resourceClass switch
        {
            ResourceClass.Cpu => 1,
            ResourceClass.Gpu => 4,
            _ => throw new ArgumentOutOfRangeException(nameof(resourceClass)),
        };
        var product = checked((Int128)ms * rate * Math.Clamp(qualityBps, 5_000, 15_000) * loadBps * modelBps);
        return new(Rounding.HalfUp(product, 1_000_000_000_000));
    }

    /// <summary>What a subtask is estimated at: its whole budget at the highest load and model.</summary>
    public static Millicredits Estimate(long budgetMs, ResourceClass resourceClass) => Earn(budgetMs, resourceClass, VerifiedQualityBps, HighestLoadBps, HighestModelBps);

    /// <summary>Load factor from the funded queued subtasks and the active approved agents, both at lease time.</summary>
    public static int Load(long queued, long agents) => agents switch
    {
        <= 0 => 12_500,
        _ when 2 * queued <= agents => 8_000,
        _ when queued <= agents => 10_000,
        _ when queued <= 2 * agents => 12_500,
        _ => HighestLoadBps,
    };

    /// <summary>Model factor from the parameters of the model named in the lease; 0 when unknown.</summary>
    public static int ModelBps(long parameters) => parameters switch
    {
        >= 7_000_000_000 => 10_000,
        >= 3_000_000_000 => 7_000,
        >= 1_500_000_000 => 5_000,
        _ => 3_000,
    };
}
