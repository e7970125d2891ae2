using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.TestKit.Lightning;

namespace EdgeCoder.Coordinator.Tests.Payments;

/// <summary>What stops a start (economy-and-ledger 6.3, 19, F3).</summary>
public sealed class PaymentSettingsTests
{
    [Fact]
    public void Without_settings_purchases_are_off()
    {
        var (settings, faults) = Read([]);
        Assert.Empty(faults);
        Assert.Equal("none", settings.Payments.Lightning.Provider);
        Assert.Null(settings.Payments.WebhookSecret);
        Assert.Equal(("signet", 150, "coordinator-fee:default", 900_000.0), (settings.Payments.Lightning.Network, settings.Payments.FeeBps, settings.Payments.FeeAccount, settings.Payments.IntentTtl.TotalMilliseconds));
    }

    [Theory]
    [InlineData("lnd", "LND_REST_URL and LND_MACAROON_HEX")]
    [InlineData("cln", "CLN_REST_URL and CLN_API_TOKEN")]
    public void Everything_that_is_missing_is_named_in_one_message(string provider, string names) =>
        Assert.Equal($"{provider}_provider_missing_env: LIGHTNING_PROVIDER={provider} needs {names}.", Assert.Single(Read(new() { ["LIGHTNING_PROVIDER"] = provider }).Faults));

    [Theory]
    [InlineData("EDGE_ENV", "production")]
    [InlineData("COORDINATOR_PUBLIC_URL", "https://coordinator.test")]
    public void Mock_is_refused_in_production_and_beyond_loopback(string name, string value)
    {
        Assert.Contains(Read(new() { ["LIGHTNING_PROVIDER"] = "mock", [name] = value }).Faults, fault => fault.StartsWith("LIGHTNING_PROVIDER=mock", StringComparison.Ordinal));
        Assert.Empty(Read(new() { ["LIGHTNING_PROVIDER"] = "mock" }).Faults);
    }

    [Theory]
    [InlineData("LIGHTNING_PROVIDER", "eclair")]
    [InlineData("BITCOIN_NETWORK", "mainnet")]
    [InlineData("COORDINATOR_FEE_BPS", "10001")]
    [InlineData("COORDINATOR_FEE_BPS", "1.5")]
    [InlineData("COORDINATOR_FEE_ACCOUNT", "coordinator-fee:a b")]
    [InlineData("COORDINATOR_FEE_ACCOUNT", "acct-fees")]
    [InlineData("PAYMENT_INTENT_TTL_MS", "1")]
    [InlineData("PAYMENT_WEBHOOK_SECRET", "short")]
    [InlineData("SATS_PAYOUTS_ENABLED", "perhaps")]
    [InlineData("ISSUANCE_COORDINATOR_SHARE", "0.51")]
    [InlineData("ISSUANCE_RESERVE_SHARE", "0.00001")]
    [InlineData("ROBOT_QUEUE_ENABLED", "true")]
    [InlineData("WALLET_SEND_MAX_SATS", "0")]
    [InlineData("WALLET_SEND_REVIEW_SATS", "-1")]
    [InlineData("WALLET_SEND_DAILY_LIMIT_SATS", "2100000000000001")]
    [InlineData("WALLET_SEND_GLOBAL_DAILY_LIMIT_SATS", "many")]
    [InlineData("WALLET_SEND_MAX_FEE_SATS", "0.5")]
    [InlineData("WALLET_SEND_MAX_FEE_BPS", "10001")]
    public void Bad_setting_stops_the_start_and_is_named(string name, string value) =>
        Assert.Contains(name, Assert.Single(Read(new() { [name] = value }).Faults), StringComparison.Ordinal);

    [Theory]
    [InlineData("LND_REST_URL", "http://node.test:8080")]
    [InlineData("LND_MACAROON_HEX", "not-hex-not-hex-not-hex-not-hex-not-hex")]
    [InlineData("LND_TLS_CERT_FILE", "/nowhere/tls.cert")]
    public void Bad_setting_of_a_node_is_named_and_its_secret_is_not_shown(string name, string value)
    {
        var fault = Assert.Single(Read(new() { ["LIGHTNING_PROVIDER"] = "lnd", ["LND_REST_URL"] = "https://node.test:8080", ["LND_MACAROON_HEX"] = ScriptedLnd.Macaroon, [name] = value }).Faults);
        Assert.Contains(name, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("not-hex-not", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Shares_of_payouts_are_taken_from_the_settings_and_leave_something_to_the_contributors()
    {
        var (settings, faults) = Read(new() { ["SATS_PAYOUTS_ENABLED"] = "true", ["ISSUANCE_COORDINATOR_SHARE"] = "0.5", ["ISSUANCE_RESERVE_SHARE"] = "0.4" });
        Assert.Empty(faults);
        Assert.Equal((true, 5_000, 4_000), (settings.Payments.Payouts.Enabled, settings.Payments.Payouts.ServiceBps, settings.Payments.Payouts.ReserveBps));
        Assert.Contains("ISSUANCE_COORDINATOR_SHARE", Assert.Single(Read(new() { ["ISSUANCE_COORDINATOR_SHARE"] = "0.5", ["ISSUANCE_RESERVE_SHARE"] = "0.4001" }).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_of_sends_are_taken_from_the_settings()
    {
        var (settings, faults) = Read(new()
        {
            ["WALLET_SEND_MAX_SATS"] = "1", ["WALLET_SEND_REVIEW_SATS"] = "2", ["WALLET_SEND_DAILY_LIMIT_SATS"] = "3", ["WALLET_SEND_GLOBAL_DAILY_LIMIT_SATS"] = "4", ["WALLET_SEND_MAX_FEE_SATS"] = "5",
            ["WALLET_SEND_MAX_FEE_BPS"] = "6",
        });
        Assert.Empty(faults);
        var sends = settings.Payments.Sends;
        Assert.Equal((1L, 2L, 3L, 4L, 5L, 6), (sends.MaxSats, sends.ReviewSats, sends.DailySats, sends.GlobalDailySats, sends.MaxFeeSats, sends.MaxFeeBps));
    }

    [Fact]
    public void Node_is_taken_from_the_settings()
    {
        var (settings, faults) = Read(new() { ["LIGHTNING_PROVIDER"] = "cln", ["CLN_REST_URL"] = "https://node.test:3010", ["CLN_API_TOKEN"] = ScriptedCln.Rune, ["BITCOIN_NETWORK"] = "bitcoin" });
        Assert.Empty(faults);
        Assert.Equal(("cln", "bitcoin", ScriptedCln.Rune), (settings.Payments.Lightning.Provider, settings.Payments.Lightning.Network, settings.Payments.Lightning.Credential));
    }

    private static (CoordinatorSettings Settings, IReadOnlyList<string> Faults) Read(Dictionary<string, string> environment)
    {
        var full = new Dictionary<string, string>(environment);
        if (full.ContainsKey("COORDINATOR_PUBLIC_URL"))
        {
            full["ADMIN_API_TOKEN"] = new('k', 40);
            full["PORTAL_SERVICE_URL"] = "https://portal.test";
            full["PORTAL_SERVICE_TOKEN"] = new('k', 40);
        }

        var reader = new SettingsReader(full.GetValueOrDefault, File.ReadAllText);
        return (CoordinatorSettings.Read(reader, "/data"), reader.Faults);
    }
}
