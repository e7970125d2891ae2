using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Endpoint;

/// <summary>
/// Agents whose requests are replayed (<c>EdgeCoder.IdeProvider.Tests/Traces</c>) but which no build fetches. Run by name, to record them again: they fetch
/// the pinned packages of <c>eng/agents/recorded</c> themselves.
/// </summary>
public sealed class OtherAgents(AgentStage stage) : IClassFixture<AgentStage>
{
    [Fact(Explicit = true)]
    public async Task Cline_writes_a_file_that_the_model_asked_for()
    {
        using var packages = await PackagesAsync();
        using var agent = new AloneRun();
        agent.Write(".cline/data/settings/global-settings.json", """{"telemetryOptOut":true,"autoUpdateEnabled":false}""");
        agent.Write(".cline/data/settings/providers.json", """
            {"version":1,"lastUsedProvider":"openai-compatible","modes":{},"providers":{"openai-compatible":{"settings":
            {"provider":"openai-compatible","apiKey":"none","model":"edgecoder-local","baseUrl":"http://127.0.0.1:4304/v1"},"updatedAt":"2026-01-01T00:00:00.000Z","tokenSource":"manual"}}}
            """);
        agent.Environment["CLINE_SESSION_BACKEND_MODE"] = "local";
        var (result, _) = await stage.RunAsync(agent, "cline", file => [packages["node_modules/@cline/cli-linux-x64/bin/cline"], "-P", "openai-compatible", "-m", "edgecoder-local", CodingModel.Request(file, AgentStage.Line)], alsoAsks: "data.cline.bot");
        Assert.Contains(CodingModel.Done, result.Output, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Continue_writes_a_file_that_the_model_asked_for()
    {
        using var packages = await PackagesAsync();
        using var agent = new AloneRun();
        var config = agent.Write(".continue/config.yaml", """
            name: EdgeCoder
            version: 1.0.0
            schema: v1
            models:
              - name: EdgeCoder on this machine
                provider: openai
                model: edgecoder-local
                apiBase: http://127.0.0.1:4304/v1
                apiKey: none
                roles: [chat, edit, apply]
            """);
        agent.Environment["CONTINUE_TELEMETRY_ENABLED"] = "0";
        var (result, _) = await stage.RunAsync(agent, "continue", file => ["node", packages["node_modules/@continuedev/cli/dist/cn.js"], "--config", config, "--auto", "-p", CodingModel.Request(file, AgentStage.Line)]);
        Assert.Contains(CodingModel.Done, result.Output, StringComparison.Ordinal);
    }

    private static async Task<TemporaryDirectory> PackagesAsync()
    {
        var directory = new TemporaryDirectory();
        foreach (var name in new[] { "package.json", "package-lock.json" })
        {
            File.Copy(Path.Combine(Repository.Root, "eng", "agents", "recorded", name), directory[name]);
        }

        // With the person's own environment: it names their registry.
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
        var fetched = await ProgramRun.ToEndAsync("npm", ["ci", "--ignore-scripts", "--omit=optional", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], environment, directory: directory.Path);
        Assert.True(fetched.ExitCode == 0, fetched.ToString());
        return directory;
    }
}
