using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Power;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Power;

namespace EdgeCoder.Agent.Workers;

/// <summary>The time with one coordinator: registered, heartbeats beside pulls, until it is lost, drained or must register again.</summary>
internal sealed partial class WorkerLink
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
    private readonly LeaseRunner _runner;
    private readonly CancellationToken _stop;
    private volatile FoundCoordinator _who;
    private volatile ICoordinator _coordinator;
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

    /// <summary>Heartbeats and pulls until the coordinator is lost, the worker is drained and its leases have ended, or it must register again.</summary>
    public async Task RunAsync(CancellationToken drain)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        using var pulls = CancellationTokenSource.CreateLinkedTokenSource(over.Token, drain);
        var beating = BeatAsync(over, drain);
        var pulling = PullAsync(over, pulls.Token);
        await Task.WhenAll(beating, pulling).ConfigureAwait(false);
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
            if (!answer.Assignments.All(assignment => OrderReading.IsSigned(assignment, _who, NowMs)))
            {
                await FollowAsync(cancellationToken).ConfigureAwait(false);
            }

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
