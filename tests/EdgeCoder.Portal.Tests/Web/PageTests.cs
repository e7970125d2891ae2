using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Web;

namespace EdgeCoder.Portal.Tests.Web;

/// <summary>The pages as a browser without scripts has them.</summary>
public sealed class PageTests
{
    private const string Script = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

    [Fact]
    public async Task A_person_signs_up_confirms_signs_in_and_signs_out_with_forms()
    {
        await using var scene = await PortalScene.StartAsync();
        using var browser = scene.Browse();
        Assert.Equal("/portal?returnTo=%2Fportal%2Fsettings", (await browser.AnswerAsync("/portal/settings")).Headers.Location!.OriginalString);

        var (_, _, next) = await browser.SubmitAsync("/portal/sign-up", "/auth/signup", ("email", "ann@example.org"), ("displayName", ""), ("password", PortalScene.Password));
        Assert.Contains("a mail is on its way", (await browser.OpenAsync(next!)).Html, StringComparison.Ordinal);
        var token = await scene.TokenAsync("ann@example.org");
        for (var scan = 0; scan < 2; scan++)
        {
            // A scanner of mails opens links; that confirms nothing and uses nothing up.
            Assert.Contains("One press", (await browser.OpenAsync("/auth/verify-email?token=" + token)).Html, StringComparison.Ordinal);
        }

        Assert.Equal("/portal?done=verified", (await browser.SubmitAsync("/portal", "/auth/verify-email", ("token", token))).Location);
        Assert.Equal("/portal/settings", (await browser.SubmitAsync("/portal", "/auth/login", ("email", "ann@example.org"), ("password", PortalScene.Password), ("returnTo", "/portal/settings"))).Location);
        Assert.Contains("this browser", (await browser.OpenAsync("/portal/settings")).Html, StringComparison.Ordinal);

        await browser.SubmitAsync("/portal/settings", "/auth/logout");
        Assert.Equal(302, (await browser.OpenAsync("/portal/dashboard")).Status);
    }

    [Fact]
    public async Task Signing_in_gives_a_new_key_and_ends_the_session_that_was_brought()
    {
        await using var scene = await PortalScene.StartAsync();
        var planted = await scene.PersonAsync("eve@example.org");
        await scene.PersonAsync("ann@example.org");
        using var browser = scene.Browse();
        browser.Cookies.Add(scene.Url, new System.Net.Cookie("edgecoder_portal_session", planted, "/"));

        await browser.SignInAsync("ann@example.org");

        Assert.NotEqual(planted, browser.SessionKey);
        Assert.Equal(401, (await scene.SendAsync("GET", "/me", bearer: planted)).Status);
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_of_other_sites()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.PersonAsync("ann@example.org");
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        using var answer = await http.PostAsync(new Uri(scene.Url, "/auth/login"), System.Net.Http.Json.JsonContent.Create(new { email = "ann@example.org", password = PortalScene.Password }), TestContext.Current.CancellationToken);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Matches("^edgecoder_portal_session=[A-Za-z0-9_-]{43}; max-age=604800; path=/; samesite=lax; httponly$", cookie);
    }

    [Fact]
    public async Task A_page_is_never_told_the_key()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.PersonAsync("ann@example.org");
        foreach (var header in new[] { ("Origin", scene.Url.GetLeftPart(UriPartial.Authority)), ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors") })
        {
            var (status, body) = await scene.SendAsync("POST", "/auth/login", new { email = "ann@example.org", password = PortalScene.Password }, null, header);
            Assert.Equal((200, false), (status, body.TryGetProperty("sessionToken", out _)));
        }
    }

    [Fact]
    public async Task Scripts_in_every_field_and_query_come_out_as_text()
    {
        await using var scene = await PortalScene.StartAsync();
        var key = await scene.PersonAsync("ann@example.org");
        Assert.Equal(200, (await scene.SendAsync("POST", "/me/profile", new { displayName = Script }, key)).Status);
        using var browser = scene.Browse();
        var pages = new List<string>();
        foreach (var (page, action) in new[] { ("/portal/sign-up", "/auth/signup"), ("/portal", "/auth/login"), ("/portal/confirm", "/auth/resend-verification"), ("/portal/forgot", "/auth/password/forgot"), ("/portal", "/auth/password/reset"), ("/portal", "/setup"), ("/portal", "/auth/verify-email") })
        {
            var (status, html, _) = await browser.SubmitAsync(page, action, ("email", Script), ("displayName", Script), ("password", "brave otter harbour"), ("newPassword", "brave otter harbour"), ("token", Script), ("code", Script), ("returnTo", Script));
            Assert.True(status is 400 or 401, $"{action}: {status}");
            pages.Add(html);
        }

        await browser.SignInAsync("ann@example.org");
        foreach (var path in new[] { "/portal/dashboard", "/portal/settings", "/portal?returnTo=" + Uri.EscapeDataString(Script), "/portal?done=" + Uri.EscapeDataString(Script), "/setup?code=" + Uri.EscapeDataString(Script), "/portal/reset?token=" + Uri.EscapeDataString(Script), "/absent/" + Uri.EscapeDataString(Script) })
        {
            pages.Add((await browser.OpenAsync(path)).Html);
        }

        Assert.All(pages, html => Assert.DoesNotContain("<script>", html, StringComparison.OrdinalIgnoreCase));
        Assert.All(pages, html => Assert.DoesNotContain("<img src=x", html, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(pages, html => html.Contains("&lt;script&gt;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_page_needs_what_the_policy_forbids_and_each_has_one_heading_and_labels()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.AdministratorAsync();
        using var browser = scene.Browse();
        await browser.SignInAsync("root@example.org");
        foreach (var path in new[] { "/", "/portal", "/portal/sign-up", "/portal/forgot", "/portal/confirm", "/portal/reset?token=" + new string('a', 43), "/setup?code=" + new string('a', 43), "/auth/verify-email?token=" + new string('a', 43), "/portal/dashboard", "/portal/settings", "/absent" })
        {
            var (_, html) = await browser.OpenAsync(path);
            Assert.DoesNotMatch("(?i)\\sstyle=|\\son[a-z]+=|javascript:", html);
            Assert.Single(System.Text.RegularExpressions.Regex.Matches(html, "<h1[ >]"));
            Assert.Contains("<html lang=\"en\"", html, StringComparison.Ordinal);
            Assert.Contains("href=\"#content\"", html, StringComparison.Ordinal);
            Assert.Contains(" – EdgeCoder</title>", html, StringComparison.Ordinal);
            Assert.All(System.Text.RegularExpressions.Regex.Matches(html, "<input id=\"(\\w+)\""), input => Assert.Contains($"<label for=\"{input.Groups[1].Value}\"", html, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_chosen_theme_is_there_on_the_next_page()
    {
        await using var scene = await PortalScene.StartAsync();
        var key = await scene.PersonAsync("ann@example.org");
        using var browser = scene.Browse();
        await browser.SignInAsync("ann@example.org");
        foreach (var theme in Themes.All.Reverse())
        {
            Assert.Equal("/portal/settings?done=theme", (await browser.SubmitAsync("/portal/settings", "/me/theme", ("theme", theme))).Location);
            Assert.Contains($"data-theme=\"{theme}\"", (await browser.OpenAsync("/portal/dashboard")).Html, StringComparison.Ordinal);
        }

        var (status, body) = await scene.SendAsync("POST", "/me/theme", new { theme = "pink" }, key);
        Assert.Equal((400, "invalid_theme"), (status, body.GetProperty("error").GetString()));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/auth/logout")]
    [InlineData("/portal\r\nSet-Cookie: x=y")]
    [InlineData(null)]
    public void Nobody_is_sent_to_another_site(string? path) => Assert.Equal(PageRequests.Home, PageRequests.Return(path));

    [Fact]
    public async Task A_refused_form_keeps_what_was_typed_but_no_password()
    {
        await using var scene = await PortalScene.StartAsync();
        using var browser = scene.Browse();
        var (status, html, _) = await browser.SubmitAsync("/portal/sign-up", "/auth/signup", ("email", "ann@example.org"), ("displayName", "x"), ("password", "hunter2hunter2"));
        Assert.Equal(400, status);
        Assert.Contains("value=\"ann@example.org\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2hunter2", html, StringComparison.Ordinal);
        Assert.Contains("This is too short.", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_a_page_leads_on()
    {
        await using var scene = await PortalScene.StartAsync();
        using var browser = scene.Browse();
        var (status, html) = await browser.OpenAsync("/absent");
        Assert.Equal(404, status);
        Assert.Contains("href=\"/portal\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_an_administrator_sees_the_mail_of_the_portal()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.AdministratorAsync();
        await scene.PersonAsync("ann@example.org");
        foreach (var (email, sees) in new[] { ("root@example.org", true), ("ann@example.org", false) })
        {
            using var browser = scene.Browse();
            await browser.SignInAsync(email);
            Assert.Equal(sees, (await browser.OpenAsync("/portal/dashboard")).Html.Contains("Mail of this portal", StringComparison.Ordinal));
        }
    }
}
