using System.Net.Http.Headers;
using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Agents;

namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>Workers that lie over HTTP to a whole coordinator with its real sandbox; and a coordinator that believes them, which the same suite must find out.</summary>
public sealed class LyingWorkersTests(LyingScene scene) : IClassFixture<LyingScene>
{
    [Fact]
    public async Task Every_lie_about_the_work_is_rejected_for_its_reason_unpaid_and_the_task_goes_on_to_another() =>
        Assert.Empty(await LieSuite.BelievedAsync(scene, WorkLie.All));

    [Fact]
    public async Task Lies_about_the_lease_change_nothing_and_the_honest_holder_is_not_harmed()
    {
        // 1. Two agents, each with a task; the thief has what it needs to know about the other's.
        var tasks = await LyingTasks.UploadAsync(scene);
        var (holder, thief) = (await scene.AgentAsync("holder", LyingScene.Honest), await scene.AgentAsync("thief", LyingScene.Liars));
        var work = await LeaseAsync(tasks, holder, "held");
        var own = await LeaseAsync(tasks, thief, "stolen");
        var body = ScriptedAgent.Body(work, thief.Sign(work, Perfect));

        // 2. A lease that it does not hold, in its own name and in the holder's.
        Assert.Equal("409 lease_not_held unknown", (await thief.PostAsync("/result", body, LyingScene.Stop)).Outcome);
        Assert.Equal("401 agent_id_mismatch", (await thief.PostAsync("/result", ScriptedAgent.Body(work, holder.Sign(work, Perfect)), LyingScene.Stop)).Outcome);

        // 3. In the holder's name with its own key: the request, then the report inside a request of the holder's.
        Assert.Equal("401 signature_invalid signature_mismatch", (await thief.PostAsAsync("holder", "/result", body, LyingScene.Stop)).Outcome);
        var forged = thief.Sign(work, report => Perfect(report) with { AgentId = "holder" });
        Assert.Equal("400 report_signature_invalid", (await holder.PostAsync("/result", ScriptedAgent.Body(work, forged), LyingScene.Stop)).Outcome);

        // 4. Another's work under its own lease, sealed with the other's secret.
        var moved = ScriptedAgent.Body(work, thief.Sign(work, report => Perfect(report) with { LeaseId = own.Lease.LeaseId, SubtaskId = own.Order.Id, TaskId = own.Order.TaskId }));
        Assert.Equal("400 envelope_decrypt_failed", (await thief.PostAsync("/result", moved, LyingScene.Stop)).Outcome);
        Assert.Equal((SubtaskState.Leased, 0), await StandingAsync("held"));
        Assert.Equal((SubtaskState.Leased, 0), await StandingAsync("stolen"));

        // 5. Both can still do their work, and only that counts.
        await CompleteAsync(holder, work);
        await CompleteAsync(thief, own);
    }

    [Fact]
    public async Task Old_result_counts_once_however_it_is_sent_again()
    {
        var tasks = await LyingTasks.UploadAsync(scene);
        var agent = await scene.AgentAsync("agent-1", LyingScene.Liars);
        var first = await LeaseAsync(tasks, agent, "first");
        var report = agent.Sign(first, Perfect);
        var body = ScriptedAgent.Body(first, report);
        var headers = agent.SignPost("/result", body);
        Assert.Equal(200, await PostAsync(headers, body));
        await scene.EventAsync("first", "task.state", state => (string?)state["state"] == "completed");
        var second = await LeaseAsync(tasks, agent, "second");

        // The very request, and its body signed anew.
        Assert.Equal(401, await PostAsync(headers, body));
        Assert.True((await agent.PostAsync("/result", body, LyingScene.Stop)).As(MeshJson.Default.ResultAnswer).Duplicate);

        // Under the new lease: as it was sealed, and sealed anew with the old signature.
        var renamed = JsonSerializer.Deserialize(body, MeshJson.Default.ResultReport)! with { LeaseId = second.Lease.LeaseId, SubtaskId = second.Order.Id, TaskId = second.Order.TaskId };
        Assert.Equal("400 envelope_decrypt_failed", (await agent.PostAsync("/result", JsonSerializer.SerializeToUtf8Bytes(renamed, MeshJson.Default.ResultReport), LyingScene.Stop)).Outcome);
        Assert.Equal("400 report_signature_invalid", (await agent.ReportAsync(second, r => Perfect(r) with { ReportSignature = report.ReportSignature }, LyingScene.Stop)).Outcome);
        Assert.Equal((SubtaskState.Leased, 0), await StandingAsync("second"));
        await CompleteAsync(agent, second);

        // Another signed report of the same lease: that is a proof against the agent.
        Assert.Equal("409 result_conflict", (await agent.ReportAsync(first, r => Perfect(r) with { Error = "another" }, LyingScene.Stop)).Outcome);
    }

    [Fact]
    public async Task Result_after_its_lease_expired_is_refused_and_another_agent_does_the_work()
    {
        var tasks = await LyingTasks.UploadAsync(scene);
        var (late, other) = (await scene.AgentAsync("late", LyingScene.Liars), await scene.AgentAsync("other", LyingScene.Honest));
        var work = await LeaseAsync(tasks, late, "slow");
        await scene.AdvanceAsync(TimeSpan.FromSeconds(61));
        Assert.Equal("409 lease_not_held expired", (await late.ReportAsync(work, Perfect, LyingScene.Stop)).Outcome);
        await scene.AdvanceAsync(TimeSpan.FromSeconds(2));
        var again = Assert.Single(await other.WorkAsync(1, LyingScene.Stop));
        Assert.Equal(("slow", 2), (again.Order.TaskId, again.Lease.Attempt));
        Assert.Equal("409 lease_not_held expired", (await late.ReportAsync(work, Perfect, LyingScene.Stop)).Outcome);
        await CompleteAsync(other, again);
        Assert.Equal(0, await scene.EarnedAsync(LyingScene.Liars));
    }

    [Fact]
    public async Task Report_whose_digests_are_not_true_is_refused_and_the_third_ends_the_attempt()
    {
        var tasks = await LyingTasks.UploadAsync(scene);
        var (liar, other) = (await scene.AgentAsync("forger", LyingScene.Liars), await scene.AgentAsync("another", LyingScene.Honest));
        var work = await LeaseAsync(tasks, liar, "digests");
        Assert.Equal("400 result_digest_mismatch", (await liar.ReportAsync(work, r => Perfect(r) with { ResultDigest = ResultDigest.Of(r) }, LyingScene.Stop)).Outcome);
        Assert.Equal("400 check_mismatch", (await liar.ReportAsync(work, r => Perfect(r) with { CheckDigest = new string('0', 64) }, LyingScene.Stop)).Outcome);
        Assert.Equal("400 snapshot_mismatch", (await liar.ReportAsync(work, r => Perfect(r) with { SnapshotDigest = new string('0', 64) }, LyingScene.Stop)).Outcome);
        await scene.EventAsync("digests", "subtask.state", state => (string?)state["reason"] == "malformed_result");
        Assert.Equal("409 lease_not_held closed", (await liar.ReportAsync(work, Perfect, LyingScene.Stop)).Outcome);
        await scene.AdvanceAsync(TimeSpan.FromSeconds(2));
        await CompleteAsync(other, Assert.Single(await other.WorkAsync(1, LyingScene.Stop)));
        Assert.Equal(0, await scene.EarnedAsync(LyingScene.Liars));
    }

    // What the suite is for: a coordinator that believes its workers fails it, for every lie.
    [Fact]
    public async Task Coordinator_that_believes_its_workers_fails_the_suite()
    {
        await using var gullible = await LyingScene.StartAsync(verifiers: 0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(LyingScene.Stop);
        var verifier = BelievingVerifier.RunAsync(gullible.Role.Services, stop.Token);
        var believed = await LieSuite.BelievedAsync(gullible, WorkLie.All);
        await stop.CancelAsync();
        await verifier;
        Assert.All(WorkLie.All, lie => Assert.Contains(believed, fault => fault.StartsWith(lie.Name + ":", StringComparison.Ordinal)));
        Assert.Contains(believed, fault => fault.StartsWith("liars earned", StringComparison.Ordinal));
    }

    private static ResultReport Perfect(ResultReport report) => WorkLie.Perfect(report) with { Output = LyingTasks.Code };

    private async Task<OpenedWork> LeaseAsync(LyingTasks tasks, ScriptedAgent agent, string taskId)
    {
        await scene.SubmitAsync(tasks.Of(taskId, SubtaskKind.MicroLoop));
        return Assert.Single(await agent.WorkAsync(1, LyingScene.Stop));
    }

    private async Task CompleteAsync(ScriptedAgent agent, OpenedWork work)
    {
        Assert.Equal("200", (await LyingTasks.HonestAsync(agent, work)).Outcome);
        await scene.EventAsync(work.Order.TaskId, "task.state", state => (string?)state["state"] == "completed");
        Assert.Equal(LyingTasks.Code, Assert.Single((await scene.ResultAsync(work.Order.TaskId)).Outputs!).Output);
    }

    private async Task<(SubtaskState State, decimal Posted)> StandingAsync(string taskId)
    {
        var view = await scene.TaskAsync(taskId);
        return (Assert.Single(view.Subtasks!).State, view.Credits.Posted);
    }

    // One signed request, byte for byte.
    private async Task<int> PostAsync(SignedHeaders headers, byte[] body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(scene.Role.Url, "/result")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.TryAddWithoutValidation(ContentDigest.Header, headers.ContentDigest);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Input, headers.SignatureInput);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Signature, headers.Signature);
        using var answer = await http.SendAsync(request, LyingScene.Stop);
        return (int)answer.StatusCode;
    }
}
