using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EdgeCoder.Portal.Tests.Browsers;

/// <summary>What administrators do: people, roles, changes of two persons, the audit log; in Chromium with a virtual authenticator for each person.</summary>
public sealed class GovernanceJourneyTests(SystemChromium chromium) : IClassFixture<SystemChromium>
{
    [Fact]
    public async Task Two_administrators_make_a_third_and_find_it_in_the_audit_log()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.AdministratorAsync();
        await scene.PersonAsync("ann@example.org");
        await scene.PersonAsync("carol@example.org");
        await using var first = await chromium.Browser.NewContextAsync(new() { ViewportSize = Screenshots.Desk });
        await using var second = await chromium.Browser.NewContextAsync(new() { ViewportSize = Screenshots.Desk });
        var (root, faults) = await SignedInAsync(scene, first, "root@example.org");

        await root.GetByRole(AriaRole.Link, new() { Name = "Changes" }).ClickAsync();
        await Assertions.Expect(root.GetByText("Nothing waits.")).ToBeVisibleAsync();
        await PersonAsync(root, "ann@example.org");
        await Screenshots.TakeAsync(root, "person");
        await root.GetByLabel("Coordinators, by id").FillAsync("coord-1");
        await root.GetByRole(AriaRole.Button, new() { Name = "Make their owner" }).ClickAsync();
        await Assertions.Expect(root.GetByText("The role is changed.")).ToBeVisibleAsync();
        await Assertions.Expect(root.GetByText("coord-1")).ToBeVisibleAsync();
        await root.GetByRole(AriaRole.Button, new() { Name = "Make a system administrator" }).ClickAsync();
        await Assertions.Expect(root.GetByRole(AriaRole.Button, new() { Name = "Take away system administration" })).ToBeVisibleAsync();

        await PersonAsync(root, "carol@example.org");
        await root.GetByRole(AriaRole.Button, new() { Name = "Make a system administrator" }).ClickAsync();
        await Assertions.Expect(root.GetByText("The change waits for a second person.")).ToBeVisibleAsync();
        await Assertions.Expect(root.GetByText("Another system administrator must approve this.")).ToBeVisibleAsync();

        var (ann, others) = await SignedInAsync(scene, second, "ann@example.org");
        await ann.GetByRole(AriaRole.Link, new() { Name = "Changes" }).ClickAsync();
        await Assertions.Expect(ann.GetByText("Make a person a system administrator: carol@example.org")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(ann, "changes-waiting");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Approve with my passkey" }).ClickAsync();
        await Assertions.Expect(ann.GetByText("You approved the change.")).ToBeVisibleAsync();
        await Assertions.Expect(ann.GetByText("executed")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(ann, "changes-decided");

        await PersonAsync(ann, "carol@example.org");
        await ann.GetByLabel("Why").FillAsync("made by mistake");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Disable carol@example.org" }).ClickAsync();
        await Assertions.Expect(ann.GetByText("The account is disabled; nobody is signed in to it.")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(ann, "person-disabled");

        foreach (var theme in new[] { "midnight", "emerald", "warm" })
        {
            await root.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
            await root.GetByLabel(theme).CheckAsync();
            await root.GetByRole(AriaRole.Button, new() { Name = "Use it" }).ClickAsync();
            await root.GetByRole(AriaRole.Link, new() { Name = "People" }).ClickAsync();
            await Assertions.Expect(root.GetByText("carol@example.org")).ToBeVisibleAsync();
            await Screenshots.TakeAsync(root, "people-" + theme);
            await root.GetByRole(AriaRole.Link, new() { Name = "Audit log" }).ClickAsync();
            await Assertions.Expect(root.GetByText("account.disabled")).ToBeVisibleAsync();
            await Screenshots.TakeAsync(root, "audit-" + theme);
        }

        await root.GetByLabel("What (as role.granted)").FillAsync("change.executed");
        await root.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(root.Locator("tbody tr")).ToHaveCountAsync(1);
        var download = await root.RunAndWaitForDownloadAsync(() => root.GetByRole(AriaRole.Link, new() { Name = "Export" }).ClickAsync());
        Assert.Equal("audit.jsonl", download.SuggestedFilename);
        Assert.Empty(faults);
        Assert.Empty(others);
        Assert.Equal(0, scene.Role.Services.GetRequiredService<ViolationReports>().Count);
    }

    [Fact]
    public async Task Somebody_renames_a_passkey_asks_for_another_address_takes_the_data_out_and_leaves()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.PersonAsync("ann@example.org");
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = Screenshots.Phone });
        var (page, faults) = await SignedInAsync(scene, context, "ann@example.org");
        await page.GetByText("Rename").ClickAsync();
        await page.GetByLabel("New name of").FillAsync("Phone key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the name" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The passkey has its new name.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Phone key", new() { Exact = true })).ToBeVisibleAsync();

        scene.Time.Advance(TimeSpan.FromMinutes(11));
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Confirmed. Now add the passkey.")).ToBeVisibleAsync();
        await page.GetByLabel("New mail address").FillAsync("ann@example.net");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change it with my passkey" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Confirm the new address")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take my data out" }).ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download it" }).ClickAsync());
        Assert.Equal("edgecoder-account.zip", download.SuggestedFilename);
        await Screenshots.TakeAsync(page, "settings-data");

        // So that its mail is the newest.
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        await page.GetByLabel("Your mail address, to be sure").FillAsync("ann@example.org");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete my account" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Your account is deleted in seven days.")).ToBeVisibleAsync();

        await page.GotoAsync($"http://localhost:{scene.Url.Port}/auth/undo-delete?token=" + await scene.TokenAsync("ann@example.org"));
        await Screenshots.TakeAsync(page, "undo-delete");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Your account stays.")).ToBeVisibleAsync();

        // Browsers call the answer that asks for a confirmation an error.
        Assert.Single(faults);
        Assert.Equal(0, scene.Role.Services.GetRequiredService<ViolationReports>().Count);
    }

    // At localhost: passkeys need a name. Each person adds one first.
    private static async Task<(IPage Page, List<string> Faults)> SignedInAsync(PortalScene scene, IBrowserContext context, string email)
    {
        var (page, faults) = await JourneyTests.OpenAsync(context);
        await page.GotoAsync($"http://localhost:{scene.Url.Port}/portal?returnTo=/portal/settings");
        await page.GetByLabel("Mail address").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(PortalScene.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Your passkey is added.")).ToBeVisibleAsync();
        return (page, faults);
    }

    private static async Task PersonAsync(IPage page, string email)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "People" }).ClickAsync();
        await page.GetByLabel("Part of an address").FillAsync(email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = email }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = email })).ToBeVisibleAsync();
    }
}
