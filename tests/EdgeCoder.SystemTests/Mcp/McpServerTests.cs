using System.Reflection;
using System.Text.Json.Nodes;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Mcp;

/// <summary><c>edgecoder serve --mcp</c>, driven by the protocol's own client library.</summary>
public sealed class McpServerTests : IDisposable
{
    private static readonly string Library = typeof(McpServerTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "McpLibrary").Value!;

    private readonly EdgeCoderRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task The_official_client_lists_runs_searches_cancels_and_sees_nothing_but_the_protocol()
    {
        using var outside = new TemporaryDirectory();
        var root = Directory.CreateDirectory(Path.Combine(outside.Path, "project")).FullName;
        await File.WriteAllTextAsync(Path.Combine(root, "hay.py"), "a needle\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(root, ".env"), "needle=secret\n", TestContext.Current.CancellationToken);
        var trusted = await _run.WithInputAsync("", "trust", root);
        Assert.True(trusted.ExitCode == 0, trusted.ToString());

        var result = await ProgramRun.ToEndAsync("node", [Path.Combine(AppContext.BaseDirectory, "Mcp", "client.mjs"), Library, Repository.Executable, root], _run.Environment, "", root);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("", result.Error);
        var seen = JsonNode.Parse(result.Output)!;

        Assert.Equal("edgecoder", (string?)seen["server"]);
        Assert.Empty(seen["errors"]!.AsArray());
        Assert.Superset(new HashSet<string?> { "run_task", "execute_code", "search_repository", "list_models" }, seen["tools"]!.AsArray().Select(tool => (string?)tool!["name"]).ToHashSet());
        Assert.All(seen["tools"]!.AsArray(), tool => Assert.False((bool)tool!["inputSchema"]!["additionalProperties"]!));

        Assert.True((bool)seen["run"]!["structuredContent"]!["ok"]!, seen["run"]!.ToJsonString());
        Assert.Equal(1, (int)seen["run"]!["structuredContent"]!["tests"]!["passed"]!);
        Assert.NotEmpty(seen["progress"]!.AsArray());
        Assert.Contains("hay.py:1: a needle", Text(seen["found"]!), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Text(seen["found"]!), StringComparison.Ordinal);
        Assert.Contains("edgecoder trust", Failure(seen["untrusted"]!), StringComparison.Ordinal);
        Assert.Contains("$.language", Failure(seen["wrong"]!), StringComparison.Ordinal);
        Assert.Contains("enough", (string?)seen["cancelled"], StringComparison.Ordinal);
        Assert.Equal("42\n", (string?)seen["after"]!["structuredContent"]!["stdout"]);
        Assert.Equal("edgecoder://sessions", (string?)seen["resources"]![0]);
        Assert.Equal("[]", (string?)seen["sessions"]);
    }

    private static string Text(JsonNode answer) => (string)answer["content"]![0]!["text"]!;

    private static string Failure(JsonNode answer)
    {
        Assert.True((bool?)answer["isError"], answer.ToJsonString());
        return Text(answer);
    }
}
