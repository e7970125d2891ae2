using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Tests.Nodes;
using EdgeCoder.Portal.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EdgeCoder.Portal.Tests.Browsers;

/// <summary>The pages of nodes and approvals in Chromium, in the three themes, on a desk and a phone.</summary>
public sealed class NodeJourneyTests(SystemChromium chromium) : IClassFixture<SystemChromium>
{
    private const string Script = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task A_node_is_enrolled_its_code_copied_approved_paused_refused_and_deleted()
    {
        await using var scene = await NodeScene.StartAsync();
        await scene.Portal.AdministratorAsync();
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = Screenshots.Desk, Permissions = ["clipboard-write"] });
        var page = await context.NewPageAsync();
        var faults = new List<string>();
        page.PageError += (_, fault) => faults.Add(fault);
        await page.GotoAsync(new Uri(scene.Portal.Url, "/portal").AbsoluteUri);
        await page.GetByLabel("Mail address").FillAsync("root@example.org");
        await page.GetByLabel("Password").FillAsync(PortalScene.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/portal/dashboard");

        await page.GetByRole(AriaRole.Link, new() { Name = "Nodes" }).ClickAsync();
        await Assertions.Expect(page.GetByText("You have none.")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "nodes-none");
        await page.GetByLabel("Name of the node").FillAsync("no/node");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enrol it" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Take letters, digits, dots")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "nodes-refused");
        await page.GetByLabel("Name of the node").FillAsync("desk-of-ruth");
        await page.GetByLabel("Name of the machine").FillAsync("ruths-desk");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enrol it" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Join code" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Copied.")).ToBeVisibleAsync();
        var command = await page.Locator("#joinCommand").TextContentAsync();
        Assert.StartsWith("edgecoder worker join ec1_", command, StringComparison.Ordinal);
        await Screenshots.TakeAsync(page, "nodes-join");
        await page.GetByRole(AriaRole.Link, new() { Name = "Your nodes" }).ClickAsync();
        await Assertions.Expect(page.GetByText("waits for its worker")).ToBeVisibleAsync();
        Assert.DoesNotContain("ec1_", await page.ContentAsync(), StringComparison.Ordinal);

        // Its worker shows a key; another one waits beside it.
        var root = await scene.Portal.LoginAsync("root@example.org");
        await scene.ValidateAsync("desk-of-ruth", Token(command!), 'a');
        var ann = await scene.Portal.PersonAsync("ann-with-a-very-long-address@example.org");
        await scene.ValidateAsync("node-with-quite-a-long-name.of-the-lab:number-17", await scene.TokenAsync(ann, "node-with-quite-a-long-name.of-the-lab:number-17"), 'b');
        await page.GetByRole(AriaRole.Link, new() { Name = "Approvals" }).ClickAsync();
        await Screenshots.TakeAsync(page, "approvals-waiting");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve desk-of-ruth" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The node is approved.")).ToBeVisibleAsync();
        await page.Locator("summary").Filter(new() { HasText = "Reject" }).ClickAsync();
        await page.GetByLabel("Why").First.FillAsync(Script);
        await Screenshots.TakeAsync(page, "approvals-rejecting");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reject node-with" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The node is refused.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText(Script)).ToBeVisibleAsync();

        foreach (var theme in new[] { "midnight", "emerald", "warm" })
        {
            await scene.Portal.SendAsync("POST", "/me/theme", new { theme }, root);
            await page.GotoAsync(new Uri(scene.Portal.Url, "/portal/ops/approvals").AbsoluteUri);
            await Screenshots.TakeAsync(page, "approvals-" + theme);
            await page.GotoAsync(new Uri(scene.Portal.Url, "/portal/nodes").AbsoluteUri);
            await Screenshots.TakeAsync(page, "nodes-" + theme);
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Pause desk-of-ruth" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The node is paused")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume desk-of-ruth" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The node may work again.")).ToBeVisibleAsync();
        await page.Locator("summary").Filter(new() { HasText = "Delete" }).ClickAsync();
        await Screenshots.TakeAsync(page, "nodes-deleting");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete desk-of-ruth" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The node is deleted.")).ToBeVisibleAsync();
        Assert.Empty(faults);
        Assert.Equal(0, scene.Portal.Role.Services.GetRequiredService<ViolationReports>().Count);
    }

    private static string Token(string command) =>
        System.Text.Json.JsonElement.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(command.AsSpan("edgecoder worker join ec1_".Length))).GetProperty("t").GetString()!;
}
