using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace EdgeCoder.IdeProvider.Tests.Agentic;

/// <summary>A page in a browser of this machine, and whoever has no key, run no code and no tool (agent-executor-models 6.1; 10 S4).</summary>
public sealed class BrowserTests(SandboxFixture sandbox)
{
    private static readonly (string Method, string Path)[] Routes =
    [
        ("POST", "/run"), ("POST", "/run/local"), ("GET", "/models"), ("GET", "/model/pull/progress"), ("POST", "/v1/ide/project"), ("GET", "/v1/ide/project"), ("POST", "/v1/ide/chat"),
        ("POST", "/v1/ide/tool-approval"), ("GET", "/v1/ide/sessions"), ("GET", "/v1/ide/sessions/SESSION/events"), ("POST", "/v1/ide/sessions/SESSION/cancel"),
        ("POST", "/v1/ide/sessions/SESSION/undo"), ("POST", "/v1/ide/sessions/SESSION/apply"), ("POST", "/v1/ide/sessions/SESSION/reject"),
    ];

    [Theory]
    [InlineData("Host", "rebound.example")]
    [InlineData("Host", "127.0.0.1.rebound.example")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:4304")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task A_foreign_page_is_refused_even_with_the_key(string header, string value)
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        foreach (var route in Routes)
        {
            using var answer = await SendAsync(stage, route, stage.Key, headers => headers.TryAddWithoutValidation(header, value), "application/json");
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        Assert.Empty(stage.Endpoint.Inference.Bodies);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task A_form_starts_nothing(string type)
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        foreach (var route in Routes.Where(route => route.Method == "POST" && !route.Path.Contains("SESSION", StringComparison.Ordinal)))
        {
            using var answer = await SendAsync(stage, route, stage.Key, _ => { }, type);
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        }

        Assert.Empty(stage.Endpoint.Inference.Bodies);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("none")]
    [InlineData("ecide_wrong")]
    public async Task Without_a_key_of_ours_nothing_answers(string? key)
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        foreach (var route in Routes)
        {
            using var answer = await SendAsync(stage, route, key, _ => { }, "application/json");
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        Assert.Empty(stage.Endpoint.Inference.Bodies);
    }

    private static Task<HttpResponseMessage> SendAsync(AgentStage stage, (string Method, string Path) route, string? key, Action<HttpRequestHeaders> headers, string type)
    {
        var request = new HttpRequestMessage(new(route.Method), route.Path.Replace("SESSION", "00000000-0000-0000-0000-000000000000", StringComparison.Ordinal));
        if (route.Method == "POST")
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(route.Path.StartsWith("/run", StringComparison.Ordinal) ? """{"task":"print"}""" : stage.Body("alpha")));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        headers(request.Headers);
        return stage.Endpoint.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
