using System.Reflection;
using System.Text.RegularExpressions;
using EdgeCoder.Agent.Redaction;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Egress;
using EdgeCoder.IdeProvider.Routing;
using EdgeCoder.IdeProvider.Swarm;
using EdgeCoder.IdeProvider.Tests.Swarm;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Coordinators;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.IdeProvider.Tests.Egress;

/// <summary>What may leave this machine, and that nothing else can (agent-executor-models 0, 7.3; S5, S6, C4).</summary>
public sealed class ReleasedPayloadTests
{
    private const string Secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

    private static readonly SwarmRequest Request = new() { Id = Guid.NewGuid().ToString("D"), Prompt = "use " + Secret, Kind = SubtaskKind.MicroLoop, Tests = new("tests.py", "token = '" + Secret + "'") };

    [Fact]
    public void Only_the_gate_makes_one()
    {
        Assert.All(typeof(ReleasedPayload).GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic), made => Assert.True(made.IsPrivate));
        var content = typeof(SwarmClient).GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).Single(method => method.Name == nameof(SwarmClient.SubmitAsync));
        Assert.Equal(typeof(ReleasedPayload), content.GetParameters()[0].ParameterType);
        Assert.DoesNotContain(
            typeof(SwarmClient).GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).SelectMany(method => method.GetParameters()),
            parameter => parameter.ParameterType == typeof(TaskSubmission) || parameter.ParameterType == typeof(byte[]));
    }

    [Fact]
    public void Content_is_handed_to_a_client_that_can_leave_in_one_place_alone()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "EdgeCoder.IdeProvider"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(path => (Name: Path.GetFileName(path), Text: File.ReadAllText(path))).ToList();
        Assert.Equal(["ReleasedPayload.cs"], sources.Where(source => source.Text.Contains("new TaskSubmission", StringComparison.Ordinal)).Select(source => source.Name));
        Assert.Equal(["ReleasedSubmission.cs"], sources.Where(source => Regex.IsMatch(source.Text, "PutBlobAsync|PostAsync<|PostTextAsync")).Select(source => source.Name));
    }

    [Fact]
    public void An_id_that_is_a_secret_is_refused() =>
        Assert.Throws<Refusal>(() => new ReleasedPayload.Gate(new Redactor([]).Redact).Release(Request with { Id = Secret }, DataClass.Team));

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(-1)]
    public void The_gate_makes_none_for_local_work(int dataClass)
    {
        var gate = new ReleasedPayload.Gate(new Redactor([]).Redact);
        Assert.Equal("data_class_denied", Assert.Throws<Refusal>(() => gate.Release(Request, (DataClass)dataClass)).Error);
    }

    [Fact]
    public void Every_text_loses_its_secrets_before_it_is_hashed()
    {
        var payload = new ReleasedPayload.Gate(new Redactor([]).Redact).Release(Request, DataClass.Team);
        Assert.DoesNotContain(Secret, payload.Task.Prompt, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, payload.Tests!.Text, StringComparison.Ordinal);
        Assert.Equal(payload.Tests.Sha256, Assert.Single(payload.Task.AcceptanceCheck!.Files!).Sha256);
        Assert.Equal(2, payload.Redactions.Values.Sum());
    }

    [Fact]
    public async Task A_failure_of_the_redactor_lets_nothing_out()
    {
        await using var coordinator = await ScriptedTasks.StartAsync();
        using var client = new SwarmClient(() => SwarmAccess.Of(new() { Coordinator = coordinator.Url, ApiKey = ScriptedTasks.Key }), TimeProvider.System);
        foreach (var fault in new Exception[] { new RedactionException(new TimeoutException()), new OutOfMemoryException() })
        {
            var route = new SwarmRoute(client, new ReleasedPayload.Gate(_ => throw fault), TimeProvider.System);
            var refused = await Assert.ThrowsAsync<Refusal>(() => route.RunAsync(_ => Request, DataClass.Team, SwarmRoute.Deadline, TestContext.Current.CancellationToken));
            Assert.Equal("swarm_unavailable", refused.Error);
        }

        Assert.Empty(coordinator.Requests);
    }

    [Fact]
    public async Task Nothing_of_a_secret_in_any_part_of_a_chat_reaches_the_coordinator()
    {
        await using var swarm = await SwarmEndpoint.StartAsync();
        using var answer = await swarm.Endpoint.PostAsync(
            "/v1/chat/completions",
            $$$"""{"model":"edgecoder-swarm","messages":[{"role":"system","content":"key {{{Secret}}}"},{"role":"user","content":[{"type":"text","text":"{\"password\": \"{{{Secret}}}\"}"}]}],"edgecoder":{"dataClass":"team"}}""",
            swarm.TeamKey);
        var chat = await SwarmEndpoint.JsonAsync(answer);
        Assert.DoesNotContain(Secret, Assert.Single(swarm.Coordinator.Bodies), StringComparison.Ordinal);
        Assert.NotEmpty(chat["edgecoder"]!["egress"]![0]!["redactions"]!.AsObject());
    }
}
