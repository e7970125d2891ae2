using System.Globalization;
using System.Text;
using EdgeCoder.Commands;

namespace EdgeCoder.Tests.Coordination;

/// <summary>Tasks and nodes as a person reads them, and the exit codes of the commands.</summary>
public sealed class TaskCommandTests
{
    private const string Digest = "aa00000000000000000000000000000000000000000000000000000000000000";

    // Not UTF-8, with a carriage return and an escape: a patch of such a file must come out as it is.
    private static readonly byte[] Patch = [.. "diff --git a/f b/f\n-old\r\n+\u001b[2Jnew"u8, 0xFF, (byte)'\n'];

    [Fact]
    public async Task Patch_goes_byte_for_byte_into_a_pipe()
    {
        await using var coordinator = await WithPatchAsync();
        Assert.Equal(0, await coordinator.RunAsync("result", "task-1"));
        Assert.Equal(Patch, coordinator.Raw.ToArray());
        Assert.Equal("", coordinator.Output.ToString());
        Assert.Contains("2 of 2 tests passed", coordinator.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patch_on_a_terminal_is_harmless_and_says_how_to_apply_it()
    {
        await using var coordinator = await WithPatchAsync();
        coordinator.Terminal = true;
        Assert.Equal(0, await coordinator.RunAsync("result", "task-1"));
        Assert.DoesNotContain('\u001b', coordinator.Output.ToString());
        Assert.Contains("edgecoder result task-1 | git apply", coordinator.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_goes_byte_for_byte_into_a_pipe()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator.Answers("GET /tasks/task-1/result", """{"taskId":"task-1","state":"completed","ok":true,"outputs":[{"subtaskId":"s","index":0,"output":"x = '\u001b\u202e'\r\n"}]}""");
        Assert.Equal(0, await coordinator.RunAsync("result", "task-1"));
        Assert.Equal("x = '\u001b\u202e'\r\n", Encoding.UTF8.GetString(coordinator.Raw.ToArray()));
    }

    [Theory]
    [InlineData("failed", (int)ExitCode.Failed, "edgecoder explain task-1")]
    [InlineData("cancelled", (int)ExitCode.Failed, "cancelled")]
    [InlineData("escalated", (int)ExitCode.Escalated, "edgecoder escalations show task-1")]
    [InlineData("running", (int)ExitCode.Escalated, "edgecoder explain task-1")]
    [InlineData("submitted", (int)ExitCode.Escalated, "edgecoder explain task-1")]
    public async Task Exit_code_and_next_step_follow_the_state(string state, int exit, string next)
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator.Answers("GET /tasks/task-1/result", $$"""{"taskId":"task-1","state":"{{state}}"}""");
        Assert.Equal(exit, await coordinator.RunAsync("result", "task-1"));
        Assert.Empty(coordinator.Raw.ToArray());
        Assert.Contains(next, coordinator.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, (int)ExitCode.Usage)]
    [InlineData(404, (int)ExitCode.Usage)]
    [InlineData(409, (int)ExitCode.Usage)]
    [InlineData(402, (int)ExitCode.Refused)]
    [InlineData(403, (int)ExitCode.Refused)]
    [InlineData(503, (int)ExitCode.Failed)]
    public async Task Refusals_become_exit_codes(int status, int exit)
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator.Answers("POST /tasks/task-1/cancel", string.Create(CultureInfo.InvariantCulture, $$"""{"title":"No","status":{{status}},"error":"some_code","detail":"Because."}"""), status);
        Assert.Equal(exit, await coordinator.RunAsync("cancel", "task-1", "--json"));
        Assert.Contains("\"code\":\"some_code\"", coordinator.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_ends_when_the_task_waits_for_a_person()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator
            .Answers("GET /tasks/task-1/events", Event(1, "lease.granted", """{"attempt":1}""") + Event(2, "verdict", """{"verdict":"rejected","reasonCode":"check_failed","testsRun":3,"testsPassed":1}""") + Event(3, "escalation", """{"status":"pending_human"}"""))
            .Answers("GET /escalate/task-1", """{"taskId":"task-1","status":"pending_human"}""")
            .Answers("GET /tasks/task-1/result", """{"taskId":"task-1","state":"escalated"}""", 202);
        Assert.Equal((int)ExitCode.Escalated, await coordinator.RunAsync("result", "task-1", "--wait"));
        Assert.All(
            ["a node works on it", "verdict: rejected (check_failed, 1 of 3 tests passed)", "it waits for a person", "edgecoder escalations show task-1"],
            line => Assert.Contains(line, coordinator.Error.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answered_escalation_is_waited_for()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator
            .Answers("GET /tasks/task-1/events", Event(1, "escalation", """{"status":"pending_human"}""") + Event(2, "escalation", """{"status":"completed"}""") + Event(3, "end", "{}"))
            .Answers("GET /escalate/task-1", """{"taskId":"task-1","status":"completed"}""")
            .Answers("GET /tasks/task-1/result", """{"taskId":"task-1","state":"completed","outputs":[{"subtaskId":"s","index":0,"output":"x = 1"}]}""");
        Assert.Equal(0, await coordinator.RunAsync("result", "task-1", "--wait"));
        Assert.Equal("x = 1\n", Encoding.UTF8.GetString(coordinator.Raw.ToArray()));
    }

    [Fact]
    public async Task Explain_tells_commands_and_no_routes()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator.Answers(
            "GET /tasks/task-1/explain",
            """
            {"taskId":"task-1","state":"escalated","message":"A subtask used up its attempts. The waterfall or a person works on it: GET /escalate/{taskId}.","subtasks":[
            {"subtaskId":"s","state":"rejected","reason":"waiting_human","message":"It has no attempt left (check_failed). The waterfall or a person works on it: GET /escalate/task-1.","eligible":0,"excluded":[]}]}
            """);
        Assert.Equal(0, await coordinator.RunAsync("explain", "task-1"));
        Assert.Contains("edgecoder escalations show task-1", coordinator.Console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("GET", coordinator.Console.Output, StringComparison.Ordinal);
        Assert.Contains("Subtask 1 is rejected (waiting_human)", coordinator.Console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_of_what_no_node_can_take_names_the_rules()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator.Answers(
            "GET /tasks/task-1/explain",
            """
            {"taskId":"task-1","state":"planned","waitingFor":"agent_offline","message":"It has missed three heartbeats: start its worker.","subtasks":[
            {"subtaskId":"s","state":"queued","reason":"agent_offline","message":"It has missed three heartbeats: start its worker.","eligible":0,"excluded":[
            {"rule":"agent_pending_approval","count":2,"message":"It waits for approval."},{"rule":"agent_offline","count":1,"message":"It has missed three heartbeats: start its worker."}]}]}
            """);
        Assert.Equal(0, await coordinator.RunAsync("explain", "task-1"));
        Assert.All(
            ["No node can take it now. Of the one that comes nearest: It has missed three heartbeats", "2 nodes, agent_pending_approval: It waits for approval.", "1 node, agent_offline"],
            line => Assert.Contains(line, coordinator.Console.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_task_names_the_command_that_lists()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        Assert.Equal((int)ExitCode.Usage, await coordinator.RunAsync("status", "task-1"));
        Assert.Contains("List them with edgecoder status.", coordinator.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_say_what_to_do_when_they_are_empty()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator.Answers("GET /tasks", """{"tasks":[]}""").Answers("GET /admin/agents", """{"agents":[]}""");
        Assert.Equal(0, await coordinator.RunAsync("status"));
        Assert.Equal(0, await coordinator.RunAsync("node", "list"));
        Assert.Contains("edgecoder submit", coordinator.Console.Output, StringComparison.Ordinal);
        Assert.Contains("edgecoder node enroll", coordinator.Console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_are_listed_harmlessly()
    {
        await using var coordinator = await FixedCoordinator.StartAsync();
        coordinator.Answers("GET /admin/agents", """{"agents":[{"agentId":"lab-7","status":"offline","ownerAccountId":"acct","maxConcurrentTasks":2,"sandboxMode":"namespaces","activeModel":"m\u001b[2J","lastSeenMs":0}]}""");
        Assert.Equal(0, await coordinator.RunAsync("node", "list"));
        Assert.All(["lab-7", "offline", "namespaces", "never"], text => Assert.Contains(text, coordinator.Console.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("\u001b[2J", coordinator.Console.Output, StringComparison.Ordinal);
    }

    private static async Task<FixedCoordinator> WithPatchAsync() => (await FixedCoordinator.StartAsync())
        .Answers("GET /tasks/task-1/result", $$"""{"taskId":"task-1","state":"completed","ok":true,"outputs":[],"patchDigest":"{{Digest}}","testReport":{"run":2,"passed":2,"failed":0,"skipped":0} }""")
        .Answers("GET /blobs/" + Digest, Patch);

    private static string Event(int sequence, string type, string data) =>
        string.Create(CultureInfo.InvariantCulture, $$"""
            id: {{sequence}}
            event: {{type}}
            data: {"sequence":{{sequence}},"type":"{{type}}","atMs":1,"data":{{data}}}


            """);
}
