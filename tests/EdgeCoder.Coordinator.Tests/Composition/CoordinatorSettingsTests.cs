using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Coordinator.Tests.Composition;

/// <summary>Settings that open something, or promise something that is not there.</summary>
public sealed class CoordinatorSettingsTests
{
    [Fact]
    public void Faucet_is_closed_unless_it_is_opened_on_this_machine()
    {
        Assert.False(Read([]).Settings.Faucet);
        var (settings, faults) = Read(new() { ["FAUCET_ENABLED"] = "true" });
        Assert.True(settings.Faucet);
        Assert.Empty(faults);
        Assert.Contains(Read(new() { ["FAUCET_ENABLED"] = "perhaps" }).Faults, fault => fault.StartsWith("FAUCET_ENABLED must be", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("EDGE_ENV", "production")]
    [InlineData("COORDINATOR_PUBLIC_URL", "https://coordinator.test")]
    public void Faucet_is_refused_in_production_and_beyond_loopback(string name, string value) =>
        Assert.Contains(Read(new() { ["FAUCET_ENABLED"] = "1", [name] = value }).Faults, fault => fault.StartsWith("FAUCET_ENABLED gives credits away", StringComparison.Ordinal));

    [Theory]
    [InlineData("KEY_STORE", "os")]
    [InlineData("KEY_STORE", "vault")]
    [InlineData("KEY_PROVIDER", "os")]
    [InlineData("KEY_STORE_PASSPHRASE", "a-passphrase-nobody-sees")]
    public void Key_store_that_is_not_there_is_refused_and_not_pretended(string name, string value)
    {
        var fault = Assert.Single(Read(new() { [name] = value }).Faults);

        Assert.Contains("cannot be honoured", fault);
        Assert.DoesNotContain("a-passphrase-nobody-sees", fault);
    }

    [Fact]
    public void Encrypted_keys_need_their_passphrase_and_both_names_agree()
    {
        const string Passphrase = "a-passphrase-nobody-sees";
        Assert.Equal(Passphrase, Read(new() { ["KEY_STORE"] = "file", ["KEY_STORE_PASSPHRASE"] = Passphrase }).Settings.KeyPassphrase);
        Assert.Equal(Passphrase, Read(new() { ["KEY_PROVIDER"] = "file", ["KEY_STORE"] = "file", ["KEY_STORE_PASSPHRASE"] = Passphrase }).Settings.KeyPassphrase);
        Assert.Contains("needs KEY_STORE_PASSPHRASE", Assert.Single(Read(new() { ["KEY_STORE"] = "file" }).Faults), StringComparison.Ordinal);
        Assert.Single(Read(new() { ["KEY_STORE"] = "file", ["KEY_PROVIDER"] = "os", ["KEY_STORE_PASSPHRASE"] = Passphrase }).Faults);
        Assert.DoesNotContain("short-one", Assert.Single(Read(new() { ["KEY_STORE"] = "file", ["KEY_STORE_PASSPHRASE"] = "short-one" }).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void On_loopback_alone_the_portals_two_directions_may_share_a_secret()
    {
        var (one, other) = (new string('a', 40), new string('b', 40));
        Assert.Equal(one, Read(new() { ["PORTAL_SERVICE_TOKEN"] = one }).Settings.PortalToken);
        Assert.Equal(other, Read(new() { ["PORTAL_SERVICE_TOKEN"] = one, ["PORTAL_COORDINATOR_TOKEN"] = other }).Settings.PortalToken);
        Assert.Null(Read(new() { ["PORTAL_SERVICE_TOKEN"] = one, ["COORDINATOR_PUBLIC_URL"] = "https://coordinator.test" }).Settings.PortalToken);
        Assert.Null(Read([]).Settings.PortalToken);
    }

    private static (CoordinatorSettings Settings, IReadOnlyList<string> Faults) Read(Dictionary<string, string> environment)
    {
        var reader = new SettingsReader(name => environment.GetValueOrDefault(name), _ => "read");
        return (CoordinatorSettings.Read(reader, "/data"), reader.Faults);
    }
}
