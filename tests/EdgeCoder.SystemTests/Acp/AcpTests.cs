using EdgeCoder.SystemTests.Repositories;
using EdgeCoder.TestKit.Models;
using static EdgeCoder.SystemTests.Repositories.RepositoryStage;

namespace EdgeCoder.SystemTests.Acp;

/// <summary><c>edgecoder serve --acp</c>, driven by the protocol's own client library.</summary>
public sealed class AcpTests
{
    [Fact]
    public async Task A_prompt_ends_with_the_question_and_the_answer_applies_the_change()
    {
        await using var stage = await StartAsync(Plan, Read, Edit, Test, Statement);
        var scenario = new AcpScenario(stage).Begin().Ask("authenticate", new { methodId = "any" }).Prompt("make parse_date accept ISO week dates").Prompt("/undo");
        scenario.Options.Add("--approve-tests");
        scenario.Answers.Add("apply");
        var seen = await scenario.RunAsync();

        Assert.Equal(1, (int)seen.Result(0)["protocolVersion"]!);
        Assert.Empty(seen.Result(0)["authMethods"]!.AsArray());
        Assert.Equal("workspace-write", (string)seen.Result(1)["modes"]!["currentModeId"]!);
        Assert.Equal(-32602, seen.Error(2));
        Assert.Equal("end_turn", (string)seen.Result(3)["stopReason"]!);

        Assert.Equal(3, seen.Updates("plan")[0]["entries"]!.AsArray().Count);
        Assert.Contains(seen.Updates("tool_call"), call => (string)call["title"]! == "edit dates.py" && (string)call["kind"]! == "edit");
        Assert.Contains(seen.Updates("tool_call_update"), update => (string?)update["status"] == "completed");
        var question = Assert.Single(seen.Permissions)["toolCall"]!;
        var difference = question["content"]!.AsArray().Single(content => (string)content!["type"]! == "diff")!;
        Assert.Equal(stage.Project["dates.py"], (string)difference["path"]!);
        Assert.Contains("fromisoformat", (string)difference["newText"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("fromisoformat", (string)difference["oldText"]!, StringComparison.Ordinal);
        Assert.Contains("/undo takes it back", seen.Said, StringComparison.Ordinal);

        // And back again.
        Assert.DoesNotContain("fromisoformat", stage.Project.Read("dates.py"), StringComparison.Ordinal);
        Assert.Equal(0, seen.ExitCode);
    }

    [Fact]
    public async Task A_buffer_that_is_not_saved_is_never_overwritten()
    {
        await using var stage = await StartAsync(Plan, Read, Edit, Test, Statement);
        var before = stage.Project.Read("dates.py");
        var scenario = new AcpScenario(stage).Begin(readsFiles: true).Prompt("make parse_date accept ISO week dates");
        scenario.Options.Add("--approve-tests");
        scenario.Answers.Add("apply");
        scenario.Buffers[stage.Project["dates.py"]] = before + "# being typed";
        var seen = await scenario.RunAsync();
        Assert.Contains("unsaved changes in dates.py", seen.Said, StringComparison.Ordinal);
        Assert.Equal(before, stage.Project.Read("dates.py"));
    }

    [Fact]
    public async Task Cancelling_ends_the_turn_and_the_session_can_be_loaded_again()
    {
        await using var stage = await StartAsync(Plan, new ScriptedTurn("I look at it now and then") { Fault = new() { WaitFor = new TaskCompletionSource().Task, WaitBeforePiece = 3 } });
        var scenario = new AcpScenario(stage).Begin().Prompt("make parse_date accept ISO week dates", cancelOn: "plan").Ask("session/list", new { cwd = stage.Project.Root });
        var seen = await scenario.RunAsync();
        Assert.Equal("cancelled", (string)seen.Result(2)["stopReason"]!);
        var listed = Assert.Single(seen.Result(3)["sessions"]!.AsArray())!;
        Assert.Equal((string)seen.Result(1)["sessionId"]!, (string)listed["sessionId"]!);

        var again = await new AcpScenario(stage)
            .Ask("initialize", new { protocolVersion = 1 })
            .Ask("session/load", new { sessionId = (string)listed["sessionId"]!, cwd = stage.Project.Root, mcpServers = Array.Empty<object>() })
            .Ask("session/load", new { sessionId = Guid.NewGuid(), cwd = stage.Project.Root, mcpServers = Array.Empty<object>() })
            .RunAsync();
        Assert.Equal("make parse_date accept ISO week dates", (string)again.Updates("user_message_chunk")[0]["content"]!["text"]!);
        Assert.Equal(-32002, again.Error(2));
    }

    [Fact]
    public async Task A_question_of_an_editor_that_leaves_is_a_refusal()
    {
        await using var stage = await StartAsync(Plan, ScriptedTurn.Call("write_file", new { path = "new.txt", content = "x" }), Statement);
        var scenario = new AcpScenario(stage).Begin().Ask("session/set_mode", new { sessionId = "$session", modeId = "read-only" }).Prompt("write it", leaves: true);
        scenario.Answers.Add("leave");
        var seen = await scenario.RunAsync();
        Assert.Single(seen.Permissions);
        var shown = await stage.ToEndAsync("sessions", "list", "--json");
        var id = System.Text.Json.Nodes.JsonNode.Parse(shown.Output)!.AsArray().Single()!["sessionId"]!.ToString();
        var events = await stage.ToEndAsync("sessions", "show", id, "--json");
        Assert.DoesNotContain("\"decision\":\"once\"", events.Output, StringComparison.Ordinal);
        Assert.Equal("", (await stage.ToEndAsync("diff", id)).Output);
    }
}
