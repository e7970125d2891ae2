using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Hosting.Tests.Listening;

public sealed class ListenerSettingsTests
{
    [Fact]
    public void Nothing_set_listens_on_loopback()
    {
        var (settings, faults) = Read();
        Assert.False(settings.BeyondLoopback);
        Assert.Equal(4301, settings.Port);
        Assert.Empty(faults);
    }

    [Fact]
    public void Beyond_loopback_without_tls_is_refused()
    {
        var (settings, faults) = Read(("EDGECODER_BIND", "0.0.0.0"));
        Assert.True(settings.BeyondLoopback);
        Assert.Contains("TRUSTED_PROXIES", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_address_is_no_trusted_proxy()
    {
        var (settings, faults) = Read(("EDGECODER_BIND", "0.0.0.0"), ("TRUSTED_PROXIES", "0.0.0.0/0"));
        Assert.Empty(settings.TrustedProxies);
        Assert.Equal(2, faults.Count);
    }

    [Fact]
    public void A_certificate_without_its_key_is_a_fault()
    {
        var (_, faults) = Read(("EDGECODER_TLS_CERT_FILE", "cert.pem"));
        Assert.Single(faults);
    }

    private static (ListenerSettings Settings, IReadOnlyList<string> Faults) Read(params (string Name, string Value)[] values)
    {
        var known = values.ToDictionary(pair => pair.Name, pair => pair.Value);
        var reader = new SettingsReader(known.GetValueOrDefault);
        return (ListenerSettings.Read(reader, "COORDINATOR_PORT", 4301), reader.Faults);
    }
}
