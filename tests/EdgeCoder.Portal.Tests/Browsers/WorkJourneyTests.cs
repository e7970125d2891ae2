using System.Diagnostics;
using System.Globalization;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Tests.Work;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EdgeCoder.Portal.Tests.Browsers;

/// <summary>What a person does with tasks, in Chromium: pages change by themselves, and no text of anybody runs.</summary>
public sealed class WorkJourneyTests(SystemChromium chromium) : IClassFixture<SystemChromium>
{
    private const string Script = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>";

    [Fact]
    public async Task A_task_is_submitted_changes_by_itself_is_accepted_and_has_its_receipt()
    {
        await using var scene = await WorkScene.StartAsync();
        await scene.Portal.PersonAsync("ann@example.org");
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = Screenshots.Desk });
        var (page, faults) = await SignedInAsync(scene, context);
        await Screenshots.TakeAsync(page, "work-dashboard-first");

        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Tasks" }).ClickAsync();
        await page.GetByLabel("What should be written?").FillAsync("write a function merge_dicts(a, b) that merges two dictionaries " + Script);
        await page.GetByLabel("Tests").FillAsync("assert merge_dicts({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}\n# " + Script);
        await Screenshots.TakeAsync(page, "work-submit");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit" }).ClickAsync();
        await page.WaitForURLAsync("**/portal/tasks/p-*");
        await Assertions.Expect(page.GetByText("No node is connected. Start one.").First).ToBeVisibleAsync();
        await scene.Home.Followed.WaitAsync(TestContext.Current.CancellationToken);
        await Screenshots.TakeAsync(page, "work-task-waits");
        var id = scene.Home.TaskIds[0];

        var started = Stopwatch.GetTimestamp();
        scene.Home.Move(id, TaskState.Running);
        await page.Locator("#state .state", new() { HasText = "running" }).WaitForAsync();
        var seen = Stopwatch.GetElapsedTime(started);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The change was on the page after {seen.TotalMilliseconds:0} ms."));
        scene.Home.Move(id, TaskState.Completed, "def merge_dicts(a, b):\n    return {**a, **b}\n# " + Script + "\n");
        await Assertions.Expect(page.GetByText("Verified: 2 of 2 tests passed")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "work-task-done");
        var receipt = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Receipt" }).ClickAsync());
        Assert.Equal($"receipt-{id}.json", receipt.SuggestedFilename);

        await page.GetByRole(AriaRole.Link, new() { Name = "Review it" }).ClickAsync();
        await Screenshots.TakeAsync(page, "work-review");
        await page.GetByRole(AriaRole.Button, new() { Name = "Accept it as it is" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Your decision is kept.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Credits" }).ClickAsync();
        await page.GetByLabel("Amount in sats").FillAsync("3000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show the invoice" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Img, new() { Name = "The invoice as a code for cameras" })).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "work-invoice");
        await Clean(scene, page, faults);
    }

    [Fact]
    public async Task A_stuck_task_is_helped_on_and_everything_is_seen_in_three_themes()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var done = await scene.SubmitAsync(ann, "write a function that reverses a string", "assert reverse('ab') == 'ba'");
        scene.Home.Escalate(done, "def reverse(s):\n    return s\n", "expected 'ba', got 'ab'");
        scene.Home.Move(done, TaskState.Completed, "def reverse(s):\n    return s[::-1]\n");
        var stuck = await scene.SubmitAsync(ann, "parse the date " + Script, Script);
        scene.Home.Escalate(stuck, "def parse(s):\n    pass\n# " + Script, "expected 1 " + Script);
        scene.Home.Give(scene.Home.Submission(done).SubmitterAccountId!, 1234.5m);
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = Screenshots.Phone });
        var (page, faults) = await SignedInAsync(scene, context);
        foreach (var theme in new[] { "midnight", "emerald", "warm" })
        {
            Assert.Equal(200, (await scene.Portal.SendAsync("POST", "/me/theme", new { theme }, ann)).Status);
            foreach (var (path, name) in new[] { ("/portal/dashboard", "dashboard"), ("/portal/tasks", "tasks"), ("/portal/tasks/" + done, "task"), ("/portal/reviews/" + done, "review"), ("/portal/reviews/" + done + "?view=inline", "review-inline"), ("/portal/wallet", "wallet"), ("/portal/escalations", "help") })
            {
                await page.GotoAsync(new Uri(scene.Portal.Url, path).AbsoluteUri);
                await Screenshots.TakeAsync(page, $"work-{name}-{theme}");
            }
        }

        await page.GetByRole(AriaRole.Link, new() { Name = "parse the date" }).ClickAsync();
        await Screenshots.TakeAsync(page, "work-escalation");
        await page.GetByLabel("What should the next attempt know?").FillAsync("ISO 8601 " + Script);
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again with this" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Your answer is on its way.")).ToBeVisibleAsync();
        await page.GotoAsync(new Uri(scene.Portal.Url, "/portal/tasks/" + stuck).AbsoluteUri);
        await Assertions.Expect(page.Locator("#state .state", new() { HasText = "running" })).ToBeVisibleAsync();
        await Clean(scene, page, faults);
    }

    private static async Task Clean(WorkScene scene, IPage page, List<string> faults)
    {
        Assert.NotEqual("hit", await page.TitleAsync());
        Assert.Empty(faults);
        Assert.Equal(0, scene.Portal.Role.Services.GetRequiredService<ViolationReports>().Count);
    }

    private static async Task<(IPage Page, List<string> Faults)> SignedInAsync(WorkScene scene, IBrowserContext context)
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
        await page.GotoAsync(new Uri(scene.Portal.Url, "/portal").AbsoluteUri);
        await page.GetByLabel("Mail address").FillAsync("ann@example.org");
        await page.GetByLabel("Password").FillAsync(PortalScene.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/portal/dashboard");
        return (page, faults);
    }
}
