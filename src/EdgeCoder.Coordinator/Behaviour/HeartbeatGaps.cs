using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>
/// Notes silences of more than five minutes of agents that held a lease of somebody else's work when they were heard last. A time in which this process did not run is nobody's
/// silence, and a heartbeat that another silo took ends one.
/// </summary>
internal sealed class HeartbeatGaps(IStoreWriter writer, TimeProvider time)
{
    private const long LongMs = 300_000;

    private readonly long _startedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A heartbeat comes after one at <paramref name="lastMs"/>; 0: none is known. Almost always nothing is to do.</summary>
    public ValueTask NoteAsync(string agentId, long lastMs, CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return lastMs < _startedAtMs || nowMs - lastMs <= LongMs ? default : new(WriteAsync(agentId, lastMs, nowMs, cancellationToken));
    }

    private Task WriteAsync(string agentId, long lastMs, long nowMs, CancellationToken cancellationToken) => writer.WriteAsync(
        batch =>
        {
            var stored = batch.Query("SELECT heartbeat_at_ms FROM agent_sightings WHERE agent_id = $1", r => r.Number(0), agentId) is [var at] ? at : 0;
            var fromMs = Math.Max(lastMs, stored);
            return nowMs - fromMs > LongMs
                && batch.Query(
                    """
                    SELECT 1 FROM leases l JOIN tasks t ON t.task_id = l.task_id WHERE l.agent_id = $1 AND l.state = 'live' AND l.granted_at_ms <= $2 AND l.owner_account_id <> t.account_id
                    UNION ALL
                    SELECT 1 FROM leases l JOIN tasks t ON t.task_id = l.task_id WHERE l.agent_id = $1 AND l.state = 'expired' AND l.granted_at_ms <= $2 AND l.ended_at_ms > $2 AND l.owner_account_id <> t.account_id
                    """,
                    r => r.Number(0), agentId, fromMs).Count > 0
                && batch.TryInsert(new HeartbeatGapRow { AgentId = agentId, AtMs = nowMs, GapMs = nowMs - fromMs });
        },
        cancellationToken);
}
