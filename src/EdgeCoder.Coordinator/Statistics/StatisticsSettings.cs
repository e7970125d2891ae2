using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>How much the logs of all members count (economy-and-ledger 12).</summary>
public enum LedgerPhase
{
    /// <summary>1, shadow: they are compared with the own tables.</summary>
    Shadow = 1,

    /// <summary>2, federated: what is read is of all of them.</summary>
    Federated = 2,

    /// <summary>3, enforced: what others rely on is refused while they are not final.</summary>
    Enforced = 3,
}

/// <summary>Settings of the statistics ledger.</summary>
public sealed class StatisticsSettings
{
    /// <summary><c>STATS_LEDGER_PHASE</c>: 1, 2 or 3.</summary>
    public LedgerPhase Phase { get; init; } = LedgerPhase.Shadow;

    /// <summary>Reads them; every fault goes to the reader.</summary>
    public static StatisticsSettings Read(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new() { Phase = (LedgerPhase)reader.Number("STATS_LEDGER_PHASE", 1, 1, 3) };
    }
}
