using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Coordinator.Tests.Issuance;

/// <summary>Settings of issuance (economy-and-ledger 19, environment.md).</summary>
public sealed class IssuanceSettingsTests
{
    [Fact]
    public void Nothing_set_is_what_the_specification_says() => Assert.Equal(new IssuanceSettings().Terms, Read([]).Terms);

    [Fact]
    public void What_is_set_is_exact()
    {
        var read = Read([("ISSUANCE_LOAD_CURVE_SLOPE", "0.5"), ("ISSUANCE_SMOOTHING_ALPHA", "0.0123"), ("ISSUANCE_RECALC_MS", "60000"), ("ISSUANCE_MIN_DAILY_POOL_TOKENS", "1"), ("APPROVED_COORDINATOR_IDS", "coord-1, coord-2")]);

        Assert.Equal((5_000, 123, 60_000L, 1_000L), (read.Terms.Pool.SlopeBps, read.Terms.AlphaBps, read.Terms.SlotMs, read.Terms.Pool.Least.Value));
        Assert.Equal(["coord-1", "coord-2"], read.ApprovedCoordinatorIds);
    }

    [Theory]
    [InlineData("ISSUANCE_RECALC_MS", "86400001")]
    [InlineData("ISSUANCE_RECALC_MS", "59999")]
    [InlineData("ISSUANCE_WINDOW_MS", "3599999")]
    [InlineData("ISSUANCE_BASE_DAILY_POOL_TOKENS", "2499")]
    [InlineData("ISSUANCE_BASE_DAILY_POOL_TOKENS", "100001")]
    [InlineData("ISSUANCE_MAX_DAILY_POOL_TOKENS", "1000000001")]
    [InlineData("ISSUANCE_LOAD_CURVE_SLOPE", "10.1")]
    [InlineData("ISSUANCE_LOAD_CURVE_SLOPE", "0.00001")]
    [InlineData("ISSUANCE_SMOOTHING_ALPHA", "0.0099")]
    [InlineData("ISSUANCE_SMOOTHING_ALPHA", "1.1")]
    [InlineData("ANCHOR_INTERVAL_MS", "9999")]
    public void A_wrong_setting_stops_the_start(string name, string value) =>
        Assert.Contains(name, Assert.Throws<SettingsException>(() => Read([(name, value)])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0")]
    [InlineData("4")]
    [InlineData("enforced")]
    public void A_phase_is_one_two_or_three(string value)
    {
        var reader = new SettingsReader(name => name == "STATS_LEDGER_PHASE" ? value : null);
        StatisticsSettings.Read(reader);
        Assert.Contains("STATS_LEDGER_PHASE", Assert.Throws<SettingsException>(reader.ThrowIfFaulty).Message, StringComparison.Ordinal);
    }

    private static IssuanceSettings Read((string Name, string Value)[] set)
    {
        var reader = new SettingsReader(name => set.FirstOrDefault(one => one.Name == name).Value);
        var read = IssuanceSettings.Read(reader);
        reader.ThrowIfFaulty();
        return read;
    }
}
