using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Escalations;

public sealed class WaterfallTests : IDisposable
{
    private const string Code = "def f():\n    return 2\n";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Code_of_the_inference_service_counts_only_after_it_was_verified(StoreKind kind)
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server), kind: kind);
        await host.EscalateAsync();

        await host.WorkAsync();

        Assert.Equal([("sub-1", Code, "inference-service")], host.Queue.Offers);
        Assert.Equal(("processing", "unverified"), await StateAsync(host));

        await host.Queue.JudgeAsync("sub-1", accepted: true);
        await host.WorkAsync();
        await LaterAsync(host);

        var row = await host.RowAsync();
        Assert.Equal(("completed", "accepted", Code, "coder-7b", EscalationPhase.Done), (row.Status, row.Verification, row.ImprovedCode, row.ResolvedByModel, row.Phase));
        Assert.Equal(["candidate", "accepted"], Outcomes(row));
    }

    [Fact]
    public async Task Request_is_signed_carries_its_own_token_and_says_what_failed()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server) with { ParentToken = EscalationHost.ParentToken, CallbackToken = EscalationHost.CallbackToken });
        await host.EscalateAsync();

        await host.WorkAsync();

        var request = Assert.Single(server.Requests, r => r.Path == "/escalate");
        Assert.DoesNotContain(server.Requests.First(r => r.Path == "/health").Headers.Values, value => value.Contains(EscalationHost.InferenceToken));
        Assert.Equal(EscalationHost.InferenceToken, request.Headers["x-inference-token"]);
        Assert.Contains("keyid=\"peer:coord-1\"", request.Headers["Signature-Input"]);
        Assert.Contains("nonce=\"inference-service.", request.Headers["Signature-Input"]);
        Assert.DoesNotContain(request.Headers.Values, value => value.Contains(EscalationHost.ParentToken) || value.Contains(EscalationHost.CallbackToken));
        Assert.Equal(("write f", "def f():\n    return 1\n", 2), (request.Body.GetProperty("task").GetString(), request.Body.GetProperty("failedCode").GetString(), request.Body.GetProperty("errorHistory").GetArrayLength()));
    }

    [Fact]
    public async Task Candidate_that_fails_the_check_goes_on_to_a_person_with_its_report()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server));
        await host.EscalateAsync();
        await host.WorkAsync();
        await host.Queue.JudgeAsync("sub-1", accepted: false);

        await LaterAsync(host);

        var row = await host.RowAsync();
        Assert.Equal(("pending_human", "rejected", EscalationPhase.HumanWait), (row.Status, row.Verification, row.Phase));
        Assert.Equal(["candidate", "rejected", "passed_over", "passed_over"], Outcomes(row));
        Assert.Contains("inference-service: check_failed: 1 of 3 tests passed", EscalationRecords.Read(row.ErrorHistory));
        var human = await host.HumanAsync();
        Assert.Equal(("pending_human", row.EscalationId), (human.Status, human.EscalationId));
        Assert.Contains(EscalationRecords.Read(human.ErrorHistory), error => error.Contains("1 of 3 tests passed"));
        Assert.Single(host.Queue.Offers);
    }

    [Fact]
    public async Task Looking_again_at_what_waits_for_a_person_changes_nothing_of_it()
    {
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());
        await host.EscalateAsync();
        await host.WorkAsync();
        var before = await host.RowAsync();
        Assert.Equal(EscalationPhase.HumanWait, before.Phase);

        host.Time.Advance(TimeSpan.FromSeconds(31));
        await host.WorkAsync();

        var after = await host.RowAsync();
        Assert.True(after.NextAtMs > before.NextAtMs);
        Assert.Equal((before.UpdatedAtMs, before.Status, before.Phase), (after.UpdatedAtMs, after.Status, after.Phase));
    }

    [Fact]
    public async Task Steps_that_are_passed_over_say_why()
    {
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());
        await host.EscalateAsync();

        await host.WorkAsync();

        var attempts = EscalationStore.Attempts((await host.RowAsync()).Attempts);
        Assert.Equal(["passed_over", "passed_over", "passed_over"], attempts.Select(a => a.Outcome));
        Assert.Contains("INFERENCE_AUTH_TOKEN", attempts[0].Reason);
        Assert.Contains("PARENT_COORDINATOR_URL", attempts[1].Reason);
        Assert.Contains("no grant", attempts[2].Reason);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(429, 3)]
    [InlineData(500, 3)]
    [InlineData(503, 3)]
    [InlineData(400, 1)]
    [InlineData(401, 1)]
    [InlineData(404, 1)]
    public async Task Only_what_may_pass_is_tried_again(int status, int tries)
    {
        await using var server = await BackEndServer.SayingAsync(status);
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server) with { MaxRetries = 2 });
        await host.EscalateAsync();

        for (var i = 0; i < 6; i++)
        {
            await LaterAsync(host, seconds: 10);
        }

        Assert.Equal(tries, server.Asked);
        Assert.Equal("pending_human", (await host.RowAsync()).Status);
    }

    [Fact]
    public async Task Next_try_waits_its_time()
    {
        await using var server = await BackEndServer.StartAsync((_, asked) => asked == 0 ? (503, new { }) : (200, new { improvedCode = Code, explanation = "x", model = "m" }));
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server));
        await host.EscalateAsync();
        await host.WorkAsync();

        host.Time.Advance(TimeSpan.FromMilliseconds(900));
        await host.WorkAsync();
        Assert.Equal(1, server.Asked);

        host.Time.Advance(TimeSpan.FromMilliseconds(400));
        await host.WorkAsync();
        Assert.Equal(2, server.Asked);
        Assert.Single(host.Queue.Offers);
    }

    [Fact(Timeout = 180_000)]
    public async Task Claim_is_kept_while_a_slow_back_end_works_and_no_other_silo_asks_it_too()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var slow = new ManualResetEventSlim();
        await using var server = await BackEndServer.StartAsync((_, _) =>
        {
            asked.TrySetResult();
            slow.Wait(TestContext.Current.CancellationToken);
            return (200, new { improvedCode = Code, explanation = "x", model = "m" });
        });
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server) with { Timeout = TimeSpan.FromMinutes(9) });
        await host.EscalateAsync();
        await host.Waterfall.WorkOnceAsync(TestContext.Current.CancellationToken);
        var working = host.Waterfall.WorkOnceAsync(TestContext.Current.CancellationToken);
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);

        using var other = host.OtherSilo();
        for (var i = 0; i < 10; i++)
        {
            var before = (await host.RowAsync()).ClaimUntilMs;
            host.Time.Advance(TimeSpan.FromSeconds(30));
            while ((await host.RowAsync()).ClaimUntilMs == before)
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            }

            await other.WorkOnceAsync(TestContext.Current.CancellationToken);
        }

        slow.Set();
        await working;
        Assert.Equal(1, server.Asked);
        Assert.Equal(EscalationPhase.InferenceOffer, (await host.RowAsync()).Phase);
    }

    [Fact]
    public async Task Answer_without_code_is_no_candidate()
    {
        await using var server = await BackEndServer.StartAsync((_, _) => (200, new { improvedCode = "", explanation = "nothing" }));
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server));
        await host.EscalateAsync();

        await host.WorkAsync();

        Assert.Empty(host.Queue.Offers);
        Assert.Equal("pending_human", (await host.RowAsync()).Status);
    }

    [Fact]
    public async Task Work_of_class_team_reaches_no_parent_and_mesh_does_with_its_hops_and_own_token()
    {
        await using var parent = await BackEndServer.StartAsync((_, _) => (200, new { taskId = "x", status = "completed", improvedCode = Code, explanation = "the parent knows", resolvedByModel = "big" }));
        await using var host = await EscalationHost.StartAsync(_directory, Parent(parent));
        await host.EscalateAsync("sub-team");
        await host.EscalateAsync("sub-mesh", SharedDataClass.Mesh, failedCode: "key = 'AKIAABCDEFGHIJKLMNOP'\n");

        await host.WorkAsync();

        var request = Assert.Single(parent.Requests, r => r.Path == "/escalate");
        Assert.Equal(("sub-mesh", "coord-1"), (request.Body.GetProperty("taskId").GetString(), request.Body.GetProperty("hops")[0].GetString()));
        Assert.Equal(EscalationHost.ParentToken, request.Headers["x-mesh-token"]);
        Assert.False(request.Headers.ContainsKey("x-inference-token"));
        Assert.Contains("nonce=\"coord-parent.", request.Headers["Signature-Input"]);
        Assert.DoesNotContain("AKIAABCDEFGHIJKLMNOP", request.Body.ToString());
        Assert.Equal([("sub-mesh", Code, "parent-coordinator")], host.Queue.Offers);
        Assert.Equal("pending_human", (await host.RowAsync("sub-team")).Status);
    }

    [Fact]
    public async Task Parent_that_is_at_work_is_asked_again_until_it_is_done()
    {
        await using var parent = await BackEndServer.StartAsync((_, asked) => asked < 2
            ? (200, new { taskId = "x", status = "processing" })
            : (200, (object)new { taskId = "x", status = "completed", improvedCode = Code }));
        await using var host = await EscalationHost.StartAsync(_directory, Parent(parent));
        await host.EscalateAsync(dataClass: SharedDataClass.Mesh);

        for (var i = 0; i < 4; i++)
        {
            await LaterAsync(host, seconds: 5);
        }

        Assert.Equal(3, parent.Asked);
        Assert.Equal("coord-parent", (await host.RowAsync()).GivenTo);
        Assert.Single(host.Queue.Offers);
    }

    [Fact]
    public async Task Effect_that_was_not_noted_before_a_crash_is_not_repeated()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server));
        await host.EscalateAsync();
        host.Queue.DiesAfterEffect = new InvalidOperationException("killed");

        await host.WorkAsync();
        await LaterAsync(host, seconds: 120);
        Assert.Single(host.Queue.Offers);

        await host.Queue.JudgeAsync("sub-1", accepted: true);
        await LaterAsync(host);
        Assert.Equal("completed", (await host.RowAsync()).Status);
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task Candidate_rejected_before_the_crash_was_noticed_is_not_offered_again()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server));
        await host.EscalateAsync();
        host.Queue.DiesAfterEffect = new InvalidOperationException("killed");
        await host.WorkAsync();
        await host.Queue.JudgeAsync("sub-1", accepted: false);

        await LaterAsync(host, seconds: 120);

        Assert.Single(host.Queue.Offers);
        Assert.Equal(("pending_human", "rejected"), await StateAsync(host));
    }

    [Fact]
    public async Task Two_silos_do_every_step_once()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server));
        for (var i = 0; i < 6; i++)
        {
            await host.EscalateAsync($"sub-{i}");
        }

        using var other = host.OtherSilo();
        for (var i = 0; i < 10; i++)
        {
            await Task.WhenAll(host.WorkAsync(), host.WorkAsync(other));
        }

        Assert.Equal(6, server.Asked);
        Assert.Equal(6, host.Queue.Offers.Select(o => o.SubtaskId).Distinct().Count());
        Assert.Equal(6, host.Queue.Offers.Count);
    }

    [Fact]
    public async Task Claim_of_a_silo_that_died_lapses()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server));
        await host.EscalateAsync();
        var now = host.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.True(await host.Store.ClaimAsync(await host.RowAsync(), "dead", now, now + 90_000, TestContext.Current.CancellationToken));

        await host.WorkAsync();
        Assert.Equal(0, server.Asked);

        await LaterAsync(host, seconds: 91);
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task Restart_goes_on_where_it_was()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        await using var server = await BackEndServer.WithCodeAsync(Code);
        for (var step = 0; step < 6; step++)
        {
            await using var host = await EscalationHost.StartAsync(_directory, Inference(server), time);
            if (step == 0)
            {
                await host.EscalateAsync();
            }

            time.Advance(TimeSpan.FromSeconds(2));
            await host.Waterfall.WorkOnceAsync(TestContext.Current.CancellationToken);
            if (host.Queue.Offers.Count > 0)
            {
                await host.Queue.JudgeAsync("sub-1", accepted: true);
            }

            if (step == 5)
            {
                Assert.Equal(("completed", "accepted"), await StateAsync(host));
            }
        }

        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task Task_that_ends_ends_its_escalation_and_closes_the_record_of_the_person()
    {
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());
        await host.EscalateAsync();
        await host.WorkAsync();
        Assert.Equal("pending_human", (await host.RowAsync()).Status);

        await host.Writer.WriteAsync(batch => batch.Execute("UPDATE tasks SET state = 'cancelled' WHERE task_id = 'task-sub-1'"), TestContext.Current.CancellationToken);
        await LaterAsync(host, seconds: 31);

        Assert.Equal(("failed", "abandoned"), ((await host.RowAsync()).Status, (await host.HumanAsync()).Status));
    }

    [Fact]
    public async Task Repository_work_goes_to_a_person_with_the_reason()
    {
        await using var server = await BackEndServer.WithCodeAsync(Code);
        await using var host = await EscalationHost.StartAsync(_directory, Inference(server));
        await host.EscalateAsync(kind: SubtaskKind.RepoChange);

        await host.WorkAsync();

        Assert.Equal(0, server.Asked);
        Assert.Contains("repository", EscalationStore.Attempts((await host.RowAsync()).Attempts)[0].Reason);
    }

    [Fact]
    public async Task Secrets_are_taken_out_before_a_persons_record_is_stored()
    {
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());
        await host.EscalateAsync(failedCode: "password = 'correct-horse-battery'\nkey = 'AKIAABCDEFGHIJKLMNOP'\n");

        await host.WorkAsync();

        var human = await host.HumanAsync();
        Assert.DoesNotContain("correct-horse-battery", human.FailedCode);
        Assert.DoesNotContain("AKIAABCDEFGHIJKLMNOP", human.FailedCode);
        Assert.Contains("[REDACTED]", human.FailedCode);
    }

    [Fact]
    public async Task Receiver_is_told_of_each_state_and_a_failed_call_is_made_again_after_a_restart()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        await using var receiver = await BackEndServer.StartAsync((_, asked) => asked < 2 ? (0, new { }) : (200, new { }));
        var settings = new EscalationSettings { CallbackUrl = receiver.Address, CallbackToken = EscalationHost.CallbackToken };
        await using (var host = await EscalationHost.StartAsync(_directory, settings, time))
        {
            await host.EscalateAsync();
            await host.WorkAsync();
            Assert.Equal("pending_human", (await host.RowAsync()).Status);
        }

        await using var again = await EscalationHost.StartAsync(_directory, settings, time);
        for (var i = 0; i < 5; i++)
        {
            await LaterAsync(again, seconds: 10);
        }

        Assert.Null((await again.RowAsync()).CallbackAtMs);
        var last = receiver.Requests.Last();
        Assert.Equal(("/escalate/task-sub-1/result", "pending_human"), (last.Path, last.Body.GetProperty("status").GetString()));
        Assert.Equal($"Bearer {EscalationHost.CallbackToken}", last.Headers["Authorization"]);
        Assert.Contains("keyid=\"peer:coord-1\"", last.Headers["Signature-Input"]);
    }

    [Fact]
    public async Task Requester_is_told_by_events_of_the_task()
    {
        await using var host = await EscalationHost.StartAsync(_directory, new EscalationSettings());
        await host.EscalateAsync();
        await host.WorkAsync();

        var events = await host.Writer.WriteAsync(
            batch => batch.Query("SELECT sequence, type, data_json FROM task_events WHERE task_id = 'task-sub-1' ORDER BY sequence", r => (r.Number(0), r.Text(1), r.Text(2))), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Item1));
        Assert.All(events, e => Assert.Equal("escalation", e.Item2));
        Assert.Contains("pending_human", events[^1].Item3);
    }

    private static EscalationSettings Inference(BackEndServer server) => new() { InferenceUrl = server.Address, InferenceToken = EscalationHost.InferenceToken };

    private static EscalationSettings Parent(BackEndServer server) => new() { ParentUrl = server.Address, ParentToken = EscalationHost.ParentToken };

    private static async Task LaterAsync(EscalationHost host, int seconds = 2)
    {
        host.Time.Advance(TimeSpan.FromSeconds(seconds));
        await host.WorkAsync();
    }

    private static async Task<(string, string?)> StateAsync(EscalationHost host)
    {
        var row = await host.RowAsync();
        return (row.Status, row.Verification);
    }

    private static IEnumerable<string> Outcomes(EscalationRow row) => EscalationStore.Attempts(row.Attempts).Select(attempt => attempt.Outcome);
}
