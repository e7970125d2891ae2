using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace EdgeCoder.Coordinator.Queue;

/// <inheritdoc cref="IQueuePartitionGrain"/>
[Reentrant]
internal sealed partial class QueuePartitionGrain(
    QueueOptions options, QueueSurroundings surroundings, QueueEffects effects, AuditEffects audits, IStoreWriter writer, IGrainFactory grains, QueueClock time, ILogger<QueuePartitionGrain> logger) : Grain, IQueuePartitionGrain
{
    private const long AgentsFreshMs = 1_000;
    private const long ReconcileMs = 60_000;
    private const long SecretsMs = 24 * 3_600_000;

    // Leases older than ten half-lives weigh nothing.
    private const long UsageMs = 6_000_000;

    private readonly PartitionState _state = new(options);
    private long _agentsAtMs = long.MinValue;
    private long _reconciledAtMs;
    private bool _sweeping;

    private int Partition => (int)this.GetPrimaryKeyLong();

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var (partition, nowMs) = (Partition, NowMs);
        var (waiting, leases, usage) = await writer.WriteAsync(batch => (SubtaskFactsReader.ReadAll(batch, partition), ReadLive(batch, partition), ReadUsage(batch, partition, nowMs)), cancellationToken);
        waiting.ForEach(_state.Work.Put);
        leases.ForEach(_state.Leases.Put);
        usage.ForEach(u => _state.Usage.Granted(u.Project, u.AtMs));
        _reconciledAtMs = nowMs;
        await RefreshAgentsAsync(cancellationToken);
        this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) { Interleave = true, KeepAlive = true });
        Loaded(partition, waiting.Count, leases.Count);
    }

    /// <inheritdoc/>
    public async Task<TakeAnswer> TakeAsync(AgentFacts agent, int want, int live)
    {
        await RefreshAgentsAsync(CancellationToken.None);
        var nowMs = NowMs;
        var superseded = _state.Parked.Remove(agent.AgentId);
        var picks = _state.Take(agent, want, live, nowMs);
        return picks.Count > 0
            ? new(picks, ExclusionRule.None, false, superseded)
            : new([], _state.Work.FirstRule(agent, _state.At(nowMs, agent.AgentId, live)), _state.Work.OnlySandboxed(agent), superseded);
    }

    /// <inheritdoc/>
    public Task GrantedAsync(LeaseCard lease)
    {
        _state.Granted(lease);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task GivenBackAsync(string subtaskId, GrantOutcome outcome)
    {
        if (!_state.GivenBack(subtaskId, outcome, NowMs))
        {
            await LookUpAsync([subtaskId]);
        }

        // Those who lost the subtask to a try that failed get their turn.
        Match();
    }

    /// <inheritdoc/>
    public Task<bool> ParkAsync(AgentFacts agent, long pullId)
    {
        var now = _state.Work.Best(agent, _state.At(NowMs)) is not null;
        if (!now)
        {
            _state.Parked.Park(new(agent, pullId));
        }

        return Task.FromResult(now);
    }

    /// <inheritdoc/>
    public Task UnparkAsync(string agentId, long pullId)
    {
        _state.Parked.Remove(agentId, pullId);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<int> ParkedAsync() => Task.FromResult(_state.Parked.Count);

    /// <inheritdoc/>
    public Task MatchAsync()
    {
        Match();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ApplyAsync(PartitionChange change)
    {
        _state.Apply(change);
        if (change.EndedLeases.Count > 0 || change.Budgets.Count > 0)
        {
            Match();
        }
        else if (_state.Parked.Count > 0)
        {
            var moment = _state.At(NowMs);
            foreach (var subtask in change.Queued)
            {
                if (!subtask.BaselineWaits && _state.Parked.TakeFor(subtask, moment) is { } pull)
                {
                    _ = WakeAsync(pull);
                }
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SubtaskJudgement>> JudgeAsync(IReadOnlyList<string> subtaskIds, IReadOnlyList<AgentFacts> agents)
    {
        await RefreshAgentsAsync(CancellationToken.None);
        var moment = _state.At(NowMs);
        return
        [
            .. subtaskIds.Select(_state.Work.Find).OfType<SubtaskFacts>().Select(subtask =>
                new SubtaskJudgement(subtask.SubtaskId, subtask.BaselineWaits, [.. agents.Select(agent => Eligibility.Judge(agent, subtask, moment))])),
        ];
    }

    /// <inheritdoc/>
    public async Task<AgentJudgement> JudgeAgentAsync(AgentFacts agent, int most)
    {
        await RefreshAgentsAsync(CancellationToken.None);
        return AgentJudgements.Of(agent, _state, most, NowMs);
    }

    /// <inheritdoc/>
    public async Task SweepAsync()
    {
        var nowMs = NowMs;

        // 1. Leases whose deadline has passed; a heartbeat may have moved it in the rows.
        var due = _state.Leases.Due(nowMs);
        if (due.Count > 0)
        {
            var (changes, moved) = await writer.WriteAsync(batch => Expire(batch, due, nowMs), CancellationToken.None);
            moved.ForEach(_state.Leases.Put);
            await effects.ApplyAsync(changes);
        }

        // 2. Tasks whose deadline has passed, audits that found no auditor; safe to do on two silos.
        await FailOverdueAsync(nowMs);

        // 3. Tries to lease that came to nothing, and now and then everything.
        await LookUpAsync(_state.Overdue(nowMs));
        if (nowMs - _reconciledAtMs >= ReconcileMs)
        {
            await ReconcileAsync(nowMs);
        }

        // 4. Time alone makes agents eligible: pauses end, hours begin, wished models are given up.
        await RefreshAgentsAsync(CancellationToken.None);
        Match();
    }

    private static (QueueChanges Changes, List<LeaseCard> Moved) Expire(IStoreBatch batch, List<LeaseCard> due, long nowMs)
    {
        var changes = new QueueChanges();
        var moved = new List<LeaseCard>();
        foreach (var lease in due)
        {
            if (AttemptEnds.EndLive(batch, lease.LeaseId, AttemptEnd.Expired, "expired", changes, nowMs))
            {
                continue;
            }

            if (batch.Query("SELECT deadline_ms, partition FROM leases WHERE lease_id = $1 AND state = 'live'", row => row.Number(0), lease.LeaseId) is [var deadline])
            {
                moved.Add(lease with { DeadlineMs = deadline });
            }
            else
            {
                changes.Of(batch.Query("SELECT partition FROM leases WHERE lease_id = $1", row => (int)row.Number(0), lease.LeaseId).FirstOrDefault()).EndedLeases.Add(lease.LeaseId);
            }
        }

        return (changes, moved);
    }

    private static List<LeaseCard> ReadLive(IStoreBatch batch, int partition) => batch.Query(
        "SELECT l.lease_id, l.subtask_id, l.agent_id, l.project_id, CASE WHEN l.purpose = 'work' THEN t.tenant_id END, l.granted_at_ms, l.deadline_ms FROM leases l JOIN tasks t ON t.task_id = l.task_id WHERE l.state = 'live' AND l.partition = $1",
        row => new LeaseCard(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.TextOrNull(4), row.Number(5), row.Number(6)), partition);

    private static List<(string Project, long AtMs)> ReadUsage(IStoreBatch batch, int partition, long nowMs) => batch.Query(
        "SELECT project_id, granted_at_ms FROM leases WHERE partition = $1 AND granted_at_ms > $2 ORDER BY granted_at_ms", row => (row.Text(0), row.Number(1)), partition, nowMs - UsageMs);

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        if (_sweeping)
        {
            return;
        }

        _sweeping = true;
        try
        {
            await SweepAsync();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The next second tries again; rows say what is due.
            SweepFailed(fault, Partition);
        }
        finally
        {
            _sweeping = false;
        }
    }

    private async Task FailOverdueAsync(long nowMs)
    {
        var partition = Partition;
        var changes = await writer.WriteAsync(
            batch =>
            {
                var made = new QueueChanges();
                foreach (var taskId in batch.Query("SELECT task_id FROM tasks WHERE deadline_ms <= $1 AND deadline_ms IS NOT NULL AND finished_at_ms IS NULL AND partition = $2 LIMIT 100", row => row.Text(0), nowMs, partition))
                {
                    TaskEnds.Finish(batch, taskId, "failed", "deadline_exceeded", made, nowMs);
                }

                audits.Lapse(batch, partition, made, nowMs);
                return made;
            },
            CancellationToken.None);
        await effects.ApplyAsync(changes);
    }

    private async Task LookUpAsync(List<string> subtaskIds)
    {
        if (subtaskIds.Count == 0)
        {
            return;
        }

        var waiting = await writer.WriteAsync(batch => subtaskIds.Select(id => SubtaskFactsReader.Read(batch, id)).OfType<SubtaskFacts>().ToList(), CancellationToken.None);
        waiting.ForEach(_state.Work.Put);
    }

    private async Task ReconcileAsync(long nowMs)
    {
        var (version, partition) = (_state.Version, Partition);
        var waiting = await writer.WriteAsync(
            batch =>
            {
                // A day after the end nobody needs to open a late duplicate of a sealed result (coordinator-and-mesh 6).
                batch.Execute("UPDATE leases SET exporter_secret = NULL WHERE exporter_secret IS NOT NULL AND ended_at_ms < $1 AND partition = $2", nowMs - SecretsMs, partition);
                return SubtaskFactsReader.ReadAll(batch, partition);
            },
            CancellationToken.None);
        if (version == _state.Version)
        {
            _state.Reconcile(waiting);
            _reconciledAtMs = nowMs;
        }
    }

    private async Task RefreshAgentsAsync(CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        if (_agentsAtMs != long.MinValue && nowMs - _agentsAtMs is >= 0 and < AgentsFreshMs)
        {
            return;
        }

        _agentsAtMs = nowMs;
        _state.Agents = await surroundings.Agents(cancellationToken);
        _state.Paused = await surroundings.Paused(cancellationToken);
    }

    private void Match()
    {
        if (_state.Parked.Count == 0 || _state.Work.Count == 0)
        {
            return;
        }

        foreach (var pull in _state.Parked.TakeFitting(_state.Work, _state.At(NowMs)))
        {
            _ = WakeAsync(pull);
        }
    }

    // A pull that has ended meanwhile leaves its work to the next.
    private async Task WakeAsync(ParkedPull pull)
    {
        if (!await grains.GetGrain<IAgentSessionGrain>(pull.Agent.AgentId).WakeAsync(pull.PullId))
        {
            Match();
        }
    }
}
