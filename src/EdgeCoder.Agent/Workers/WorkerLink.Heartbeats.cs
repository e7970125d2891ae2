using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Power;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Workers;

/// <content>Heartbeats: what is told, and what is done with the answer.</content>
internal sealed partial class WorkerLink
{
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
}
