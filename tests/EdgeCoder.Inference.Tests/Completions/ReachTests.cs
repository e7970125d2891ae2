using System.Net;
using System.Reflection;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Inference.Tests.Providers;
using EdgeCoder.Inference.Tests.Service;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Completions;

public sealed class ReachTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Work_of_this_machine_never_reaches_a_server_of_the_team()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "shared" });
        await using var host = await InferenceHost.StartAsync(_directory, server, change: Teams);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no_model_available", null), Completion.Fault(await host.AskAsync(new { messages = Completion.Hi })));
        Assert.Equal(HttpStatusCode.NotFound, (await host.AskAsync(new { model = "shared", messages = Completion.Hi }, "this-machine")).Answer.StatusCode);
        Assert.Equal((HttpStatusCode.Forbidden, "data_class_denied", "model"), Completion.Fault(await host.AskAsync(new { model = "openai-compatible/test/shared", messages = Completion.Hi }, "this-machine")));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Work_of_the_team_reaches_it_and_says_so()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "shared" });
        await using var host = await InferenceHost.StartAsync(_directory, server, change: Teams);

        var (answer, _) = await host.AskAsync(new { model = "shared", messages = Completion.Hi }, "team");

        Assert.Equal("team", answer.Headers.GetValues("x-edgecoder-reach").Single());
    }

    [Fact]
    public async Task Reach_that_is_not_known_is_refused_and_not_taken_for_another()
    {
        await using var host = await InferenceHost.StartAsync(_directory);

        Assert.Equal(HttpStatusCode.BadRequest, (await host.AskAsync(new { messages = Completion.Hi }, "mesh")).Answer.StatusCode);
    }

    [Fact]
    public async Task Walk_of_the_graph_of_this_machine_finds_no_client_of_another()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "shared" });
        var settings = Teams(new() { DataDirectory = _directory.Path, Servers = [server.Settings()] });
        await using var local = new ModelHub(settings, ModelReach.ThisMachine, new FixedProvider("mine"));
        await using var team = new ModelHub(settings, ModelReach.Team, new FixedProvider("mine"));

        Assert.DoesNotContain(Walk(new WarmModel(local, TimeProvider.System)), part => part is OpenAICompatibleProvider);
        Assert.Contains(Walk(new WarmModel(team, TimeProvider.System)), part => part is OpenAICompatibleProvider);
    }

    private static ModelSettings Teams(ModelSettings settings) => settings with { Servers = [.. settings.Servers.Select(server => server with { Reach = ModelReach.Team })] };

    // Every object that can be come to through fields, of our own types and of lists.
    private static HashSet<object> Walk(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var left = new Stack<object>([root]);
        while (left.TryPop(out var at))
        {
            if (at is string || at.GetType().IsPrimitive || !seen.Add(at))
            {
                continue;
            }

            if (at is System.Collections.IEnumerable items and not HttpClient)
            {
                foreach (var item in items)
                {
                    left.Push(item);
                }
            }

            for (var type = at.GetType(); type is { Namespace: { } name } && name.StartsWith("EdgeCoder", StringComparison.Ordinal); type = type.BaseType)
            {
                foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
                {
                    if (field.GetValue(at) is { } value)
                    {
                        left.Push(value);
                    }
                }
            }
        }

        return seen;
    }
}
