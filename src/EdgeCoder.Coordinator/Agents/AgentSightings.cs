using System.Collections.Concurrent;
using System.Text.Json;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>
/// Sightings in memory, written together every few seconds: ten thousand heartbeats are some hundred rows a second instead of as many transactions. A
/// crash loses the last seconds of liveness, which the next heartbeat tells again; everything that decides about an agent is in <see cref="AgentRow"/>
/// and written at once.
/// </summary>
internal sealed class AgentSightings(IStoreWriter writer, TimeProvider time)
{
    /// <summary>Rows of one operation: short enough that nobody's submit waits for it noticeably.</summary>
    private const int RowsPerWrite = 500;

    private const string Upsert = """
        INSERT INTO agent_sightings (agent_id, last_seen_ms, last_assignment_ms, heartbeat_at_ms, busy_slots, telemetry_json, telemetry_at_ms, active_model, active_model_param_size, model_swap_in_progress, decode_milli_tokens)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (agent_id) DO UPDATE SET
            last_seen_ms = CASE WHEN excluded.last_seen_ms > agent_sightings.last_seen_ms THEN excluded.last_seen_ms ELSE agent_sightings.last_seen_ms END,
            last_assignment_ms = CASE WHEN excluded.last_assignment_ms > agent_sightings.last_assignment_ms THEN excluded.last_assignment_ms ELSE agent_sightings.last_assignment_ms END,
            heartbeat_at_ms = CASE WHEN excluded.heartbeat_at_ms >= agent_sightings.heartbeat_at_ms THEN excluded.heartbeat_at_ms ELSE agent_sightings.heartbeat_at_ms END,
            busy_slots = CASE WHEN excluded.heartbeat_at_ms >= agent_sightings.heartbeat_at_ms THEN excluded.busy_slots ELSE agent_sightings.busy_slots END,
            telemetry_json = CASE WHEN excluded.heartbeat_at_ms >= agent_sightings.heartbeat_at_ms THEN excluded.telemetry_json ELSE agent_sightings.telemetry_json END,
            telemetry_at_ms = CASE WHEN excluded.heartbeat_at_ms >= agent_sightings.heartbeat_at_ms THEN excluded.telemetry_at_ms ELSE agent_sightings.telemetry_at_ms END,
            active_model = CASE WHEN excluded.heartbeat_at_ms >= agent_sightings.heartbeat_at_ms THEN excluded.active_model ELSE agent_sightings.active_model END,
            active_model_param_size = CASE WHEN excluded.heartbeat_at_ms >= agent_sightings.heartbeat_at_ms THEN excluded.active_model_param_size ELSE agent_sightings.active_model_param_size END,
            model_swap_in_progress = CASE WHEN excluded.heartbeat_at_ms >= agent_sightings.heartbeat_at_ms THEN excluded.model_swap_in_progress ELSE agent_sightings.model_swap_in_progress END,
            decode_milli_tokens = CASE WHEN excluded.heartbeat_at_ms >= agent_sightings.heartbeat_at_ms THEN excluded.decode_milli_tokens ELSE agent_sightings.decode_milli_tokens END
        """;

    private readonly ConcurrentDictionary<string, AgentSighting> _last = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unwritten = new(StringComparer.Ordinal);

    /// <summary>What is known of an agent in this process; null when it was not seen since the start.</summary>
    public AgentSighting? Of(string agentId) => _last.GetValueOrDefault(agentId);

    /// <summary>A valid signed request of the agent came. Every one is a sighting (coordinator-and-mesh 3.2).</summary>
    public void Seen(string agentId) => Change(agentId, (sighting, nowMs) => sighting with { LastSeenMs = nowMs });

    /// <summary>A lease was granted to the agent: phones on battery are given pauses.</summary>
    public void Assigned(string agentId) => Change(agentId, (sighting, nowMs) => sighting with { LastAssignmentMs = nowMs });

    /// <summary>A heartbeat came: takes the new state made from the last one known.</summary>
    public void Heartbeat(string agentId, Func<AgentSighting, long, AgentSighting> change) =>
        Change(agentId, (sighting, nowMs) => change(sighting, nowMs) with { LastSeenMs = nowMs, HeartbeatAtMs = nowMs });

    /// <summary>Takes what the store knows of an agent; the newer of each part stays.</summary>
    public AgentSighting Learn(string agentId, AgentSighting stored) =>
        _last.AddOrUpdate(agentId, static (_, s) => s, static (_, known, s) => known.Join(s), stored);

    /// <summary>Forgets sightings that were never written, of ids without a row.</summary>
    public void Forget(string agentId)
    {
        _last.TryRemove(agentId, out _);
        _unwritten.TryRemove(agentId, out _);
    }

    /// <summary>Writes what changed since the last time.</summary>
    /// <param name="isApproved">Nothing that an agent without approval sends is stored; its liveness stays in memory.</param>
    /// <param name="cancellationToken">Stops between two writes; what was not written stays noted.</param>
    public async Task FlushAsync(Func<string, bool> isApproved, CancellationToken cancellationToken)
    {
        foreach (var ids in _unwritten.Keys.Where(isApproved).Chunk(RowsPerWrite))
        {
            var rows = new List<AgentSightingRow>(ids.Length);
            foreach (var id in ids)
            {
                // Taken off the list before the value is read: a change in between is noted anew.
                if (_unwritten.TryRemove(id, out _) && _last.TryGetValue(id, out var sighting))
                {
                    rows.Add(Row(id, sighting));
                }
            }

            try
            {
                await writer.WriteAsync(batch => Write(batch, rows), cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                rows.ForEach(r => _unwritten[r.AgentId] = true);
                throw;
            }
        }
    }

    private void Change(string agentId, Func<AgentSighting, long, AgentSighting> change)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        _last.AddOrUpdate(agentId, static (_, a) => a.change(new(), a.nowMs), static (_, known, a) => a.change(known, a.nowMs), (change, nowMs));
        _unwritten[agentId] = true;
    }

    private static int Write(IStoreBatch batch, List<AgentSightingRow> rows)
    {
        foreach (var r in rows)
        {
            batch.Execute(
                Upsert, r.AgentId, r.LastSeenMs, r.LastAssignmentMs, r.HeartbeatAtMs, r.BusySlots, r.TelemetryJson, r.TelemetryAtMs, r.ActiveModel, r.ActiveModelParamSize, r.ModelSwapInProgress,
                r.DecodeMilliTokens);
        }

        return rows.Count;
    }

    private static AgentSightingRow Row(string agentId, AgentSighting sighting) => new()
    {
        AgentId = agentId,
        LastSeenMs = sighting.LastSeenMs,
        LastAssignmentMs = sighting.LastAssignmentMs,
        HeartbeatAtMs = sighting.HeartbeatAtMs,
        BusySlots = sighting.BusySlots,
        TelemetryJson = sighting.Power is { } power ? JsonSerializer.Serialize(power.Telemetry, AgentJson.Default.PowerTelemetry) : null,
        TelemetryAtMs = sighting.Power?.ReadAtMs ?? 0,
        ActiveModel = sighting.ActiveModel,
        ActiveModelParamSize = sighting.ActiveModelParamSize,
        ModelSwapInProgress = sighting.ModelSwapInProgress,
        DecodeMilliTokens = (long)(sighting.DecodeTokensPerSecond * 1000),
    };
}
