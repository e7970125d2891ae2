using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Tests.Composition;

namespace EdgeCoder.Portal.Tests.Accounts;

/// <summary>No answer tells whether an address has an account (portal-and-control-plane 5.2, A3).</summary>
public sealed class DisclosureTests
{
    private const string Ann = "ann@example.org";
    private const string Nobody = "nobody@example.org";

    [Theory]
    [InlineData("/auth/signup")]
    [InlineData("/auth/login")]
    [InlineData("/auth/password/forgot")]
    [InlineData("/auth/resend-verification")]
    public async Task An_answer_is_the_same_for_a_known_and_an_unknown_address(string path)
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.PersonAsync(Ann);

        var known = await scene.SendAsync("POST", path, new { email = Ann, password = "some other password" });
        var unknown = await scene.SendAsync("POST", path, new { email = Nobody, password = "some other password" });

        Assert.Equal(known.Status, unknown.Status);
        Assert.Equal(Shape(known.Body.ToString()), Shape(unknown.Body.ToString()));
    }

    [Fact]
    public async Task The_owner_is_told_and_the_password_stays()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.PersonAsync(Ann);

        await scene.SendAsync("POST", "/auth/signup", new { email = Ann, password = "some other password" });

        Assert.Equal("You already have an EdgeCoder account", (await scene.MailsAsync(Ann))[^1].Subject);
        Assert.Equal(401, (await scene.SendAsync("POST", "/auth/login", new { email = Ann, password = "some other password" })).Status);
        await scene.LoginAsync(Ann);
    }

    [Fact]
    public async Task Mail_to_one_address_is_limited_and_the_answer_stays_the_same()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.PersonAsync(Ann);
        for (var n = 0; n < 6; n++)
        {
            Assert.Equal(200, (await scene.SendAsync("POST", "/auth/password/forgot", new { email = Ann })).Status);
        }

        Assert.Equal(3, (await scene.MailsAsync(Ann)).Count);
    }

    [Fact]
    public async Task Where_disclosure_is_open_a_known_address_is_named_and_the_unconfirmed_may_sign_in()
    {
        await using var scene = await PortalScene.StartAsync(change: settings => new PortalSettings { Listener = settings.Listener, DataDirectory = settings.DataDirectory, Uniform = false, PasswordIterations = 10, Mail = settings.Mail });
        await scene.PersonAsync(Ann);
        Assert.Equal(409, (await scene.SendAsync("POST", "/auth/signup", new { email = Ann, password = PortalScene.Password })).Status);

        await scene.SendAsync("POST", "/auth/signup", new { email = Nobody, password = PortalScene.Password });
        var key = await scene.LoginAsync(Nobody);
        var user = (await scene.SendAsync("GET", "/me", bearer: key)).Body.GetProperty("user");
        Assert.Equal((false, 1), (user.GetProperty("emailVerified").GetBoolean(), user.GetProperty("roleNames").GetArrayLength()));
    }

    // Ids are random; everything else must be the same.
    private static string Shape(string body) => System.Text.RegularExpressions.Regex.Replace(body, "[0-9a-f]{8}-[0-9a-f-]{27}", "id").Replace(Ann, "address", StringComparison.Ordinal).Replace(Nobody, "address", StringComparison.Ordinal);
}
