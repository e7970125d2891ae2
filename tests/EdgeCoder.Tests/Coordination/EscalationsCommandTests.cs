using EdgeCoder.Commands;

namespace EdgeCoder.Tests.Coordination;

/// <summary>The commands against a coordinator that answers with fixed documents.</summary>
public sealed class EscalationsCommandTests : IAsyncLifetime
{
    private const string Detail =
        """{"taskId":"task-1","status":"pending_human","subtaskId":"sub-1","task":"write f\u001b[2J","failedCode":"def f(): return 1","errorHistory":["expected 2"],"automatedAttempts":[{"step":"inference-service","outcome":"passed_over","reason":"No service.","atMs":1}],"updatedAtMs":1}""";

    private FixedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync() => _coordinator = (await FixedCoordinator.StartAsync())
        .Answers("GET /escalate", $$"""{"escalations":[{{Detail}}]}""")
        .Answers("GET /escalate/task-1", Detail)
        .Answers("POST /escalate/task-1/respond", """{"ok":true,"status":"human_responded"}""")
        .Answers("GET /escalate/missing-1", """{"title":"Not Found","status":404,"error":"escalation_not_found","detail":"There is no such escalation, or it is not yours."}""", 404);

    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    [Fact]
    public async Task List_asks_for_what_waits_and_shows_it_harmlessly()
    {
        Assert.Equal(0, await _coordinator.RunAsync("escalations", "list"));

        Assert.Equal(new("GET", "/escalate?status=pending_human", "", "Bearer key"), Assert.Single(_coordinator.Requests));
        Assert.Contains("task-1", _coordinator.Console.Output);
        Assert.DoesNotContain("\u001b[2J", _coordinator.Console.Output);
    }

    [Fact]
    public async Task Show_tells_what_failed_what_was_tried_and_how_to_answer()
    {
        Assert.Equal(0, await _coordinator.RunAsync("escalations", "show", "task-1"));

        Assert.All(["def f(): return 1", "expected 2", "No service.", "edgecoder escalations respond task-1"], text => Assert.Contains(text, _coordinator.Console.Output));
    }

    [Fact]
    public async Task Context_and_code_and_giving_up_are_sent_as_they_are()
    {
        _coordinator.Directory.Write("fixed.py", "def f():\n    return 2\n");

        Assert.Equal(0, await _coordinator.RunAsync("escalations", "respond", "task-1", "--context", "f returns 2"));
        Assert.Equal(0, await _coordinator.RunAsync("escalations", "respond", "task-1", "--code", "fixed.py"));
        Assert.Equal(0, await _coordinator.RunAsync("escalations", "respond", "task-1", "--abandon", "--json"));

        Assert.All(_coordinator.Requests, request => Assert.Equal(("POST", "/escalate/task-1/respond"), (request.Method, request.Path)));
        Assert.Equal(
            ["""{"action":"provide_context","context":"f returns 2"}""", """{"action":"edit_code","editedCode":"def f():\n    return 2\n"}""", """{"action":"abandon"}"""],
            _coordinator.Requests.Select(request => request.Body));
        Assert.Contains("\"human_responded\"", _coordinator.Output.ToString());
    }

    [Theory]
    [InlineData()]
    [InlineData("--abandon", "--context", "x")]
    [InlineData("--code", "not-there.py")]
    public async Task Answer_that_is_not_one_thing_is_not_sent(params string[] answer)
    {
        Assert.Equal((int)ExitCode.Usage, await _coordinator.RunAsync(["escalations", "respond", "task-1", .. answer]));
        Assert.Empty(_coordinator.Requests);
    }

    [Fact]
    public async Task Unknown_one_is_told_with_its_code()
    {
        Assert.Equal((int)ExitCode.Usage, await _coordinator.RunAsync("escalations", "show", "missing-1", "--json"));
        Assert.Contains("escalation_not_found", _coordinator.Output.ToString() + _coordinator.Error);
    }
}
