using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EdgeCoder.Portal.Tests.Browsers;

/// <summary>What a new user does, in Chromium with a virtual authenticator.</summary>
public sealed class JourneyTests(SystemChromium chromium) : IClassFixture<SystemChromium>
{
    [Fact]
    public async Task The_first_administrator_comes_from_the_console_and_returns_with_a_passkey()
    {
        await using var scene = await PortalScene.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = Screenshots.Desk });
        var (page, faults) = await OpenAsync(context);
        var link = (await scene.Role.FirstAdministratorLinkAsync(TestContext.Current.CancellationToken))!;

        await page.GotoAsync(link.AbsoluteUri);
        await Screenshots.TakeAsync(page, "setup");
        await page.GetByLabel("Mail address").FillAsync("root@example.org");
        await page.GetByLabel("Name to show").FillAsync("Ruth Otter");
        await page.GetByLabel("Password").FillAsync(PortalScene.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the administrator" }).ClickAsync();
        await page.WaitForURLAsync("**/portal/dashboard");
        await Assertions.Expect(page.GetByText("system-admin")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "dashboard");

        await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await page.GetByLabel("Name of the passkey").FillAsync("Desk key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Your passkey is added.")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "settings");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("You are signed out.")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await page.WaitForURLAsync("**/portal/dashboard");
        await Assertions.Expect(page.GetByText("root@example.org")).ToBeVisibleAsync();

        await page.GotoAsync(new Uri(page.Url).GetLeftPart(UriPartial.Authority) + "/portal/settings");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Desk key" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The passkey is removed.")).ToBeVisibleAsync();
        Assert.Empty(faults);
        Assert.Equal(0, scene.Role.Services.GetRequiredService<ViolationReports>().Count);
    }

    [Fact]
    public async Task Somebody_signs_up_confirms_recovers_and_chooses_a_theme()
    {
        await using var scene = await PortalScene.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = Screenshots.Phone });
        var (page, faults) = await OpenAsync(context);
        await page.GotoAsync(new Uri(scene.Url, "/").AbsoluteUri);
        await Screenshots.TakeAsync(page, "home");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign up" }).ClickAsync();
        await page.GetByLabel("Mail address").FillAsync("ann@example.org");
        await page.GetByLabel("Password").FillAsync("password1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Everybody tries this one first.")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "sign-up-refused");
        await page.GetByLabel("Password").FillAsync(PortalScene.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await Assertions.Expect(page.GetByText("a mail is on its way")).ToBeVisibleAsync();

        await page.GotoAsync(new Uri(scene.Url, "/auth/verify-email?token=" + await scene.TokenAsync("ann@example.org")).AbsoluteUri);
        await Screenshots.TakeAsync(page, "verify");
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Your address is confirmed.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Forgot the password?" }).ClickAsync();
        await page.GetByLabel("Mail address").FillAsync("ann@example.org");
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the link" }).ClickAsync();
        await Assertions.Expect(page.GetByText("a mail is on its way")).ToBeVisibleAsync();
        await page.GotoAsync(new Uri(scene.Url, "/portal/reset?token=" + await scene.TokenAsync("ann@example.org")).AbsoluteUri);
        await page.GetByLabel("New password").FillAsync("another quiet river");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the password" }).ClickAsync();

        await page.GetByLabel("Mail address").FillAsync("ann@example.org");
        await page.GetByLabel("Password").FillAsync("wrong words here");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("do not fit together")).ToBeVisibleAsync();
        await page.GetByLabel("Password").FillAsync("another quiet river");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/portal/dashboard");
        foreach (var theme in new[] { "midnight", "emerald", "warm" })
        {
            await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
            await page.GetByLabel(theme).CheckAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Use it" }).ClickAsync();
            await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", theme);
            await Screenshots.TakeAsync(page, "settings-" + theme);
        }

        await page.GotoAsync(new Uri(scene.Url, "/absent").AbsoluteUri);
        await Screenshots.TakeAsync(page, "absent");

        // Browsers call every refused page an error; only those three were to be refused.
        Assert.Equal(3, faults.Count(fault => fault.StartsWith("Failed to load resource", StringComparison.Ordinal)));
        Assert.Equal(3, faults.Count);
        Assert.Equal(0, scene.Role.Services.GetRequiredService<ViolationReports>().Count);
    }

    internal static async Task<(IPage Page, List<string> Faults)> OpenAsync(IBrowserContext context)
    {
        var page = await context.NewPageAsync();
        var faults = new List<string>();
        page.PageError += (_, fault) => faults.Add(fault);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                faults.Add(message.Text);
            }
        };
        var session = await context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        await session.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object> { ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true },
        });
        return (page, faults);
    }
}
