using System.Net;
using System.Text;
using System.Text.Json;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Tests.Composition;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.IdeProvider.Tests.Access;

public sealed class AccessTests
{
    [Theory]
    [InlineData("evil.example", null, null, "host_not_allowed")]
    [InlineData("127.0.0.1.evil.example", null, null, "host_not_allowed")]
    [InlineData("0.0.0.0", null, null, "host_not_allowed")]
    [InlineData(null, "https://evil.example", null, "origin_not_allowed")]
    [InlineData(null, "null", null, "origin_not_allowed")]
    [InlineData(null, "http://127.0.0.1:9", null, "origin_not_allowed")]
    [InlineData(null, null, "cross-site", "origin_not_allowed")]
    [InlineData(null, null, "same-site", "origin_not_allowed")]
    public async Task A_web_page_cannot_call(string? host, string? origin, string? site, string code)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var answer = await endpoint.ChatAsync(key: endpoint.Key, headers: headers =>
        {
            headers.Host = host;
            if (origin is not null)
            {
                headers.TryAddWithoutValidation("Origin", origin);
            }

            if (site is not null)
            {
                headers.TryAddWithoutValidation("Sec-Fetch-Site", site);
            }
        });
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(code, document.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Empty(endpoint.Inference.Bodies);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task A_form_cannot_post(string type)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var content = new StringContent("""{"messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await endpoint.Client.PostAsync("/v1/chat/completions", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Empty(endpoint.Inference.Bodies);
    }

    [Fact]
    public async Task A_configured_origin_may_call()
    {
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { AllowedOrigins = ["https://tools.example"] });
        using var answer = await endpoint.ChatAsync(headers: headers => headers.TryAddWithoutValidation("Origin", "https://tools.example"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("sk-anything", 200)]
    [InlineData(IdeKeys.Prefix + "wrong", 401)]
    [InlineData("x" + IdeKeys.Prefix + "wrong", 401)]
    public async Task A_text_that_is_no_key_of_ours_counts_as_none_and_a_wrong_key_is_refused(string key, int status)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var answer = await endpoint.ChatAsync(key: key);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_caller_behind_a_proxy_needs_a_key()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var without = await endpoint.ChatAsync(headers: headers => headers.Add("X-Forwarded-For", "203.0.113.5"));
        using var with = await endpoint.ChatAsync(key: endpoint.Key, headers: headers => headers.Add("X-Forwarded-For", "203.0.113.5"));
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal(HttpStatusCode.OK, with.StatusCode);
    }

    [Fact]
    public async Task Keys_are_kept_as_hashes_readable_by_their_owner_only()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var directory = Path.GetDirectoryName(endpoint.Role.Keys.FirstKeyFile)!;
        Assert.DoesNotContain(endpoint.Key, File.ReadAllText(Path.Combine(directory, "keys.json")), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(directory), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task A_key_counts_from_its_making_to_its_end()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var endpoint = await RunningEndpoint.StartAsync(time: time);
        var key = endpoint.Role.Keys.Create("mine", "acct", "team", life: TimeSpan.FromHours(1));
        using var first = await endpoint.ChatAsync(key: key);
        time.Advance(TimeSpan.FromHours(2));
        using var late = await endpoint.ChatAsync(key: key);
        var other = endpoint.Role.Keys.Create("other", "acct", "team");
        using var before = await endpoint.ChatAsync(key: other);
        Assert.True(endpoint.Role.Keys.Revoke(endpoint.Role.Keys.List().Single(row => row.Name == "other").Id));
        using var revoked = await endpoint.ChatAsync(key: other);
        Assert.Equal([200, 401, 200, 401], new[] { first, late, before, revoked }.Select(answer => (int)answer.StatusCode));
    }

    [Fact]
    public async Task A_damaged_list_of_keys_lets_nobody_in()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var key = endpoint.Key;
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(endpoint.Role.Keys.FirstKeyFile)!, "keys.json"), "{");
        using var answer = await endpoint.ChatAsync(key: key);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("keys_unreadable", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void Used_tokens_outlive_the_process()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        using var directory = new EdgeCoder.TestKit.Files.TemporaryDirectory();
        var key = new IdeKey { Id = "k-1", Name = "k", Owner = "o", Sha256 = "", MaxDataClass = "team", Models = ["*"], TokensPerDay = 10, CreatedAtMs = 0 };
        using (var use = new KeyUse(directory.Path, time))
        {
            use.Enter(key);
            use.Add(key.Id, 10);
        }

        using var again = new KeyUse(directory.Path, time);
        var refused = Assert.Throws<EdgeCoder.Hosting.Problems.Refusal>(() => again.Enter(key));
        Assert.Equal((429, "budget_exceeded"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task Rate_and_budget_of_a_key_hold()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var endpoint = await RunningEndpoint.StartAsync(time: time);
        var quick = endpoint.Role.Keys.Create("quick", "acct", "team", requestsPerMinute: 2);
        var poor = endpoint.Role.Keys.Create("poor", "acct", "team", tokensPerDay: 20);
        var codes = new List<int>();
        foreach (var key in new[] { quick, quick, quick, poor, poor, poor })
        {
            using var answer = await endpoint.ChatAsync(key: key);
            codes.Add((int)answer.StatusCode);
            await endpoint.SettledAsync();
        }

        Assert.Equal([200, 200, 429, 200, 200, 429], codes);
        time.Advance(TimeSpan.FromMinutes(1));
        using var again = await endpoint.ChatAsync(key: quick);
        using var stillPoor = await endpoint.ChatAsync(key: poor);
        Assert.Equal((200, 429), ((int)again.StatusCode, (int)stillPoor.StatusCode));
        Assert.True(stillPoor.Headers.RetryAfter!.Delta > TimeSpan.FromHours(1));
        time.Advance(TimeSpan.FromDays(1));
        using var rich = await endpoint.ChatAsync(key: poor);
        Assert.Equal(HttpStatusCode.OK, rich.StatusCode);
    }

    [Theory]
    [InlineData("team", "team", 200)]
    [InlineData("team", "mesh", 403)]
    [InlineData("local", "team", 403)]
    public async Task A_request_is_never_wider_than_its_key(string most, string asked, int status)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var key = endpoint.Role.Keys.Create("k", "acct", most);
        using var answer = await endpoint.ChatAsync($$""","edgecoder":{"dataClass":"{{asked}}"}""", key);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_key_for_some_models_sees_and_uses_those_alone()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var key = endpoint.Role.Keys.Create("k", "acct", "team", models: ["coder"]);
        using var auto = await endpoint.ChatAsync(key: key);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Authorization = new("Bearer", key) } };
        using var list = await endpoint.Client.SendAsync(request, TestContext.Current.CancellationToken);
        using var document = JsonDocument.Parse(await list.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, auto.StatusCode);
        Assert.Equal(["coder"], document.RootElement.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Every_route_says_who_may_call_it()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        var routes = endpoint.Role.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        Assert.NotEmpty(routes);
        Assert.All(routes, route => Assert.Contains(route.Metadata, data => data is AccessRule));
        Assert.Equal(["/health"], routes.OfType<RouteEndpoint>().Where(route => route.Metadata.OfType<AccessRule>().Single() == AccessRule.Open).Select(route => route.RoutePattern.RawText));
    }
}
