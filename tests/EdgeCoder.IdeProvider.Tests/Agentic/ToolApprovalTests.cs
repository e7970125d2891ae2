using System.Text.Json.Nodes;
using EdgeCoder.TestKit.Models;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.IdeProvider.Tests.Agentic;

/// <summary>An approval is for one action, one session and one caller, once, while it stands (agent-executor-models 2.5, 6.6; 10 R7).</summary>
public sealed class ToolApprovalTests(SandboxFixture sandbox)
{
    private const string Unknown = "No pending approval with that id";

    [Fact]
    public async Task Unknown_foreign_changed_and_used_answers_are_the_same_404()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.ScriptWrite("alpha", "b.txt");
        using var chat = await stage.ChatAsync("write alpha");
        var question = await chat.QuestionAsync();
        var id = (string)question["approvalId"]!;
        Assert.Equal(32, id.Length);

        var foreign = stage.Endpoint.Role.Keys.Create("other", "acct", "mesh");
        var answers = new List<(int Status, JsonNode Document)>
        {
            await stage.DecideAsync("no-such-id"),
            await stage.DecideAsync((string)question["id"]!),
            await stage.DecideAsync(id, key: foreign),
            await stage.DecideAsync(id, rest: """{"actionHash":"00"}"""),
        };
        Assert.False(File.Exists(stage.Project["b.txt"]));
        Assert.Equal(200, (await stage.DecideAsync(id, rest: $$"""{"actionHash":"{{(string)question["actionHash"]!}}"}""")).Status);
        answers.Add(await stage.DecideAsync(id));
        await chat.DoneAsync();
        answers.Add(await stage.DecideAsync(id));
        Assert.All(answers, answer => Assert.Equal((404, Unknown, answers[0].Document.ToJsonString()), (answer.Status, (string?)answer.Document["error"], answer.Document.ToJsonString())));
    }

    [Fact]
    public async Task A_question_that_is_too_old_was_refused()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var stage = await AgentStage.StartAsync(sandbox, time: time);
        stage.ScriptWrite("alpha", "b.txt");
        using var chat = await stage.ChatAsync("write alpha");
        var id = (string)(await chat.QuestionAsync())["approvalId"]!;
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((404, Unknown), Error(await stage.DecideAsync(id)));
        Assert.Equal("expired", (string?)(await chat.UntilAsync("approval"))["decision"]);
        await chat.DoneAsync();
        Assert.DoesNotContain(chat.Seen, one => (string?)one["type"] == "diff");
    }

    [Fact]
    public async Task A_refusal_goes_back_to_the_model()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.ScriptWrite("alpha", "b.txt");
        using var chat = await stage.ChatAsync("write alpha");
        Assert.Equal(200, (await stage.DecideAsync((string)(await chat.QuestionAsync())["approvalId"]!, approved: false)).Status);
        await chat.DoneAsync();
        Assert.Contains(chat.Seen, one => (string?)one["type"] == "tool_result" && ((string?)one["error"])?.Contains("said no", StringComparison.Ordinal) == true);
        Assert.Contains("said no", stage.Endpoint.Inference.Bodies.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_action_needs_another_answer_and_a_rule_holds_for_its_session()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Script(
            "alpha",
            AgentStage.Plan,
            ScriptedTurn.Call("write_file", new { path = "b.txt", content = "1\n" }),
            ScriptedTurn.Call("write_file", new { path = "b.txt", content = "2\n" }),
            ScriptedTurn.Call("write_file", new { path = "b.txt", content = "3\n" }),
            AgentStage.Statement);
        using var chat = await stage.ChatAsync("write alpha");
        var first = await chat.QuestionAsync();
        Assert.Equal(200, (await stage.DecideAsync((string)first["approvalId"]!)).Status);
        var second = await chat.QuestionAsync();
        Assert.NotEqual((string?)first["actionHash"], (string?)second["actionHash"]);
        Assert.Equal(404, (await stage.DecideAsync((string)first["approvalId"]!)).Status);
        Assert.Equal(400, (await stage.DecideAsync((string)second["approvalId"]!, rest: """{"scope":"session","rule":"another rule"}""")).Status);
        Assert.Equal(400, (await stage.DecideAsync((string)second["approvalId"]!, rest: """{"scope":"forever"}""")).Status);
        Assert.Equal(200, (await stage.DecideAsync((string)second["approvalId"]!, rest: new JsonObject { ["scope"] = "session", ["rule"] = (string)second["rule"]! }.ToJsonString())).Status);
        await chat.DoneAsync();
        Assert.Equal(2, chat.Seen.Count(one => one["approvalId"] is not null));
    }

    private static (int, string?) Error((int Status, JsonNode Document) answer) => (answer.Status, (string?)answer.Document["error"]);
}
