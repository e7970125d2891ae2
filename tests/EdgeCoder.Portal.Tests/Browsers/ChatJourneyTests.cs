using EdgeCoder.Portal.Tests.Chats;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EdgeCoder.Portal.Tests.Browsers;

/// <summary>Chat in Chromium: words as they come, stop, ask again, what scripts in texts do not do (W1), themes and a phone.</summary>
public sealed class ChatJourneyTests(SystemChromium chromium) : IClassFixture<SystemChromium>
{
    private const string Answer = """
        Use `sorted`, which gives a **new** list:

        ```python
        numbers = [3, 1, 2]
        print(sorted(numbers))
        ```

        | call | gives |
        |:-----|------:|
        | `sorted(x)` | a new list |

        <script>document.title = 'taken'</script> <img src=x onerror="document.title='taken'"> ![pixel](https://evil.example/pixel.png) [run](javascript:document.title='taken') [docs](https://docs.python.org/3/)
        """;

    [Fact]
    public async Task Somebody_asks_sees_the_words_come_stops_and_asks_again()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var scene = await ChatTests.SceneAsync(coordinator);
        await scene.PersonAsync("ann@example.org");
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = Screenshots.Desk });
        var page = await context.NewPageAsync();
        var faults = new List<string>();
        page.PageError += (_, fault) => faults.Add(fault);
        await page.GotoAsync(new Uri(scene.Url, "/portal?returnTo=/portal/chat").AbsoluteUri);
        await page.GetByLabel("Mail address").FillAsync("ann@example.org");
        await page.GetByLabel("Password").FillAsync(PortalScene.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/portal/chat");
        await Screenshots.TakeAsync(page, "chat-empty");

        // Words are there before the answer is whole.
        coordinator.Answer = [.. ScriptedCoordinator.Pieces("Use `sorted`, ")[..1], null, .. ScriptedCoordinator.Pieces(Answer)];
        await page.GetByLabel("Your question").FillAsync("How do I sort a list in Python?");
        await page.GetByLabel("Your question").PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Use `sorted`,")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Stop" })).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "chat-writing");
        coordinator.Hold.SetResult();
        await Assertions.Expect(page.GetByText("12 tokens, no credits")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("pre code")).ToContainTextAsync("print(sorted(numbers))");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("How do I sort a list in Python?");
        await Screenshots.TakeAsync(page, "chat-answer");

        // What the answer brought along is text.
        Assert.Equal(0, await page.Locator(".words img, .words script, .words a[href^=javascript], .words [style]").CountAsync());
        Assert.Equal("noopener noreferrer nofollow", await page.GetByRole(AriaRole.Link, new() { Name = "docs" }).GetAttributeAsync("rel"));
        Assert.DoesNotContain("taken", await page.TitleAsync(), StringComparison.Ordinal);

        // Stop, then ask again.
        coordinator.Hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        coordinator.Answer = [.. ScriptedCoordinator.Pieces("It never ends")[..1], null];
        await page.GetByLabel("Say more").FillAsync("<b>And</b> backwards?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Assertions.Expect(page.GetByText("It never ends")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Stopped.")).ToBeVisibleAsync();
        coordinator.Answer = ScriptedCoordinator.Pieces("Use `reverse=True`.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask again" }).ClickAsync();
        await Assertions.Expect(page.GetByText("reverse=True")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("asked again", new() { Exact = true })).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "chat-again");

        // A failure tells what to do, and the question is there.
        coordinator.Refusal = (502, new { status = 502, error = "no_models_available", detail = "none" });
        await page.GetByLabel("Say more").FillAsync("Still there?");
        await page.GetByLabel("Say more").PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Get one on the machine of the coordinator")).ToBeVisibleAsync();
        await Screenshots.TakeAsync(page, "chat-failed");
        foreach (var theme in new[] { "midnight", "emerald", "warm" })
        {
            await page.EvaluateAsync("theme => document.documentElement.dataset.theme = theme", theme);
            await Screenshots.TakeAsync(page, "chat-" + theme);
        }

        await page.GetByText("This conversation").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take it back" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Still there?")).ToBeVisibleAsync();
        Assert.Empty(faults);
        Assert.Equal(0, scene.Role.Services.GetRequiredService<ViolationReports>().Count);
    }
}
