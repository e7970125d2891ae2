using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Power;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Power;

namespace EdgeCoder.Agent.Workers;

/// <summary>The time with one coordinator: registered, heartbeats beside pulls, until it is lost, drained or must register again.</summary>
internal sealed class WorkerLink
{
    /// <summary>Failures in a row after which the coordinator is looked for again (coordinator-and-mesh 10).</summary>
    public const int MostFailures = 3;

    private static readonly TimeSpan LeastGap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BlockedPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PowerPause = TimeSpan.FromSeconds(15);

    private readonly WorkerParts _parts;
    private readonly HeldLeases _held;
    private readonly Teller _tell;
    private readonly Connections _connections;
    private readonly FoundCoordinator _who;
    private readonly LeaseRunner _runner;
    private readonly CancellationToken _stop;
    private ICoordinator _coordinator;
    private volatile AgentPolicy _policy = new();
    private volatile string _status = "";
    private int _failures;
    private long _lastAssignmentMs;

    public WorkerLink(WorkerParts parts, HeldLeases held, Teller tell, Connections connections, FoundCoordinator who, CancellationToken stop)
    {
        (_parts, _held, _tell, _connections, _who, _stop) = (parts, held, tell, connections, who, stop);
        _coordinator = connections.Of(who, parts.Keys.Signing);
        _runner = new(parts, held, tell, stop);
    }

    private long NowMs => _parts.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Registers (3.1). False: not now, try again or elsewhere. Throws <see cref="WorkerException"/> for a refusal that only a person can change.
    /// </summary>
    public async Task<bool> RegisterAsync(CancellationToken cancellationToken)
    {
        var memory = _parts.State.Memory;
        var rotation = _parts.Keys.Rotation;
        var key = rotation?.Key ?? _parts.Keys.Signing;
        _coordinator = _connections.Of(_who, key);
        var active = _parts.Models.Active;
        var request = new RegisterRequest
        {
            AgentId = _parts.Keys.AgentId,
            Os = _parts.Settings.Os,
            Version = _parts.Settings.Version,
            Mode = _parts.Settings.Mode,
            PublicKeyPem = key.PublicKey.Pem,
            X25519PublicKey = _parts.Keys.Envelope.PublicKey,
            X25519Signature = X25519Binding.Sign(_parts.Keys.AgentId, _parts.Keys.Envelope.PublicKey, key),
            RegistrationToken = _parts.Settings.RegistrationToken ?? memory.RegistrationToken,
            Rotation = rotation is { } waiting ? Convert.ToBase64String(waiting.Statement) : null,
            // Where it is bound already, the last statement says so to another coordinator.
            Enrolment = memory.Bound && memory.PeerId != _who.PeerId ? memory.Enrolment : null,
            DeviceId = _parts.Settings.DeviceId,
            ClientType = _parts.Settings.ClientType,
            LocalModelProvider = active.Provider,
            MaxConcurrentTasks = _parts.Settings.Slots,
            PowerTelemetry = await _parts.Power.SampleAsync(cancellationToken).ConfigureAwait(false),
            SandboxMode = _parts.Sandbox.Mode,
            SandboxDigest = _parts.Sandbox.Digest,
            Models = [.. _parts.Models.Proven.Select(model => model.Claim)],
            BinaryIntegrity = _parts.Settings.Integrity is { } integrity ? await Task.Run(integrity, cancellationToken).ConfigureAwait(false) : null,
        };
        try
        {
            var answer = await _coordinator.RegisterAsync(request, cancellationToken).ConfigureAwait(false);
            if (rotation is not null)
            {
                _parts.Keys.Promote();
                _tell.Tell(WorkerEventTypes.Notice, "The new key is in force; the old one is void.");
            }

            Remember();
            Obey(answer.Policy ?? new());
            SetStatus(answer.Status);
            return true;
        }
        catch (CoordinatorFault fault)
        {
            return Refused(fault, memory.Bound && memory.PeerId != _who.PeerId);
        }
    }

    /// <summary>Heartbeats and pulls until the coordinator is lost, the worker is drained and its leases have ended, or it must register again.</summary>
    public async Task RunAsync(CancellationToken drain)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        using var pulls = CancellationTokenSource.CreateLinkedTokenSource(over.Token, drain);
        var beating = BeatAsync(over, drain);
        var pulling = PullAsync(over, pulls.Token);
        await Task.WhenAll(beating, pulling).ConfigureAwait(false);
    }

    private async Task BeatAsync(CancellationTokenSource over, CancellationToken drain)
    {
        try
        {
            while (true)
            {
                var changed = _held.Changed;
                if (drain.IsCancellationRequested && _held.Count == 0)
                {
                    await over.CancelAsync().ConfigureAwait(false);
                    return;
                }

                await BeatOnceAsync(over).ConfigureAwait(false);
                // At once on change, but not more often than once in a second.
                await Task.Delay(LeastGap, _parts.Time, over.Token).ConfigureAwait(false);
                await WaitAsync(changed, drain, _parts.Settings.HeartbeatPace - LeastGap, over.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Stopped, or lost.
        }
    }

    private async Task WaitAsync(Task changed, CancellationToken drain, TimeSpan most, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, drain.IsCancellationRequested ? CancellationToken.None : drain);
        await Task.WhenAny(changed, Task.Delay(most, _parts.Time, end.Token)).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task BeatOnceAsync(CancellationTokenSource over)
    {
        try
        {
            var answer = await _coordinator.HeartbeatAsync(await HeartbeatAsync(over.Token).ConfigureAwait(false), over.Token).ConfigureAwait(false);
            _failures = 0;
            Apply(answer);
        }
        catch (CoordinatorFault fault)
        {
            await FailedAsync(fault, over).ConfigureAwait(false);
        }
    }

    private async Task<HeartbeatRequest> HeartbeatAsync(CancellationToken cancellationToken)
    {
        var held = _held.All.Where(lease => lease.Coordinator.Who.PeerId == _who.PeerId).ToList();
        var active = _parts.Models.Active;
        return new()
        {
            AgentId = _parts.Keys.AgentId,
            BusySlots = _held.Count,
            // A result that is signed and not taken yet keeps its lease alive too, also after a restart.
            Leases =
            [
                .. held.Select(lease => lease.Step is { Step: > 0 } step ? new Protocol.Agents.HeldLease(lease.Lease.LeaseId, step.Step, step.Message) : new(lease.Lease.LeaseId, null, null)),
                .. _parts.Outbox.Waiting.Where(result => result.HomePeerId == _who.PeerId && held.All(lease => lease.Lease.LeaseId != result.LeaseId)).Select(result => new Protocol.Agents.HeldLease(result.LeaseId, null, "reporting")),
            ],
            PowerTelemetry = await _parts.Power.SampleAsync(cancellationToken).ConfigureAwait(false),
            ActiveModel = active.Claim.ModelId,
            ActiveModelParamSize = active.Parameters,
            ModelDigest = active.Claim.Digest,
            ProvenContext = active.Claim.ProvenContext,
            ToolForm = active.Claim.ToolForm,
            DecodeTokensPerSecond = active.Claim.DecodeTokensPerSecond,
            Models = [.. _parts.Models.Proven.Select(model => model.Claim)],
            SandboxMode = _parts.Sandbox.Mode,
            SandboxDigest = _parts.Sandbox.Digest,
        };
    }

    private void Obey(AgentPolicy policy)
    {
        var known = _policy.CpuCapPercent;
        _policy = policy;
        if (policy.CpuCapPercent != known && ProcessorCap.Notice(policy, Environment.ProcessorCount) is { } notice)
        {
            _tell.Tell(WorkerEventTypes.Notice, notice, "cpu_cap_not_held");
        }
    }

    private void Apply(HeartbeatAnswer answer)
    {
        if (answer.Blacklisted == true)
        {
            SetStatus("blacklisted");
            foreach (var lease in _held.All)
            {
                lease.Withdraw("revoked");
            }

            return;
        }

        Obey(answer.Policy ?? _policy);
        SetStatus(answer.Status ?? _status);
        foreach (var standing in (answer.Leases ?? []).Where(standing => standing.State != "held"))
        {
            _held.Withdraw(standing.LeaseId, standing.State);
        }

        if (answer.Enrolment is { } enrolment || answer.NetworkMode is not null)
        {
            _parts.State.Change(memory => memory with { Enrolment = answer.Enrolment ?? memory.Enrolment, NetworkMode = answer.NetworkMode ?? memory.NetworkMode });
        }
    }

    private async Task PullAsync(CancellationTokenSource over, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var changed = _held.Changed;
                var free = Math.Min(_parts.Settings.Slots, Math.Max(1, _policy.MaxConcurrentTasks)) - _held.Count;
                if (free <= 0)
                {
                    await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (await PermissionAsync(cancellationToken).ConfigureAwait(false) is { MayLease: false } refused)
                {
                    _tell.Waiting(refused.Reason, WaitingReasons.Text(refused.Reason, _parts.Keys.AgentId));
                    await Task.Delay(refused.DeferMs is { } deferMs ? TimeSpan.FromMilliseconds(deferMs) : PowerPause, _parts.Time, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                await PullOnceAsync(free, over, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || over.IsCancellationRequested)
        {
            // Stopped, drained, or lost: the linked token may still be on its way when the heartbeats have found out.
        }
    }

    private async Task PullOnceAsync(int free, CancellationTokenSource over, CancellationToken cancellationToken)
    {
        var asked = _parts.Time.GetTimestamp();
        PullAnswer answer;
        try
        {
            answer = await _coordinator.PullAsync(
                new() { AgentId = _parts.Keys.AgentId, WaitMs = (int)_parts.Settings.PullWait.TotalMilliseconds, MaxSubtasks = free }, cancellationToken).ConfigureAwait(false);
            _failures = 0;
        }
        catch (CoordinatorFault fault)
        {
            await FailedAsync(fault, over).ConfigureAwait(false);
            return;
        }

        if (answer.Assignments.Count > 0)
        {
            _lastAssignmentMs = NowMs;
            _tell.Working();
            SetStatus("active");
            var small = (await PermissionAsync(cancellationToken).ConfigureAwait(false)).SmallTasksOnly;
            foreach (var assignment in answer.Assignments)
            {
                _runner.Begin(assignment, _coordinator, _policy, small);
            }

            return;
        }

        var reason = answer.Reason ?? "no_work";
        if (answer.Blocked == true)
        {
            SetStatus(reason);
        }
        else
        {
            if (_status is "pending_approval" or "offline")
            {
                SetStatus("active");
            }

            _tell.Waiting(reason, WaitingReasons.Text(reason, _parts.Keys.AgentId));
        }

        await Task.Delay(Pause(answer, _parts.Time.GetElapsedTime(asked)), _parts.Time, cancellationToken).ConfigureAwait(false);
    }

    // An answer that came after the whole wait needs no pause; one that came at once would come at once again.
    private TimeSpan Pause(PullAnswer answer, TimeSpan took) =>
        answer.DeferMs is { } defer ? TimeSpan.FromMilliseconds(Math.Clamp(defer, 0, 60_000))
        : took >= _parts.Settings.PullWait / 2 ? TimeSpan.Zero
        : answer.PowerDeferred == true ? PowerPause
        : answer.Blocked == true || answer.SandboxRequired == true ? BlockedPause
        : LeastGap + (_parts.BackOff.After(1) / 2);

    // The coordinator asks the same table; an agent that is refused here does not even ask.
    private async Task<PowerDecision> PermissionAsync(CancellationToken cancellationToken)
    {
        var sample = await _parts.Power.SampleAsync(cancellationToken).ConfigureAwait(false);
        return PowerPolicy.Decide(_parts.Settings.Os, PowerReading.Received(sample, NowMs), _lastAssignmentMs, NowMs, _parts.Settings.Phone);
    }

    private async Task FailedAsync(CoordinatorFault fault, CancellationTokenSource over)
    {
        over.Token.ThrowIfCancellationRequested();
        if (fault is { Code: "mesh_unauthorized", Reason: "agent_not_registered" })
        {
            _tell.Tell(WorkerEventTypes.Notice, "The coordinator does not know this node any more; registering again.", fault.FullCode);
            await over.CancelAsync().ConfigureAwait(false);
            return;
        }

        if (!fault.IsOutage)
        {
            _tell.Waiting(fault.FullCode, fault.Message);
            await Task.Delay(fault.RetryAfter ?? PowerPause, _parts.Time, over.Token).ConfigureAwait(false);
            return;
        }

        var failures = Interlocked.Increment(ref _failures);
        if (failures >= MostFailures)
        {
            _tell.Tell(WorkerEventTypes.Searching, $"{fault.Message} Looking for a coordinator.", fault.FullCode);
            await over.CancelAsync().ConfigureAwait(false);
            return;
        }

        await Task.Delay(_parts.BackOff.After(failures), _parts.Time, over.Token).ConfigureAwait(false);
    }

    private void Remember() => _parts.State.Change(memory => memory with
    {
        AgentId = _parts.Keys.AgentId,
        Bound = true,
        RegistrationToken = null,
        PeerId = _who.PeerId,
        PeerUrl = _who.Url,
        NetworkMode = _who.NetworkMode,
        Pins = memory.Pins.ContainsKey(_who.PeerId) ? memory.Pins : new Dictionary<string, string>(memory.Pins) { [_who.PeerId] = _who.Key.SpkiSha256 },
    });

    private bool Refused(CoordinatorFault fault, bool elsewhere)
    {
        if (fault.IsFinal && !elsewhere && fault.Reason is not "portal_validation_unreachable" && fault.Reason?.StartsWith("portal_validation_failed_5", StringComparison.Ordinal) != true)
        {
            throw new WorkerException(fault.FullCode, fault.Message, WaitingReasons.RegistrationHint(fault.Reason ?? fault.Code, _parts.Keys.AgentId));
        }

        var hint = fault.Reason == "clock_skew" ? " Set the clock of this machine." : "";
        _tell.Waiting(fault.FullCode, $"Registration waits: {fault.Message}{hint}");
        return false;
    }

    // A pull names the rule that excludes the agent, a heartbeat its state: agent_pending_approval is pending_approval.
    private void SetStatus(string told)
    {
        var status = told.StartsWith("agent_", StringComparison.Ordinal) ? told["agent_".Length..] : told;
        if (_status == status)
        {
            return;
        }

        _status = status;
        _tell.Tell(WorkerEventTypes.Status, status == "active" ? $"{_parts.Keys.AgentId} is approved and active." : WaitingReasons.Text(status, _parts.Keys.AgentId), status);
    }
}
