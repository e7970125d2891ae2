using EdgeCoder.Agent.Workers;
using EdgeCoder.TestKit.Coordinators;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Workers;

/// <summary>The worker's life in front of a real listener: coordinator-and-mesh 3, 4.4, 4.5, 6, 10 from the agent's side.</summary>
public sealed class WorkerRuntimeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task It_registers_waits_for_approval_and_then_brings_a_sealed_and_signed_result()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        await using var worker = new WorkerBench(_directory, ScriptedWork.Done("def add(a, b): return a + b"), [coordinator.Url], token);
        coordinator.Enqueue(WorkerBench.Order("s-1"));
        worker.Begin();

        var waiting = await worker.ToldAsync(WorkerEventTypes.Status, "pending_approval");
        Assert.Contains("edgecoder node approve node-test", waiting.Message, StringComparison.Ordinal);
        coordinator.SetStatus(WorkerBench.AgentId, "active");
        var result = await coordinator.Results.Reader.ReadAsync(Cancel);

        Assert.True(result.Ok);
        Assert.Equal("def add(a, b): return a + b", result.Output);
        Assert.Equal("s-1", result.SubtaskId);
        Assert.Equal(("scripted", "sha256:abc"), (result.Model!.ModelId, result.Model.Digest));
        Assert.Equal(("namespaces", "d1"), (result.Sandbox!.Mode, result.Sandbox.Digest));
        Assert.Equal("{}"u8.ToArray(), coordinator.Blobs[result.LogsDigest!]);
        var log = Assert.Single(result.Blobs!);
        Assert.Equal(("{}"u8.Length, result.LogsDigest), (log.Size, log.Digest));
        Assert.NotEqual("{}"u8.ToArray(), coordinator.Blobs[log.SealedDigest]);
        Assert.Empty(coordinator.SignatureFaults);
        Assert.DoesNotContain("def add", Assert.Single(coordinator.ResultBodies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registration_tells_what_preflight_and_sandbox_have_proven_and_the_token_is_gone_afterwards()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        await using var worker = new WorkerBench(_directory, ScriptedWork.Done(), [coordinator.Url], token);
        worker.State.Change(memory => memory with { RegistrationToken = token });
        worker.Begin();
        var beat = await coordinator.Heartbeats.Reader.ReadAsync(Cancel);

        var register = Assert.Single(coordinator.Registrations);
        Assert.Equal(4_096, Assert.Single(register.Models!).ProvenContext);
        Assert.Equal(("namespaces", "d1", "linux"), (register.SandboxMode, register.SandboxDigest, register.Os));
        Assert.Equal(("coder:1b", 4_096, "server"), (beat.ActiveModel, beat.ProvenContext, beat.PowerTelemetry!.DeviceType));
        Assert.Null(worker.State.Memory.RegistrationToken);
        Assert.True(worker.State.Memory.Bound);
        Assert.Equal(coordinator.Key.SpkiSha256, worker.State.Memory.Pins[coordinator.PeerId]);
    }

    [Fact]
    public async Task Slots_are_used_in_parallel()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = new ScriptedWork(async (order, cancel) =>
        {
            await gate.Task.WaitAsync(cancel);
            return ScriptedWork.Outcome(order.Subtask.Id);
        });
        await using var worker = new WorkerBench(_directory, work, [coordinator.Url], token, slots: 3);
        foreach (var id in new[] { "s-1", "s-2", "s-3", "s-4" })
        {
            coordinator.Enqueue(WorkerBench.Order(id));
        }

        worker.Begin();
        await worker.ToldAsync(WorkerEventTypes.Status);
        coordinator.SetStatus(WorkerBench.AgentId, "active");
        for (var i = 0; i < 3; i++)
        {
            await work.Begun.Reader.ReadAsync(Cancel);
        }

        Assert.False(work.Begun.Reader.TryRead(out var _));
        gate.SetResult();
        var outputs = new List<string?>();
        for (var i = 0; i < 4; i++)
        {
            outputs.Add((await coordinator.Results.Reader.ReadAsync(Cancel)).Output);
        }

        Assert.Equal(["s-1", "s-2", "s-3", "s-4"], outputs.Order());
    }

    [Fact]
    public async Task Heartbeats_list_the_lease_with_its_step_and_a_revoked_lease_ends_the_work_without_a_result()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        var work = ScriptedWork.Endless();
        await using var worker = await WorkingAsync(coordinator, token, work);
        var order = await work.Begun.Reader.ReadAsync(Cancel);
        await UntilListedAsync(coordinator, order.Lease.LeaseId);

        coordinator.Revoke(order.Lease.LeaseId);
        await work.Cancelled.Reader.ReadAsync(Cancel);

        Assert.Equal("revoked", (await worker.ToldAsync(WorkerEventTypes.LeaseEnded)).Code);
        Assert.Empty(worker.Outbox.Waiting);
        Assert.Empty(coordinator.ResultBodies);
    }

    [Fact]
    public async Task Draining_lets_running_work_end_and_takes_none()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = new ScriptedWork(async (order, cancel) =>
        {
            await gate.Task.WaitAsync(cancel);
            return ScriptedWork.Outcome("done");
        });
        await using var worker = new WorkerBench(_directory, work, [coordinator.Url], token, slots: 2);
        coordinator.Enqueue(WorkerBench.Order("s-1"));
        var running = worker.Start();
        await worker.ToldAsync(WorkerEventTypes.Status);
        coordinator.SetStatus(WorkerBench.AgentId, "active");
        await work.Begun.Reader.ReadAsync(Cancel);

        worker.Drain();
        gate.SetResult();
        await running;

        Assert.Equal("done", (await coordinator.Results.Reader.ReadAsync(Cancel)).Output);
        coordinator.Enqueue(WorkerBench.Order("s-2"));
        Assert.False(work.Begun.Reader.TryRead(out var _));
    }

    [Fact]
    public async Task Stopping_gives_the_lease_back_with_its_reason()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        var work = ScriptedWork.Endless();
        await using var worker = await WorkingAsync(coordinator, token, work);
        var order = await work.Begun.Reader.ReadAsync(Cancel);

        worker.Stop();

        Assert.Equal((order.Lease.LeaseId, ReleaseReasons.Stopping), await coordinator.Releases.Reader.ReadAsync(Cancel));
        Assert.Empty(coordinator.ResultBodies);
    }

    [Fact]
    public async Task A_lease_that_cannot_be_obeyed_goes_back_with_the_reason()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        await using var worker = await WorkingAsync(coordinator, token, new((_, _) => Task.FromResult<WorkOutcome>(new WorkOutcome.GivenBack(ReleaseReasons.Model))));

        Assert.Equal(ReleaseReasons.Model, (await coordinator.Releases.Reader.ReadAsync(Cancel)).Reason);
    }

    [Fact]
    public async Task A_fault_of_the_work_gives_the_lease_back_and_the_worker_lives()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        var times = 0;
        await using var worker = await WorkingAsync(coordinator, token, new((_, _) => ++times == 1 ? throw new InvalidOperationException("secret") : Task.FromResult<WorkOutcome>(ScriptedWork.Outcome("second"))));

        Assert.Equal(ReleaseReasons.Fault, (await coordinator.Releases.Reader.ReadAsync(Cancel)).Reason);
        Assert.DoesNotContain("secret", (await worker.ToldAsync(WorkerEventTypes.Notice)).Message, StringComparison.Ordinal);
        coordinator.Enqueue(WorkerBench.Order("s-2"));
        Assert.Equal("second", (await coordinator.Results.Reader.ReadAsync(Cancel)).Output);
    }

    [Theory]
    [InlineData("envelope", ReleaseReasons.Envelope)]
    [InlineData("metadata", ReleaseReasons.Envelope)]
    [InlineData("plain", ReleaseReasons.Envelope)]
    [InlineData("lease", ReleaseReasons.Lease)]
    [InlineData("signature", ReleaseReasons.Lease)]
    public async Task Work_that_was_changed_on_the_way_stays_closed_and_goes_back(string changed, string reason)
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        coordinator.Tamper = assignment => changed switch
        {
            "envelope" => assignment with { Envelope = assignment.Envelope! with { EncryptedPayload = Convert.ToBase64String(new byte[64]) } },
            "metadata" => assignment with { Envelope = assignment.Envelope! with { Metadata = assignment.Envelope.Metadata with { Priority = 99 } } },
            "plain" => assignment with { Envelope = null, Subtask = WorkerBench.Order("s-1") },
            "lease" => assignment with { Lease = assignment.Lease with { Attempt = 2 } },
            _ => assignment with { SignedLease = Convert.ToBase64String("{}"u8) },
        };
        var work = ScriptedWork.Done();
        await using var worker = await WorkingAsync(coordinator, token, work);

        Assert.Equal(reason, (await coordinator.Releases.Reader.ReadAsync(Cancel)).Reason);
        Assert.False(work.Begun.Reader.TryRead(out var _));
    }

    [Fact]
    public async Task A_result_survives_the_restart_of_the_worker_byte_for_byte_and_its_lease_is_listed_meanwhile()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        coordinator.Fault = path => path == "/result" ? ScriptedCoordinator.Problem(503, "storage_unavailable") : null;
        byte[] signed;
        await using (var first = await WorkingAsync(coordinator, token, ScriptedWork.Done()))
        {
            await first.ToldAsync(WorkerEventTypes.Signed);
            signed = Assert.Single(first.Outbox.Waiting).Report;
        }

        var leaseId = (await coordinator.Grants.Reader.ReadAsync(Cancel)).LeaseId;
        while (coordinator.Heartbeats.Reader.TryRead(out var before))
        {
        }

        await using var second = new WorkerBench(_directory, ScriptedWork.Done("another"), [coordinator.Url]);
        second.Begin();
        await UntilListedAsync(coordinator, leaseId, step: null);
        coordinator.Fault = static _ => null;

        Assert.Equal("def add(a, b): return a + b", (await coordinator.Results.Reader.ReadAsync(Cancel)).Output);
        Assert.Equal(signed, System.Text.Encoding.UTF8.GetBytes(coordinator.ResultBodies.Last()));
        Assert.Null(second.State.Memory.RegistrationToken);
    }

    [Fact]
    public async Task After_three_failures_it_finds_the_next_coordinator_and_old_results_still_go_home()
    {
        var (home, token) = await Enrolled.StartAsync("coord-home");
        var (other, _) = await Enrolled.StartAsync("coord-other");
        await using var _1 = home;
        await using var _2 = other;
        var work = ScriptedWork.Done();
        await using var worker = new WorkerBench(_directory, work, [home.Url], token);
        // The other one is known from its cache, with its key, and lets this agent in.
        new Agent.Coordinators.CoordinatorCache(_directory["cache.json"], TimeProvider.System).Keep(new(other.PeerId, other.Url, other.Key.SpkiSha256, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
        home.Enqueue(WorkerBench.Order("s-1"));
        worker.State.Change(memory => memory with { PeerUrl = home.Url });
        home.Fault = path => path == "/result" ? ScriptedCoordinator.Problem(503, "storage_unavailable") : null;
        worker.Begin();
        await worker.ToldAsync(WorkerEventTypes.Status);
        home.SetStatus(WorkerBench.AgentId, "active");
        await worker.ToldAsync(WorkerEventTypes.Signed);

        home.Fault = path => path == "/result" || path.StartsWith("/blobs", StringComparison.Ordinal) ? null : ScriptedCoordinator.Problem(0, "gone");
        Assert.Equal("coordinator_unreachable", (await worker.ToldAsync(WorkerEventTypes.Searching)).Code);
        await worker.ToldAsync(WorkerEventTypes.Coordinator);

        Assert.Equal("s-1", (await home.Results.Reader.ReadAsync(Cancel)).SubtaskId);
    }

    [Fact]
    public async Task A_coordinator_that_forgot_the_node_is_registered_with_again()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        await using var worker = new WorkerBench(_directory, ScriptedWork.Done(), [coordinator.Url], token);
        var running = worker.Start();
        await worker.ToldAsync(WorkerEventTypes.Status);

        coordinator.Forget(WorkerBench.AgentId);
        var refused = await Assert.ThrowsAsync<WorkerException>(() => running);

        Assert.Equal("node_not_activated/registration_token_invalid", refused.Code);
        Assert.Contains("edgecoder worker join", refused.Hint, StringComparison.Ordinal);
        Assert.Equal(2, coordinator.Registrations.Count);
    }

    [Fact]
    public async Task A_node_that_nobody_enrolled_is_told_what_to_do()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var worker = new WorkerBench(_directory, ScriptedWork.Done(), [coordinator.Url]);

        var refused = await Assert.ThrowsAsync<WorkerException>(worker.Start);

        Assert.Equal("node_not_activated/registration_token_required", refused.Code);
        Assert.Contains("edgecoder node enroll", refused.Hint, StringComparison.Ordinal);
        Assert.Null(coordinator.KeyOf(WorkerBench.AgentId));
    }

    [Fact]
    public async Task A_rotated_key_is_handed_over_by_the_old_one_and_signs_from_then_on()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        await using (var first = new WorkerBench(_directory, ScriptedWork.Done(), [coordinator.Url], token))
        {
            first.Begin();
            await first.ToldAsync(WorkerEventTypes.Status);
        }

        await using var second = new WorkerBench(_directory, ScriptedWork.Done(), [coordinator.Url]);
        var before = coordinator.KeyOf(WorkerBench.AgentId)!;
        second.Keys.Rotate(1);
        second.Begin();
        await second.ToldAsync(WorkerEventTypes.Status);

        Assert.NotEqual(before, coordinator.KeyOf(WorkerBench.AgentId));
        Assert.Equal(second.Keys.Signing.PublicKey, coordinator.KeyOf(WorkerBench.AgentId));
        Assert.Null(second.Keys.Rotation);
        await coordinator.Heartbeats.Reader.ReadAsync(Cancel);
        Assert.Empty(coordinator.SignatureFaults);
    }

    [Fact]
    public async Task A_machine_whose_power_forbids_work_does_not_ask()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        await using var worker = new WorkerBench(_directory, ScriptedWork.Done(), [coordinator.Url], token, power: new() { DeviceType = "laptop", OnACPower = false, BatteryPct = 9 });
        coordinator.Enqueue(WorkerBench.Order("s-1"));
        worker.Begin();

        Assert.Contains("battery", (await worker.ToldAsync(WorkerEventTypes.Waiting, "laptop_battery_critical")).Message, StringComparison.Ordinal);
        Assert.False(coordinator.Grants.Reader.TryRead(out var _));
    }

    [Fact]
    public async Task A_processor_cap_that_is_not_held_is_said_not_to_be_held()
    {
        var (coordinator, token) = await Enrolled.StartAsync();
        await using var _ = coordinator;
        coordinator.Policy = new() { CpuCapPercent = 20 };
        await using var worker = new WorkerBench(_directory, ScriptedWork.Done(), [coordinator.Url], token);
        worker.Begin();

        Assert.Contains("allows 20 %", (await worker.ToldAsync(WorkerEventTypes.Notice, "cpu_cap_not_held")).Message, StringComparison.Ordinal);
    }

    private async Task<WorkerBench> WorkingAsync(ScriptedCoordinator coordinator, string token, ScriptedWork work)
    {
        var worker = new WorkerBench(_directory, work, [coordinator.Url], token);
        coordinator.Enqueue(WorkerBench.Order("s-1"));
        worker.Begin();
        await worker.ToldAsync(WorkerEventTypes.Status);
        coordinator.SetStatus(WorkerBench.AgentId, "active");
        return worker;
    }

    private static async Task UntilListedAsync(ScriptedCoordinator coordinator, string leaseId, int? step = 1)
    {
        await foreach (var beat in coordinator.Heartbeats.Reader.ReadAllAsync(Cancel))
        {
            if (beat.Leases!.Any(lease => lease.LeaseId == leaseId && lease.Step == step))
            {
                return;
            }
        }
    }
}
