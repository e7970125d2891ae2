using EdgeCoder.Hosting.Settings;
using EdgeCoder.Portal.Composition;

namespace EdgeCoder.Portal.Tests.Composition;

/// <summary>Settings: everything that is missing or wrong is named at once (portal-and-control-plane 2).</summary>
public sealed class PortalSettingsTests
{
    private static readonly Dictionary<string, string> Public = new()
    {
        ["EDGECODER_BIND"] = "0.0.0.0", ["TRUSTED_PROXIES"] = "10.0.0.0/8", ["PORTAL_PUBLIC_URL"] = "https://portal.example.org", ["PASSKEY_RP_ID"] = "portal.example.org", ["PASSKEY_RP_NAME"] = "Portal",
        ["PASSKEY_ORIGIN"] = "https://portal.example.org", ["CONTROL_PLANE_URL"] = "https://control.example.org", ["COORDINATOR_URL"] = "https://coordinator.example.org", ["PORTAL_DATA_PROTECTION_KEY_FILE"] = "/etc/edgecoder/portal.key",
        ["PORTAL_SERVICE_TOKEN"] = new('a', 40), ["CONTROL_PLANE_ADMIN_TOKEN"] = new('b', 40), ["PORTAL_COORDINATOR_TOKEN"] = new('c', 40),
        ["MAIL_TRANSPORT"] = "smtp", ["SMTP_HOST"] = "mail.example.org", ["MAIL_FROM"] = "portal@example.org",
    };

    [Fact]
    public void Loopback_needs_nothing()
    {
        var (settings, faults) = Read([]);
        Assert.Empty(faults);
        Assert.Equal((false, false, "http://127.0.0.1:4310/"), (settings.Exposed, settings.Uniform, settings.PublicUrl!.AbsoluteUri));
    }

    [Fact]
    public void A_public_portal_starts_with_all_of_its_settings()
    {
        var (settings, faults) = Read(Public);
        Assert.Empty(faults);
        Assert.True(settings.Exposed && settings.Uniform);
        Assert.DoesNotContain("http://localhost:1420", settings.AllowedOrigins);
    }

    [Fact]
    public void A_public_portal_names_all_that_is_missing()
    {
        var (_, faults) = Read(new() { ["EDGECODER_BIND"] = "0.0.0.0" });
        var all = string.Join('\n', faults);
        Assert.All(
            ["PORTAL_PUBLIC_URL", "PASSKEY_RP_ID", "PASSKEY_RP_NAME", "PASSKEY_ORIGIN", "CONTROL_PLANE_URL", "COORDINATOR_URL", "PORTAL_DATA_PROTECTION_KEY_FILE", "PORTAL_SERVICE_TOKEN", "CONTROL_PLANE_ADMIN_TOKEN", "PORTAL_COORDINATOR_TOKEN", "MAIL_TRANSPORT", "EDGECODER_TLS_CERT_FILE"],
            name => Assert.Contains(name, all, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PORTAL_ACCOUNT_DISCLOSURE", "open")]
    [InlineData("MAIL_TRANSPORT", "folder")]
    [InlineData("RATE_LIMIT_SIGNUP", "0")]
    [InlineData("PORTAL_PASSWORD_ITERATIONS", "1000")]
    [InlineData("PORTAL_PUBLIC_URL", "http://portal.example.org")]
    [InlineData("PORTAL_COORDINATOR_TOKEN", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("PORTAL_SESSION_IDLE_TTL_MS", "2592000000")]
    [InlineData("PORTAL_ALLOWED_ORIGINS", "http://app.example.org")]
    [InlineData("SYSTEM_ADMIN_EMAILS", "root")]
    [InlineData("SMTP_TLS", "none")]
    [InlineData("SMTP_USER", "user")]
    [InlineData("PORTAL_SIGNUP", "invite")]
    [InlineData("PORTAL_DATABASE_URL", "postgres://")]
    public void A_wrong_setting_of_a_public_portal_stops_it(string name, string value)
    {
        var (_, faults) = Read(new(Public) { [name] = value });
        Assert.Contains(faults, fault => fault.Contains(name, StringComparison.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.Contains(new string('a', 40), StringComparison.Ordinal));
    }

    private static (PortalSettings Settings, IReadOnlyList<string> Faults) Read(Dictionary<string, string> environment)
    {
        var reader = new SettingsReader(name => environment.GetValueOrDefault(name));
        return (PortalSettings.Read(reader, "/data"), reader.Faults);
    }
}
