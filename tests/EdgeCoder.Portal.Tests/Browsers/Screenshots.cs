using Microsoft.Playwright;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Portal.Tests.Browsers;

/// <summary>Pictures of pages at the size of a desk and of a phone, kept under artifacts/screenshots to be looked at.</summary>
internal static class Screenshots
{
    public static readonly ViewportSize Desk = new() { Width = 1280, Height = 800 };
    public static readonly ViewportSize Phone = new() { Width = 390, Height = 844 };

    /// <summary>Takes both, checks that nothing goes beyond the side of a narrow screen, and leaves the page at the desk's size.</summary>
    public static async Task TakeAsync(IPage page, string name)
    {
        var folder = Path.Combine(Checkout.Root, "artifacts", "screenshots", "portal");
        foreach (var (size, suffix) in new[] { (new ViewportSize { Width = 320, Height = 640 }, ""), (Phone, "phone"), (Desk, "desk") })
        {
            await page.SetViewportSizeAsync(size.Width, size.Height);
            Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= size.Width, $"{name} scrolls sideways at {size.Width} pixels.");
            if (suffix.Length > 0)
            {
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{suffix}.png"), FullPage = true });
            }
        }
    }
}
