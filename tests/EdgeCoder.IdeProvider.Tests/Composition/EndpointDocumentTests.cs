using System.Text.RegularExpressions;
using EdgeCoder.IdeProvider.Mcp;
using EdgeCoder.IdeProvider.Tests.Mcp;
using EdgeCoder.TestKit.Files;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Tests.Composition;

/// <summary>docs/endpoint.md and docs/mcp.md name the routes and tools that there are, and no others (agent-executor-models 10, S10).</summary>
public sealed partial class EndpointDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "endpoint.md"));

    [Fact]
    public async Task Every_route_that_is_named_is_there_with_its_method()
    {
        await using var stage = await new McpStage().StartAsync();
        var routes = Routes(stage.Endpoint);
        var named = Named().Matches(Document).Select(match => (Method: match.Groups[1].Value, Path: match.Groups[2].Value)).Distinct().ToList();
        Assert.True(named.Count > 20);
        Assert.Equal([], named.Where(one => !routes.Any(route => route.Path == one.Path && (route.Methods.Count == 0 || route.Methods.Contains(one.Method)))));
    }

    [Fact]
    public async Task Every_route_that_is_there_is_named()
    {
        await using var stage = await new McpStage().StartAsync();
        Assert.Equal([], Routes(stage.Endpoint).Select(route => route.Path).Distinct().Where(path => !IsNamed(path)));
    }

    [Fact]
    public async Task Every_tool_of_the_mcp_server_is_named_and_no_other()
    {
        await using var stage = await new McpStage().StartAsync();
        var guide = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "mcp.md"), TestContext.Current.CancellationToken);
        var table = guide[guide.IndexOf("| Tool |", StringComparison.Ordinal)..guide.IndexOf("| Resource |", StringComparison.Ordinal)];
        Assert.Equal(
            stage.Endpoint.Role.Services.GetRequiredService<McpService>().Tools.Select(tool => tool.Name).Order(StringComparer.Ordinal),
            table.Split('\n').SelectMany(row => Tool().Matches(row.Split('|').ElementAtOrDefault(1) ?? "").Select(match => match.Groups[1].Value)).Order(StringComparer.Ordinal));
    }

    // The last part of a path may stand alone behind a sister: `POST …/apply`, `/reject`.
    private static bool IsNamed(string path) =>
        Document.Contains($" {path}`", StringComparison.Ordinal) || Document.Contains($" {path}?", StringComparison.Ordinal) || Document.Contains($"`{path[path.LastIndexOf('/')..]}`", StringComparison.Ordinal);

    private static List<(string Path, IReadOnlyList<string> Methods)> Routes(RunningEndpoint endpoint) =>
        [.. endpoint.Role.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(route =>
            ("/" + Parameter().Replace(route.RoutePattern.RawText!, "{id}").Trim('/'), route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []))];

    [GeneratedRegex(@"`(GET|POST|DELETE) (/[\w/{}]*)(?:\?[^`]*)?`")]
    private static partial Regex Named();

    [GeneratedRegex(@"`([a-z_]+)`")]
    private static partial Regex Tool();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
