using System.Net;
using EdgeCoder.IdeProvider.Access;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Protocol;
using static EdgeCoder.IdeProvider.Tests.Mcp.McpStage;

namespace EdgeCoder.IdeProvider.Tests.Mcp;

/// <summary>Who gets through to <c>/mcp</c>, and as whom (agent-executor-models 6.1; 10 S4).</summary>
public sealed class McpAccessTests
{
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    [Theory]
    [InlineData(null, null, null, 401)]
    [InlineData("none", null, null, 401)]
    [InlineData(IdeKeys.Prefix + "wrong", null, null, 401)]
    [InlineData("first", "evil.example", null, 403)]
    [InlineData("first", null, "https://evil.example", 403)]
    [InlineData("first", null, null, 200)]
    public async Task Only_a_key_from_this_machine_gets_in(string? key, string? host, string? origin, int status)
    {
        await using var stage = await new McpStage().StartAsync();
        using var answer = await stage.Endpoint.PostAsync("/mcp", Initialize, key == "first" ? stage.Endpoint.Key : key, headers =>
        {
            headers.Accept.ParseAdd("application/json");
            headers.Accept.ParseAdd("text/event-stream");
            headers.Host = host;
            if (origin is not null)
            {
                headers.TryAddWithoutValidation("Origin", origin);
            }
        });
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Every_route_of_it_needs_a_key()
    {
        await using var stage = await new McpStage().StartAsync();
        var routes = stage.Endpoint.Role.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(route => route.RoutePattern.RawText!.Contains("mcp", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(routes);
        Assert.All(routes, route => Assert.Equal(AccessRule.Key, Assert.Single(route.Metadata.OfType<AccessRule>())));
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            using var answer = await stage.Endpoint.Client.SendAsync(new(method, "/mcp"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_revoked_key_ends_its_session()
    {
        await using var stage = await new McpStage().StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Role.Keys.Create("mine", "acct", "team"));
        await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(stage.Endpoint.Role.Keys.Revoke(stage.Endpoint.Role.Keys.List().Single(row => row.Name == "mine").Id));
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () => await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_session_belongs_to_the_key_that_began_it()
    {
        await using var stage = await new McpStage().StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Key);
        var other = stage.Endpoint.Role.Keys.Create("other", "acct", "team");
        using var answer = await stage.Endpoint.PostAsync("/mcp", """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""", other, headers =>
        {
            headers.Accept.ParseAdd("application/json");
            headers.Accept.ParseAdd("text/event-stream");
            headers.Add("Mcp-Session-Id", client.SessionId);
        });
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_for_some_models_sees_and_runs_those_alone()
    {
        await using var stage = await new McpStage().StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Role.Keys.Create("k", "acct", "team", models: ["coder"]));
        var list = await client.CallToolAsync(new CallToolRequestParams { Name = "list_models" }, TestContext.Current.CancellationToken);
        Assert.Contains("coder", Text(list), StringComparison.Ordinal);
        Assert.DoesNotContain("other", Text(list), StringComparison.Ordinal);
        foreach (var arguments in new Dictionary<string, object?>[] { new() { ["task"] = "x" }, new() { ["task"] = "x", ["model"] = "other" } })
        {
            Assert.StartsWith("model_denied", Failure(await client.CallToolAsync("run_task", arguments, cancellationToken: TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("local", "team", "data_class_denied")]
    [InlineData("team", "mesh", "data_class_denied")]
    [InlineData("team", "team", "swarm_not_configured")]
    public async Task Submitted_work_is_never_wider_than_its_key(string most, string asked, string code)
    {
        await using var stage = await new McpStage().StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Role.Keys.Create("k", "acct", most));
        var answer = await client.CallToolAsync("submit_task", new Dictionary<string, object?> { ["task"] = "x", ["data_class"] = asked }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.StartsWith(code, Failure(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_of_a_run_are_charged_to_the_key()
    {
        await using var stage = new McpStage();
        stage.Parts = stage.Parts with { Run = (_, _) => new[] { Done(15, 5) }.ToAsyncEnumerable() };
        await stage.StartAsync();
        var client = await stage.ClientAsync(stage.Endpoint.Role.Keys.Create("poor", "acct", "team", tokensPerDay: 20));
        var answer = await client.CallToolAsync("run_task", new Dictionary<string, object?> { ["task"] = "x" }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotEqual(true, answer.IsError);
        var refused = await Assert.ThrowsAnyAsync<HttpRequestException>(async () => await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }
}
