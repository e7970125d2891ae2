using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Coordinator.Tests.Escalations;

public sealed class EscalationRouteTests : IDisposable
{
    private const string Owner = "Submitter/key-1/acct-1";
    private const string Stranger = "Submitter/key-2/acct-2";
    private const string Operator = "Operator/admin";
    private const string Portal = "PortalService/user-1/acct-1";
    private const string Code = "def f():\n    return 2\n";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Context_starts_a_new_attempt_and_is_taken_once()
    {
        await using var host = await PendingAsync();
        var body = new { action = "provide_context", context = "f returns 2" };

        var (status, answer) = await host.SendAsync(Owner, "POST", "/escalate/task-sub-1/respond", body);

        Assert.Equal((200, "human_responded", "f returns 2"), (status, answer.GetProperty("status").GetString(), answer.GetProperty("humanContext").GetString()));
        Assert.Equal([("sub-1", "f returns 2")], host.Queue.Resumed);
        var second = await host.SendAsync(Owner, "POST", "/escalate/task-sub-1/respond", new { action = "abandon" });
        Assert.Equal((409, "escalation_not_pending"), (second.Status, second.Body.GetProperty("error").GetString()));
        Assert.Empty(host.Queue.Failed);
    }

    [Fact]
    public async Task Same_decision_again_by_the_same_person_has_the_same_answer_and_no_second_effect()
    {
        await using var host = await PendingAsync();
        var escalationId = (await host.RowAsync()).EscalationId;
        var body = new { escalationId, action = "provide_context", context = "f returns 2" };

        var first = await host.SendAsync(Owner, "POST", $"/escalate/{escalationId}/respond", body);
        var again = await host.SendAsync(Owner, "POST", $"/escalate/task-sub-1/respond", body);

        Assert.Equal((200, 200), (first.Status, again.Status));
        Assert.Single(host.Queue.Resumed);
    }

    [Fact]
    public async Task Subtask_that_fails_again_after_context_begins_a_new_round_with_a_new_record()
    {
        await using var host = await PendingAsync();
        var first = (await host.RowAsync()).EscalationId;
        await host.SendAsync(Owner, "POST", "/escalate/sub-1/respond", new { action = "provide_context", context = "f returns 2" });
        await host.Writer.WriteAsync(
            batch =>
            {
                batch.Execute("UPDATE subtasks SET state = 'rejected' WHERE subtask_id = 'sub-1'");
                EscalationRecords.Open(batch, "task-sub-1", "sub-1", "agent-2", "python", "write f", "def f(): return 7", ["got 7"], 3, 9);
                return true;
            },
            TestContext.Current.CancellationToken);

        host.Time.Advance(TimeSpan.FromSeconds(2));
        await host.WorkAsync();

        var row = await host.RowAsync();
        Assert.Equal((2, "pending_human"), (row.Round, row.Status));
        Assert.NotEqual(first, row.EscalationId);
        Assert.Equal("human_responded", (await host.Store.HumanAsync(first, TestContext.Current.CancellationToken))!.Status);
        Assert.Contains("got 7", (await host.HumanAsync()).ErrorHistory);
    }

    [Fact]
    public async Task Code_of_a_person_is_verified_like_any_other_and_a_rejected_one_opens_the_record_again()
    {
        await using var host = await PendingAsync();

        var first = await host.SendAsync(Portal, "POST", "/escalate/task-sub-1/respond", new { action = "edit_code", editedCode = "def f(): return 3", respondedByUserId = "user-9" });
        Assert.Equal((200, "human_responded", "def f(): return 3"), (first.Status, first.Body.GetProperty("status").GetString(), first.Body.GetProperty("improvedCode").GetString()));
        await host.Queue.JudgeAsync("sub-1", accepted: false);
        await LaterAsync(host);
        var human = await host.HumanAsync();
        Assert.Equal(("pending_human", "user-9", "def f(): return 3"), (human.Status, human.RespondedByUserId, human.HumanEditedCode));
        Assert.Contains("1 of 3 tests passed", human.ErrorHistory);

        await host.SendAsync(Owner, "POST", "/escalate/task-sub-1/respond", new { action = "edit_code", editedCode = Code });
        await host.Queue.JudgeAsync("sub-1", accepted: true);
        await LaterAsync(host);

        var row = await host.RowAsync();
        Assert.Equal(("completed", "accepted", Code), (row.Status, row.Verification, row.ImprovedCode));
        Assert.Equal("resolved", (await host.HumanAsync()).Status);
        Assert.Equal(["human", "human"], host.Queue.Offers.Select(o => o.Source));
    }

    [Fact]
    public async Task Giving_up_fails_the_task()
    {
        await using var host = await PendingAsync();

        var (status, answer) = await host.SendAsync(Operator, "POST", "/escalate/task-sub-1/respond", new { action = "abandon" });

        Assert.Equal((200, "abandoned", "failed"), (status, answer.GetProperty("status").GetString(), answer.GetProperty("taskState").GetString()));
        Assert.Equal([("task-sub-1", "escalation_abandoned")], host.Queue.Failed);
        Assert.Equal("failed", (await host.RowAsync()).Status);
    }

    [Theory]
    [InlineData("""{"action":"provide_context"}""", "context_required_for_provide_context_action")]
    [InlineData("""{"action":"provide_context","context":" "}""", "context_required_for_provide_context_action")]
    [InlineData("""{"action":"edit_code","context":"x"}""", "editedCode_required_for_edit_code_action")]
    [InlineData("""{"action":"edit_code","editedCode":""}""", "editedCode_required_for_edit_code_action")]
    [InlineData("""{}""", "validation_failed")]
    [InlineData("""{"action":"approve"}""", "invalid_json")]
    public async Task Decision_without_what_it_needs_is_refused_and_decides_nothing(string body, string error)
    {
        await using var host = await PendingAsync();

        var (status, answer) = await host.SendAsync(Owner, "POST", "/escalate/task-sub-1/respond", System.Text.Json.JsonSerializer.Deserialize<object>(body));

        Assert.Equal((400, error), (status, answer.GetProperty("error").GetString()));
        Assert.Equal("pending_human", (await host.HumanAsync()).Status);
    }

    [Fact]
    public async Task Decision_killed_before_its_effect_takes_effect_after_the_restart()
    {
        await using (var host = await PendingAsync())
        {
            // The decision is committed; the process dies before the waterfall acts on it.
            await host.Writer.WriteAsync(
                batch =>
                {
                    batch.Execute("UPDATE human_escalations SET status = 'human_responded', action = 'edit_code', human_edited_code = $1", Code);
                    return batch.Execute("UPDATE escalations SET phase = 'human_offer', next_at_ms = 0");
                },
                TestContext.Current.CancellationToken);
        }

        await using var again = await EscalationHost.StartAsync(_directory, new EscalationSettings());
        await again.WorkAsync();

        Assert.Equal([("sub-1", Code, "human")], again.Queue.Offers);
    }

    [Fact]
    public async Task Owner_sees_everything_a_stranger_nothing_and_an_operator_no_content()
    {
        await using var host = await PendingAsync();

        var own = await host.SendAsync(Owner, "GET", "/escalate/task-sub-1");
        Assert.Equal(("write f", "pending_human"), (own.Body.GetProperty("task").GetString(), own.Body.GetProperty("human").GetProperty("status").GetString()));
        Assert.Equal("def f():\n    return 1\n", own.Body.GetProperty("failedCode").GetString());
        Assert.Equal(1, (await host.SendAsync(Owner, "GET", "/escalate?status=pending_human")).Body.GetProperty("escalations").GetArrayLength());

        var foreign = await host.SendAsync(Stranger, "GET", "/escalate/task-sub-1");
        Assert.Equal((404, "escalation_not_found"), (foreign.Status, foreign.Body.GetProperty("error").GetString()));
        Assert.Equal(0, (await host.SendAsync(Stranger, "GET", "/escalate")).Body.GetProperty("escalations").GetArrayLength());
        Assert.Equal(404, (await host.SendAsync(Stranger, "POST", "/escalate/task-sub-1/respond", new { action = "abandon" })).Status);

        var operated = (await host.SendAsync(Operator, "GET", "/escalate")).Body.GetProperty("escalations")[0];
        Assert.Equal("pending_human", operated.GetProperty("status").GetString());
        Assert.DoesNotContain("return 1", operated.ToString());
        Assert.DoesNotContain("write f", operated.ToString());
    }

    [Fact]
    public async Task Result_merges_and_erases_nothing()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings { InferenceUrl = server.Address, InferenceToken = EscalationHost.InferenceToken });
        await host.EscalateAsync();
        await host.WorkAsync();
        await host.Queue.JudgeAsync("sub-1", accepted: false);
        await LaterAsync(host);

        foreach (var status in (string[])["pending", "processing", "completed", "failed", "pending_human"])
        {
            Assert.Equal(200, (await host.SendAsync(Portal, "POST", "/escalate/task-sub-1/result", new { taskId = "task-sub-1", status, improvedCode = "", explanation = "" })).Status);
        }

        var row = await host.RowAsync();
        Assert.Equal((Code, "It returned 1.", "coder-7b", "pending_human"), (row.ImprovedCode, row.Explanation, row.ResolvedByModel, row.Status));
    }

    [Fact]
    public async Task Result_for_an_escalation_that_ended_changes_nothing()
    {
        await using var host = await PendingAsync();
        await host.SendAsync(Owner, "POST", "/escalate/task-sub-1/respond", new { action = "abandon" });

        var late = await host.SendAsync(Operator, "POST", "/escalate/task-sub-1/result", new { status = "completed", improvedCode = Code });

        Assert.Equal((409, "escalation_closed"), (late.Status, late.Body.GetProperty("error").GetString()));
        Assert.Null((await host.RowAsync()).ImprovedCode);
        Assert.Empty(host.Queue.Offers);
    }

    [Fact]
    public async Task Only_the_peer_that_was_given_the_work_may_hand_in_its_result()
    {
        await using var parent = await BackEndServer.StartAsync((_, _) => (200, new { status = "processing" }));
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings { ParentUrl = parent.Address });
        await host.EscalateAsync(dataClass: SharedDataClass.Mesh);
        await host.WorkAsync();
        var result = new { status = "completed", improvedCode = Code };

        Assert.Equal(404, (await host.SendAsync("Peer/coord-other", "POST", "/escalate/sub-1/result", result)).Status);
        Assert.Equal(200, (await host.SendAsync("Peer/coord-parent", "POST", "/escalate/sub-1/result", result)).Status);
        await host.WorkAsync();

        Assert.Equal([("sub-1", Code, "parent-coordinator")], host.Queue.Offers);
    }

    [Fact]
    public async Task Agent_without_the_live_lease_opens_nothing()
    {
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());
        await host.EscalateAsync(state: SubtaskState.Leased);

        var refused = await host.SendAsync("Agent/agent-2", "POST", "/escalate", Request("sub-1"));

        Assert.Equal((409, "lease_not_held"), (refused.Status, refused.Body.GetProperty("error").GetString()));
        Assert.Null(await host.Store.FindAsync("sub-1", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Request_of_the_owner_is_one_record_however_often_it_comes_and_waits_for_the_attempt()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings { InferenceUrl = server.Address, InferenceToken = EscalationHost.InferenceToken });
        await host.EscalateAsync(state: SubtaskState.Leased);

        var first = await host.SendAsync(Owner, "POST", "/escalate", Request("task-sub-1"));
        var second = await host.SendAsync(Owner, "POST", "/escalate", Request("task-sub-1") with { errorHistory = ["again"] });
        await host.WorkAsync();

        Assert.Equal((200, 200, "pending"), (first.Status, second.Status, second.Body.GetProperty("status").GetString()));
        Assert.Equal(first.Body.GetProperty("escalationId").GetString(), second.Body.GetProperty("escalationId").GetString());
        Assert.Equal(["boom", "again"], EscalationRecords.Read((await host.RowAsync()).ErrorHistory));
        Assert.Equal(0, server.Asked);
        Assert.Equal(404, (await host.SendAsync(Stranger, "POST", "/escalate", Request("task-sub-1"))).Status);
    }

    [Fact]
    public async Task Peers_escalation_is_answered_with_an_unverified_candidate()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings { InferenceUrl = server.Address, InferenceToken = EscalationHost.InferenceToken });
        var request = Request("sub-77") with { hops = ["coord-child"], dataClass = "mesh" };

        Assert.Equal("pending", (await host.SendAsync("Peer/coord-child", "POST", "/escalate", request)).Body.GetProperty("status").GetString());
        await host.WorkAsync();
        var done = (await host.SendAsync("Peer/coord-child", "POST", "/escalate", request)).Body;

        Assert.Equal(("completed", Code, "unverified"), (done.GetProperty("status").GetString(), done.GetProperty("improvedCode").GetString(), done.GetProperty("verification").GetString()));
        Assert.Empty(host.Queue.Offers);
    }

    [Theory]
    [InlineData("coord-child,coord-1", "Peer/coord-1x", 409, "escalation_hops_invalid")]
    [InlineData("coord-1,coord-child", "Peer/coord-child", 409, "escalation_loop")]
    [InlineData("coord-a,coord-a,coord-child", "Peer/coord-child", 409, "escalation_loop")]
    [InlineData("coord-a,coord-b,coord-c,coord-child", "Peer/coord-child", 409, "escalation_too_many_hops")]
    [InlineData("", "Peer/coord-child", 409, "escalation_hops_invalid")]
    public async Task Circles_and_long_ways_are_refused(string hops, string caller, int status, string error)
    {
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());

        var answer = await host.SendAsync(caller, "POST", "/escalate", Request("sub-77") with { hops = hops.Split(',', StringSplitOptions.RemoveEmptyEntries), dataClass = "mesh" });

        Assert.Equal((status, error), (answer.Status, answer.Body.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Peers_work_of_class_team_is_refused()
    {
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());

        Assert.Equal(403, (await host.SendAsync("Peer/coord-child", "POST", "/escalate", Request("sub-77") with { hops = ["coord-child"] })).Status);
    }

    [Fact]
    public async Task Members_that_break_their_rules_are_named_together()
    {
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());

        var (status, answer) = await host.SendAsync(Owner, "POST", "/escalate", new { iterationsAttempted = 0 });

        Assert.Equal((400, "validation_failed"), (status, answer.GetProperty("error").GetString()));
        Assert.Equal(["taskId", "task", "failedCode", "errorHistory", "language", "iterationsAttempted"], answer.GetProperty("issues").EnumerateArray().Select(issue => issue.GetProperty("path").GetString()));
    }

    private sealed record Asked(string taskId, string agentId, string task, string failedCode, string[] errorHistory, string language, int iterationsAttempted, string[]? hops = null, string? dataClass = null);

    private static Asked Request(string id) => new(id, "agent-2", "write f", "def f(): pass", ["boom"], "python", 2);

    private async Task<EscalationHost> PendingAsync()
    {
        var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());
        await host.EscalateAsync();
        await host.WorkAsync();
        return host;
    }

    private static async Task LaterAsync(EscalationHost host)
    {
        host.Time.Advance(TimeSpan.FromSeconds(2));
        await host.WorkAsync();
    }
}
