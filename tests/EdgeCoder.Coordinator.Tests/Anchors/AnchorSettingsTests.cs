using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Coordinator.Tests.Anchors;

public sealed class AnchorSettingsTests
{
    [Fact]
    public void Nothing_is_anchored_unless_somebody_says_so()
    {
        var (settings, faults) = Read([]);
        Assert.Equal((AnchorProviderKind.None, "signet", 1), (settings.Provider, settings.Network.Name, settings.MinConfirmations));
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("EDGE_ENV", "production")]
    [InlineData("BITCOIN_NETWORK", "bitcoin")]
    [InlineData("COORDINATOR_PUBLIC_URL", "https://coordinator.test")]
    public void The_mock_is_refused_where_anchors_count(string name, string value)
    {
        Assert.Empty(Read(new() { ["BITCOIN_ANCHOR_PROVIDER"] = "mock" }).Faults);
        Assert.Contains(Read(new() { ["BITCOIN_ANCHOR_PROVIDER"] = "mock", [name] = value }).Faults, fault => fault.StartsWith("BITCOIN_ANCHOR_PROVIDER=mock", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("anchor-proxy", "anchor_proxy_provider_missing_env", "ANCHOR_PROXY_URL, ANCHOR_PROXY_TOKEN")]
    [InlineData("bitcoind", "bitcoind_provider_missing_env", "BITCOIND_RPC_URL, BITCOIND_RPC_USER, BITCOIND_RPC_PASSWORD")]
    [InlineData("esplora", "esplora_provider_missing_env", "ESPLORA_URL")]
    public void What_a_provider_misses_is_named_at_once(string provider, string code, string names)
    {
        var fault = Assert.Single(Read(new() { ["BITCOIN_ANCHOR_PROVIDER"] = provider }).Faults);
        Assert.StartsWith(code, fault, StringComparison.Ordinal);
        Assert.Contains(names, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BITCOIN_ANCHOR_PROVIDER", "electrum")]
    [InlineData("BITCOIN_NETWORK", "litecoin")]
    [InlineData("ESPLORA_URL", "http://explorer.test")]
    [InlineData("STATS_ANCHOR_INTERVAL_MS", "9999")]
    [InlineData("ANCHOR_CONFIRMATION_POLL_MS", "-1")]
    [InlineData("STATS_ANCHOR_MIN_CONFIRMATIONS", "101")]
    public void A_wrong_setting_is_named(string name, string value) => Assert.StartsWith(name, Assert.Single(Read(new() { [name] = value }).Faults), StringComparison.Ordinal);

    [Fact]
    public void Credentials_of_a_node_are_the_proxys_beyond_this_machine()
    {
        var node = new Dictionary<string, string>
        {
            ["BITCOIN_ANCHOR_PROVIDER"] = "bitcoind", ["BITCOIND_RPC_URL"] = "http://127.0.0.1:38332", ["BITCOIND_RPC_USER"] = "user", ["BITCOIND_RPC_PASSWORD"] = "a-password-nobody-sees",
        };
        Assert.Empty(Read(node).Faults);
        var faults = Read(new(node) { ["COORDINATOR_PUBLIC_URL"] = "https://coordinator.test" }).Faults;
        Assert.Contains(faults, fault => fault.StartsWith("BITCOIN_ANCHOR_PROVIDER=bitcoind puts", StringComparison.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.Contains("nobody-sees", StringComparison.Ordinal));
    }

    private static (AnchorSettings Settings, IReadOnlyList<string> Faults) Read(Dictionary<string, string> environment)
    {
        var reader = new SettingsReader(environment.GetValueOrDefault);
        return (CoordinatorSettings.Read(reader, "/data").Anchors, reader.Faults);
    }
}
