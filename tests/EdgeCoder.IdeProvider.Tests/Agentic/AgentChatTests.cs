using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.TestKit.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeCoder.IdeProvider.Tests.Agentic;

/// <summary>Agentic chat with the real agent (agent-executor-models 6.6; 10 S6, S8, S10).</summary>
public sealed class AgentChatTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task An_approved_change_waits_for_the_word_of_its_caller_and_can_be_taken_back()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.ScriptWrite("alpha", "b.txt");
        Assert.Equal((200, stage.Project.Root), Root(await AgentStage.Read(stage.PostAsync("/v1/ide/project", $$"""{"projectRoot":"{{stage.Project.Root}}"}"""))));
        Assert.Equal((200, stage.Project.Root), Root(await AgentStage.Read(stage.GetAsync("/v1/ide/project"))));

        using var chat = await stage.ChatAsync("write alpha", withRoot: false);
        var question = await chat.QuestionAsync();
        Assert.Equal(("write_file", "b.txt", chat.SessionId), ((string?)question["tool"], (string?)question["paths"]![0], (string?)question["sessionId"]));
        Assert.Equal(200, (await stage.DecideAsync((string)question["approvalId"]!)).Status);
        var done = await chat.DoneAsync();
        Assert.Equal(("edgecoder-local", "coder", "local", "this-machine"), ((string?)done["edgecoder"]!["route"], (string?)done["edgecoder"]!["model"], (string?)done["edgecoder"]!["dataClass"], (string?)done["edgecoder"]!["ranOn"]));
        Assert.Contains(chat.Seen, one => (string?)one["type"] == "diff" && (string?)one["file"] == "b.txt");
        Assert.True(chat.Seen.Count(one => (string?)one["type"] == "text") > 1, "text is streamed as it is made");
        Assert.False(File.Exists(stage.Project["b.txt"]));

        Assert.Equal((200, true), Ok(await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/apply", "{}"))));
        Assert.Equal("alpha\n", stage.Project.Read("b.txt"));
        Assert.Equal((200, true), Ok(await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/undo", "{}"))));
        Assert.False(File.Exists(stage.Project["b.txt"]));
        Assert.Equal((200, true), Ok(await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/reject", "{}"))));
        Assert.Equal((200, true), Ok(await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/apply", "{}"))));
        Assert.False(File.Exists(stage.Project["b.txt"]));
    }

    [Fact]
    public async Task A_change_that_meets_a_change_of_the_persons_own_is_not_applied()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Script("alpha", AgentStage.Plan, ScriptedTurn.Call("read_file", new { path = "a.txt" }), ScriptedTurn.Call("edit_file", new { path = "a.txt", old_string = "one", new_string = "two" }), AgentStage.Statement);
        using var chat = await stage.ChatAsync("edit alpha", rest: """{"mode":"workspace-write"}""");
        await chat.DoneAsync();
        stage.Project.Write("a.txt", "mine\n");
        var (status, answer) = await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/apply", "{}"));
        Assert.Equal((409, false, "a.txt"), (status, (bool)answer["ok"]!, (string?)answer["files"]![0]));
        Assert.Equal("mine\n", stage.Project.Read("a.txt"));
    }

    [Fact]
    public async Task A_part_of_a_change_can_be_taken_and_an_edit_of_the_person_counts()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Script("alpha", AgentStage.Plan, ScriptedTurn.Call("write_file", new { path = "b.txt", content = "b\n" }), ScriptedTurn.Call("write_file", new { path = "c.txt", content = "c\n" }), AgentStage.Statement);
        using var chat = await stage.ChatAsync("write alpha", rest: """{"mode":"workspace-write"}""");
        await chat.DoneAsync();
        Assert.Equal(400, (await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/apply", """{"files":[{}]}"""))).Status);
        Assert.Equal((200, true), Ok(await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/apply", """{"files":[{"path":"b.txt","edited":"mine\n"}]}"""))));
        Assert.Equal("mine\n", stage.Project.Read("b.txt"));
        Assert.False(File.Exists(stage.Project["c.txt"]));
    }

    [Fact]
    public async Task A_connection_that_ends_ends_its_own_session_alone_and_that_can_go_on_later()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.ScriptWrite("alpha", "b.txt");
        stage.ScriptWrite("beta", "c.txt");
        var chat = await stage.ChatAsync("write alpha");
        using var other = await stage.ChatAsync("write beta");
        var (question, others) = ((string)(await chat.QuestionAsync())["approvalId"]!, (string)(await other.QuestionAsync())["approvalId"]!);
        using var follower = new AgentStream(await stage.GetAsync($"/v1/ide/sessions/{chat.SessionId}/events"));
        await follower.QuestionAsync();

        chat.Dispose();
        Assert.Equal("cancelled", (string?)(await follower.DoneAsync())["outcome"]);
        Assert.Equal(404, (await stage.DecideAsync(question)).Status);
        Assert.DoesNotContain(follower.Seen, one => (string?)one["type"] == "diff");

        Assert.Equal(200, (await stage.DecideAsync(others)).Status);
        await other.DoneAsync();
        var sessions = (await AgentStage.Read(stage.GetAsync("/v1/ide/sessions"))).Document["sessions"]!.AsArray();
        var row = sessions.Single(one => (string?)one!["sessionId"] == follower.Seen[0]["sessionId"]!.GetValue<string>())!;
        Assert.Equal(("idle", "cancelled", true), ((string?)row["state"], (string?)row["outcome"], (bool)row["resumable"]!));

        stage.ScriptWrite("alpha", "b.txt");
        using var again = await stage.ChatAsync("write alpha", (string)row["sessionId"]!);
        var anew = (string)(await again.QuestionAsync())["approvalId"]!;
        Assert.NotEqual(question, anew);
        Assert.Equal(200, (await stage.DecideAsync(anew)).Status);
        await again.DoneAsync();
        Assert.Contains(again.Seen, one => (string?)one["type"] == "diff" && (string?)one["file"] == "b.txt");
    }

    [Fact]
    public async Task A_connection_that_ends_stops_the_model()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.ScriptWrite("alpha", "b.txt");
        var (asked, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        stage.BeforeAnswer = async (context, _) =>
        {
            asked.TrySetResult();
            await using var gone = context.RequestAborted.Register(() => stopped.TrySetResult());
            await stopped.Task;
        };
        var chat = await stage.ChatAsync("write alpha");
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        chat.Dispose();
        await stopped.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_cancelled_session_tells_its_end_and_leaves_nothing_changed()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.ScriptWrite("alpha", "b.txt");
        using var chat = await stage.ChatAsync("write alpha");
        await chat.QuestionAsync();
        Assert.Equal(409, (await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/apply", "{}"))).Status);
        Assert.Equal((200, true), Ok(await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/cancel", "{}"))));
        Assert.Equal("cancelled", (string?)(await chat.DoneAsync())["outcome"]);
        Assert.DoesNotContain(chat.Seen, one => (string?)one["type"] == "diff");
    }

    [Fact]
    public async Task An_endpoint_that_ends_tells_the_end_of_its_sessions()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.ScriptWrite("alpha", "b.txt");
        using var chat = await stage.ChatAsync("write alpha");
        await chat.QuestionAsync();
        stage.Endpoint.Role.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Equal("cancelled", (string?)(await chat.DoneAsync())["outcome"]);
    }

    [Fact]
    public async Task A_session_works_on_one_request_at_a_time()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.ScriptWrite("alpha", "b.txt");
        using var chat = await stage.ChatAsync("write alpha");
        var id = (string)(await chat.QuestionAsync())["approvalId"]!;
        var (status, refused) = await AgentStage.Read(stage.PostAsync("/v1/ide/chat", stage.Body("alpha too", chat.SessionId)));
        Assert.Equal((409, "session_busy"), (status, (string?)refused["error"]));
        Assert.Equal(200, (await stage.DecideAsync(id, approved: false)).Status);
        await chat.DoneAsync();
    }

    [Fact]
    public async Task A_model_that_dies_in_the_middle_is_no_success()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Script("alpha", AgentStage.Plan, AgentStage.Statement with { Fault = new() });
        using var chat = await stage.ChatAsync("write alpha");
        var done = await chat.DoneAsync();
        Assert.Contains((string?)done["outcome"], new[] { "failed", "escalated" });
        Assert.Contains("The inference service", (string?)done["execution"]!["outcomeMessage"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_read_again_from_a_position_by_their_owner_alone()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Script("alpha", AgentStage.Plan, AgentStage.Statement);
        using var chat = await stage.ChatAsync("say alpha");
        await chat.DoneAsync();
        using var all = new AgentStream(await stage.GetAsync($"/v1/ide/sessions/{chat.SessionId}/events"));
        await all.DoneAsync();
        Assert.Equal(chat.Seen.Select(one => one.ToJsonString()), all.Seen.Select(one => one.ToJsonString()));
        using var rest = new AgentStream(await stage.GetAsync($"/v1/ide/sessions/{chat.SessionId}/events?after=2"));
        await rest.DoneAsync();
        Assert.Equal(all.Seen.Skip(2).Select(one => (long)one["seq"]!), rest.Seen.Select(one => (long)one["seq"]!));
        Assert.Equal(400, (await AgentStage.Read(stage.GetAsync($"/v1/ide/sessions/{chat.SessionId}/events?after=x"))).Status);

        var foreign = stage.Endpoint.Role.Keys.Create("other", "acct", "mesh");
        Assert.Empty((await AgentStage.Read(stage.GetAsync("/v1/ide/sessions", foreign))).Document["sessions"]!.AsArray());
        Assert.Equal(404, (await AgentStage.Read(stage.GetAsync($"/v1/ide/sessions/{chat.SessionId}/events", foreign))).Status);
        foreach (var action in new[] { "cancel", "undo", "apply", "reject" })
        {
            Assert.Equal(404, (await AgentStage.Read(stage.PostAsync($"/v1/ide/sessions/{chat.SessionId}/{action}", "{}", foreign))).Status);
        }

        Assert.Equal(404, (await AgentStage.Read(stage.PostAsync("/v1/ide/chat", stage.Body("alpha", chat.SessionId), foreign))).Status);
    }

    [Fact]
    public async Task A_session_goes_on_with_what_it_knows()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Script("alpha", AgentStage.Plan, AgentStage.Statement);
        using var chat = await stage.ChatAsync("say alpha");
        await chat.DoneAsync();
        using var more = await stage.ChatAsync("and more", chat.SessionId);
        await more.DoneAsync();
        Assert.Equal(chat.SessionId, more.SessionId);
        Assert.True((long)more.Seen[0]["seq"]! > (long)chat.Last["seq"]!);
        Assert.Contains("say alpha", stage.Endpoint.Inference.Bodies.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_said_before_reaches_a_new_session_as_data()
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Script("alpha", AgentStage.Plan, AgentStage.Statement);
        using var chat = await stage.ChatAsync("", rest: """{"messages":[{"role":"system","content":"be brief"},{"role":"user","content":[{"type":"text","text":"first words"}]},{"role":"assistant","content":null},{"role":"user","content":"now alpha"}]}""");
        await chat.DoneAsync();
        var asked = stage.Endpoint.Inference.Bodies.First();
        Assert.Contains("first words", asked, StringComparison.Ordinal);
        Assert.Contains("now alpha", asked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mesh", "team", "team")]
    [InlineData("team", "mesh", "team")]
    [InlineData(null, "mesh", "local")]
    public async Task The_class_of_a_session_is_the_narrowest_of_request_and_key(string? asked, string most, string expected)
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Script("alpha", AgentStage.Plan, AgentStage.Statement);
        var key = stage.Endpoint.Role.Keys.Create("k", "acct", most);
        using var chat = await stage.ChatAsync("say alpha", rest: asked is null ? "" : $$"""{"dataClass":"{{asked}}"}""", key: key);
        Assert.Equal(expected, (string?)(await chat.DoneAsync())["edgecoder"]!["dataClass"]);
    }

    [Fact]
    public async Task A_class_narrows_with_the_files_that_are_read_and_never_widens_on_resume()
    {
        await using var stage = await AgentStage.StartAsync(sandbox, files: [("inner/plan.txt", "for us\n"), (".edgecoder/policy", """{"labels":[{"path":"inner/**","class":"local"}]}""")]);
        stage.Script("alpha", AgentStage.Plan, ScriptedTurn.Call("read_file", new { path = "inner/plan.txt" }), AgentStage.Statement);
        using var chat = await stage.ChatAsync("read alpha", rest: """{"dataClass":"mesh"}""");
        Assert.Equal("local", (string?)(await chat.DoneAsync())["edgecoder"]!["dataClass"]);
        stage.Script("alpha", AgentStage.Statement);
        using var more = await stage.ChatAsync("alpha again", chat.SessionId, """{"dataClass":"mesh"}""");
        Assert.Equal("local", (string?)(await more.DoneAsync())["edgecoder"]!["dataClass"]);

        var (status, refused) = await AgentStage.Read(stage.PostAsync("/v1/ide/chat", stage.Body("alpha", chat.SessionId, """{"dataClass":"local"}""")));
        Assert.Equal((409, "session_class_wider"), (status, (string?)refused["error"]));
    }

    [Fact]
    public async Task A_token_of_github_is_kept_nowhere_and_shown_to_nobody()
    {
        const string Token = "ghp_0123456789abcdefghijABCDEFGHIJ456789";
        await using var stage = await AgentStage.StartAsync(sandbox);
        stage.Script("alpha", AgentStage.Plan, AgentStage.Statement);
        using var chat = await stage.ChatAsync("say alpha", rest: $$"""{"githubToken":"{{Token}}"}""");
        await chat.DoneAsync();
        Assert.DoesNotContain(stage.Endpoint.Inference.Bodies, body => body.Contains(Token, StringComparison.Ordinal));
        Assert.DoesNotContain(chat.Seen, one => one.ToJsonString().Contains(Token, StringComparison.Ordinal));
        var stored = Directory.EnumerateFiles(stage.DataDirectory, "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.GetDirectoryName(stage.Endpoint.Role.Keys.FirstKeyFile)!, "*", SearchOption.AllDirectories));
        Assert.DoesNotContain(stored, file => Encoding.UTF8.GetString(File.ReadAllBytes(file)).Contains(Token, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"messages":[]}""", 400, "validation_failed")]
    [InlineData("""{"messages":[{"role":"assistant","content":"x"}]}""", 400, "validation_failed")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", 400, "validation_failed")]
    [InlineData("""{"mode":"everything"}""", 400, "validation_failed")]
    [InlineData("""{"dataClass":"public"}""", 400, "validation_failed")]
    [InlineData("""{"model":"no-such-model"}""", 404, "model_not_found")]
    [InlineData("""{"model":"edgecoder-swarm"}""", 400, "model_not_for_agents")]
    [InlineData("""{"sessionId":"00000000-0000-0000-0000-000000000000"}""", 404, "session_not_found")]
    [InlineData("""{"sessionId":"../keys"}""", 404, "session_not_found")]
    public async Task Bad_requests_are_told_and_leave_no_session(string rest, int status, string error)
    {
        await using var stage = await AgentStage.StartAsync(sandbox);
        var (got, refused) = await AgentStage.Read(stage.PostAsync("/v1/ide/chat", stage.Body("alpha", rest: rest)));
        Assert.Equal((status, error), (got, (string?)refused["error"]));
        Assert.Empty((await AgentStage.Read(stage.GetAsync("/v1/ide/sessions"))).Document["sessions"]!.AsArray());
        Assert.Empty(stage.Endpoint.Inference.Bodies);
    }

    private static (int, string?) Root((int Status, JsonNode Document) answer) => (answer.Status, (string?)answer.Document["projectRoot"]);

    private static (int, bool) Ok((int Status, JsonNode Document) answer) => (answer.Status, (bool)answer.Document["ok"]!);
}
