using System.Net.Http.Json;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Portal.Tests.Web;

/// <summary>What holds for every route, enumerated from the route table (portal-and-control-plane 3.2, 23 W2, W3).</summary>
public sealed class RouteContractTests
{
    // Method, path and who may call: a change of this table is a change of the contract.
    private static readonly string[] Table =
    [
        "DELETE /me/passkeys/{id} Person", "GET /me/passkeys Person", "PATCH /me/passkeys/{id} Person", "POST /auth/passkey/login/options Anyone", "POST /auth/passkey/login/verify Anyone",
        "POST /auth/passkey/register/options Person", "POST /auth/passkey/register/verify Person", "POST /auth/step-up/options Person",
        "GET /dashboard/summary Person", "GET /portal/api/credits Person", "GET /portal/api/credits/history Person", "GET /portal/api/credits/history.csv Person", "GET /portal/api/credits/intents Person",
        "GET /portal/api/credits/intents/{id} Person", "GET /portal/api/escalations Person", "GET /portal/api/escalations/pending-count Person", "GET /portal/api/escalations/{id} Person", "GET /portal/api/events Person",
        "GET /portal/api/reviews Person", "GET /portal/api/reviews/{id} Person", "GET /portal/api/reviews/{id}/kept Person", "GET /portal/api/tasks Person", "GET /portal/api/tasks/{id} Person", "GET /portal/api/tasks/{id}/events Person",
        "GET /portal/api/tasks/{id}/output Person", "GET /portal/api/tasks/{id}/receipts Person", "GET /portal/escalations Person", "GET /portal/escalations/{id} Person", "GET /portal/reviews Person", "GET /portal/reviews/{id} Person",
        "GET /portal/tasks Person", "GET /portal/tasks/{id} Person", "GET /portal/wallet Person", "GET /portal/wallet/{id} Person", "POST /portal/api/credits/intents Person", "POST /portal/api/credits/intents/{id}/cancel Person",
        "POST /portal/api/escalations/{id}/respond Person", "POST /portal/api/reviews/{id}/decision Person", "POST /portal/api/tasks Person", "POST /portal/api/tasks/{id}/cancel Person", "POST /portal/api/tasks/{id}/help Person",
        "GET /portal/api/admin/users SystemAdmin", "POST /portal/api/admin/users/{id}/role SystemAdmin", "POST /portal/api/admin/users/{id}/disable SystemAdmin", "POST /portal/api/admin/users/{id}/enable SystemAdmin",
        "POST /portal/api/admin/users/{id}/sign-out SystemAdmin", "GET /portal/ops/users SystemAdmin", "GET /portal/ops/users/{id} SystemAdmin", "GET /portal/api/changes SystemAdmin", "GET /portal/api/changes/{id} SystemAdmin",
        "POST /portal/api/changes/{id}/approve SystemAdmin", "POST /portal/api/changes/{id}/reject SystemAdmin", "POST /portal/api/changes/{id}/withdraw SystemAdmin", "GET /portal/ops/changes SystemAdmin",
        "GET /portal/api/audit Person", "GET /portal/api/audit/export SystemAdmin", "GET /portal/ops/audit Person",
        "DELETE /me/sessions Person", "DELETE /me/sessions/{id} Person",
        "GET / Anyone", "GET /auth/capabilities Anyone", "GET /auth/verify-email Anyone", "GET /health Anyone", "GET /me Person", "GET /me/sessions Person", "GET /portal Anyone",
        "GET /portal/confirm Anyone", "GET /portal/dashboard Person", "GET /portal/forgot Anyone", "GET /portal/reset Anyone", "GET /portal/settings Person", "GET /portal/sign-up Anyone", "GET /setup Anyone",
        "POST /auth/login Anyone", "POST /auth/logout Anyone", "POST /auth/password/forgot Anyone", "POST /auth/password/reset Anyone", "POST /auth/resend-verification Anyone", "POST /auth/signup Anyone",
        "POST /auth/verify-email Anyone", "POST /csp-report Anyone", "POST /me/password Person", "POST /me/profile Person", "POST /me/sessions/end-others Person", "POST /me/sessions/{id}/end Person",
        "POST /me/theme Person", "POST /setup Anyone",
    ];

    [Fact]
    public async Task The_table_is_complete_and_every_route_says_who_may_call_it()
    {
        await using var scene = await PortalScene.StartAsync();
        var routes = Routes(scene);
        Assert.DoesNotContain(routes, route => route.Metadata.GetMetadata<AccessRule>() is null);
        var made = routes.Where(route => !route.RoutePattern.RawText!.StartsWith("/assets/", StringComparison.Ordinal))
            .Select(route => $"{Method(route)} {route.RoutePattern.RawText} {route.Metadata.GetMetadata<AccessRule>()!.Access}").Order(StringComparer.Ordinal);
        Assert.Equal(Table.Order(StringComparer.Ordinal), made);
    }

    [Fact]
    public async Task Routes_for_people_refuse_everybody_else()
    {
        await using var scene = await PortalScene.StartAsync();
        foreach (var route in Routes(scene).Where(route => route.Metadata.GetMetadata<AccessRule>()!.Access != Access.Anyone))
        {
            foreach (var bearer in new[] { null, "", "x", new string('a', 43), "ünïcödé" })
            {
                var (status, body) = await scene.SendAsync(Method(route), Path(route), Method(route) == "GET" ? null : new { }, bearer);
                Assert.Equal((401, "not_authenticated"), (status, body.GetProperty("error").GetString()));
            }
        }
    }

    [Fact]
    public async Task Every_response_has_the_headers()
    {
        await using var scene = await PortalScene.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var key = await scene.PersonAsync("ann@example.org");
        var requests = Routes(scene).Select(route => (Method(route), Path(route))).Append(("GET", "/absent")).Append(("PUT", "/me")).ToList();
        var nonces = new HashSet<string>();
        foreach (var (method, path) in requests.SelectMany(request => new[] { (request, false), (request, true) }).Select(one => one.request))
        {
            foreach (var page in new[] { false, true })
            {
                using var request = new HttpRequestMessage(new(method), new Uri(scene.Url, path)) { Content = method == "POST" ? JsonContent.Create(new { }) : null };
                if (page)
                {
                    request.Headers.Accept.ParseAdd("text/html");
                    request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
                }

                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                var headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);
                var policy = headers["Content-Security-Policy"];
                Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
                Assert.StartsWith("default-src 'none'; script-src 'self' 'nonce-", policy, StringComparison.Ordinal);
                Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
                Assert.True(nonces.Add(policy.Split("nonce-")[1].Split('\'')[0]), "a nonce came twice");
                Assert.Equal(("nosniff", "no-referrer", "same-origin", "same-origin"), (headers["X-Content-Type-Options"], headers["Referrer-Policy"], headers["Cross-Origin-Opener-Policy"], headers["Cross-Origin-Resource-Policy"]));
                Assert.Contains("camera=()", headers["Permissions-Policy"], StringComparison.Ordinal);
                Assert.False(headers.ContainsKey("Server"));
                Assert.Equal(path.StartsWith("/assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-store", headers["Cache-Control"]);
            }
        }
    }

    [Theory]
    [InlineData("without a token")]
    [InlineData("with the token of another session")]
    [InlineData("from another origin")]
    [InlineData("of another site")]
    [InlineData("without a word of its site")]
    [InlineData("with an origin that browsers withhold")]
    public async Task A_forged_request_is_refused_on_every_route_that_changes_something(string how)
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.AdministratorAsync();
        await scene.PersonAsync("bob@example.org");
        using var browser = scene.Browse();
        await browser.SignInAsync("root@example.org");
        using var other = scene.Browse();
        await other.SignInAsync("bob@example.org");
        var token = how == "without a token" ? null : await (how.Contains("another session", StringComparison.Ordinal) ? other : browser).TokenAsync("/portal/settings");
        var origin = how switch { "from another origin" => "https://evil.example", "without a word of its site" => null, "with an origin that browsers withhold" => "null", _ => scene.Url.GetLeftPart(UriPartial.Authority) };
        var tried = 0;
        foreach (var route in Routes(scene).Where(route => Method(route) != "GET" && route.Metadata.GetMetadata<ChangesNothing>() is null))
        {
            using var request = new HttpRequestMessage(new(Method(route)), new Uri(scene.Url, Path(route))) { Content = JsonContent.Create(new { theme = "midnight" }) };
            request.Headers.TryAddWithoutValidation("RequestVerificationToken", token);
            request.Headers.TryAddWithoutValidation("Origin", origin);
            request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", how switch { "of another site" => "cross-site", "without a word of its site" or "with an origin that browsers withhold" => null, _ => "same-origin" });
            using var answer = await browser.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)answer.StatusCode == 400 && text.Contains("csrf_token_invalid", StringComparison.Ordinal), $"{Method(route)} {route.RoutePattern.RawText}: {text}");
            tried++;
        }

        Assert.True(tried > 10);
        Assert.Contains("data-theme=\"warm\"", (await browser.OpenAsync("/portal/dashboard")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_a_session_needs_its_token_too()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.PersonAsync("ann@example.org");
        using var browser = scene.Browse();
        var (status, _, _) = await browser.PostAsync("/auth/login", null, scene.Url.GetLeftPart(UriPartial.Authority), ("email", "ann@example.org"), ("password", PortalScene.Password));
        Assert.Equal(400, status);
        Assert.Null(browser.SessionKey);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    public async Task A_foreign_host_is_refused(string host)
    {
        await using var scene = await PortalScene.StartAsync();
        Assert.Equal((403, "host_forbidden"), await WithHostAsync(scene, host));
    }

    [Fact]
    public async Task Native_origins_pass_preflight_and_others_do_not()
    {
        await using var scene = await PortalScene.StartAsync();
        foreach (var (origin, allowed) in new[] { ("tauri://localhost", true), ("http://localhost:1420", false), ("https://evil.example", false) })
        {
            foreach (var method in new[] { "PATCH", "DELETE" })
            {
                using var http = new HttpClient();
                using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(scene.Url, "/me/sessions"));
                request.Headers.TryAddWithoutValidation("Origin", origin);
                request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", method);
                using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal(allowed, answer.Headers.Contains("Access-Control-Allow-Origin"));
                Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
            }
        }
    }

    [Fact]
    public async Task A_body_that_is_no_input_is_400_and_never_500()
    {
        await using var scene = await PortalScene.StartAsync();
        foreach (var route in Routes(scene).Where(route => Method(route) == "POST" && route.RoutePattern.RawText!.StartsWith("/auth/", StringComparison.Ordinal) && route.Metadata.GetMetadata<AccessRule>()!.Access == Access.Anyone))
        {
            foreach (var body in new object[] { Array.Empty<int>(), "text", new { email = new { deep = 1 }, password = 7, token = new[] { 1 } }, new { email = "'; DROP TABLE accounts;--", password = new string('x', 40_000), token = "' OR 1=1" } })
            {
                var (status, answer) = await scene.SendAsync("POST", route.RoutePattern.RawText!, body);
                Assert.True(status is 400 or 200, $"{route.RoutePattern.RawText}: {status} {answer}");
                Assert.DoesNotContain("SQL", answer.ToString(), StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    private static async Task<(int, string?)> WithHostAsync(PortalScene scene, string host)
    {
        var (status, body) = await scene.SendAsync("GET", "/health", headers: ("Host", host));
        return (status, body.GetProperty("error").GetString());
    }

    private static List<RouteEndpoint> Routes(PortalScene scene) => [.. scene.Role.Routes.OfType<RouteEndpoint>()];

    private static string Method(RouteEndpoint route) => route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];

    private static string Path(RouteEndpoint route) => route.RoutePattern.RawText!.Replace("{id}", "6f0d5d0e-0c4b-4d8e-9c66-2d6c0a3b1f10", StringComparison.Ordinal);
}
