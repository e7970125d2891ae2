using System.Net.Http;
using System.Reflection;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.Routing;
using EdgeCoder.IdeProvider.Swarm;
using EdgeCoder.IdeProvider.Tests.Composition;
using EdgeCoder.IdeProvider.Upstreams;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Tests.Routing;

/// <summary>What serves <c>local</c> work holds nothing that could leave the machine (agent-executor-models 0, 10 S5).</summary>
public sealed class LocalGraphTests
{
    [Fact]
    public async Task The_graph_of_local_work_connects_through_loopback_connections_alone()
    {
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { Servers = [new("mine", new("http://127.0.0.1:9/v1/"), null)] });
        Assert.Empty(Remote(endpoint.Role.Services.GetRequiredService<LocalRoute>()));
        Assert.Empty(Remote(endpoint.Role.Services.GetRequiredService<EdgeCoder.IdeProvider.Agentic.AgentModels>()));
    }

    [Fact]
    public void The_walk_finds_a_client_that_could_leave()
    {
        using var planted = new HttpClient();
        Assert.NotEmpty(Remote(new { Deep = new { Client = planted } }));
        using var handler = new SocketsHttpHandler();
        Assert.NotEmpty(Remote(new List<object> { new { handler } }));
    }

    [Fact]
    public async Task The_walk_finds_the_swarm_and_the_local_graph_does_not_hold_it()
    {
        var access = SwarmAccess.Of(new() { Coordinator = new("http://127.0.0.1:9"), ApiKey = "k" });
        await using var endpoint = await RunningEndpoint.StartAsync(settings => settings with { Swarm = () => access });
        Assert.NotEmpty(Remote(endpoint.Role.Services.GetRequiredService<SwarmRoute>()));
        Assert.NotEmpty(Remote(endpoint.Role.Services.GetRequiredService<Router>()));
        Assert.Empty(Remote(endpoint.Role.Services.GetRequiredService<LocalRoute>()));
        Assert.Empty(Remote(endpoint.Role.Services.GetRequiredService<EdgeCoder.IdeProvider.Agentic.AgentModels>()));
    }

    [Theory]
    [InlineData("http://192.0.2.1:80/")]
    [InlineData("http://localhost:80/")]
    [InlineData("http://example.com/")]
    public async Task A_loopback_connection_goes_nowhere_else(string address)
    {
        using var http = new LoopbackHttp();
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var fault = await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.SendAsync(request, CancellationToken.None));
        Assert.Contains("this machine only", fault.ToString(), StringComparison.Ordinal);
    }

    // Every object that can be reached through fields, but for loopback connections, which are the one kind that is allowed.
    private static List<string> Remote(object root)
    {
        var found = new List<string>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var left = new Stack<object>([root]);
        while (left.TryPop(out var item))
        {
            var type = item.GetType();
            if (item is LoopbackHttp or Type or Assembly or Task or Delegate or TimeProvider || type.IsPrimitive || !seen.Add(item))
            {
                continue;
            }

            // A client of the swarm opens its connections late, so its type is enough.
            if (item is HttpMessageInvoker or HttpMessageHandler or System.Net.Sockets.Socket or SwarmClient or SubmitterClient)
            {
                found.Add(type.FullName!);
                continue;
            }

            if (item is System.Collections.IEnumerable items and not string)
            {
                foreach (var inside in items)
                {
                    if (inside is not null)
                    {
                        left.Push(inside);
                    }
                }
            }

            if (type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true)
            {
                continue;
            }

            for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
            {
                foreach (var field in at.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
                {
                    if (field.GetValue(item) is { } value)
                    {
                        left.Push(value);
                    }
                }
            }
        }

        return found;
    }
}
