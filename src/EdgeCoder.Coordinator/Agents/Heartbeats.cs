using System.Text.Json;
using EdgeCoder.Coordinator.Behaviour;
using EdgeCoder.Coordinator.Enrolment;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Power;

namespace EdgeCoder.Coordinator.Agents;

/// <summary><c>POST /heartbeat</c> (coordinator-and-mesh 3.2): liveness, readings, leases; the answer tells the agent all that is decided about it.</summary>
internal sealed class Heartbeats(
    AgentDirectory directory, AgentSightings sightings, Blacklist blacklist, EnrolmentStatements statements, ITaskQueue queue, IStoreWriter writer, AgentOptions options, HeartbeatGaps gaps, TimeProvider time)
{
    /// <summary>Takes a heartbeat of its signer. Throws <see cref="Refusal"/> 400 <c>validation_failed</c>, 401 <c>mesh_unauthorized</c>.</summary>
    public async Task<HeartbeatAnswer> TakeAsync(HeartbeatRequest request, CancellationToken cancellationToken)
    {
        FieldRules.ThrowIfAny(RegisterRules.Check(request));
        var agentId = request.AgentId!;
        var known = await directory.KnownAsync(agentId, cancellationToken).ConfigureAwait(false)
            ?? throw new Refusal(401, "mesh_unauthorized", "This agent is not registered here. Register it with a code from `edgecoder node enroll`.") { Reason = "agent_not_registered" };
        var bans = await blacklist.ActiveAsync(cancellationToken).ConfigureAwait(false);
        var before = await directory.FactsAsync(known, false, cancellationToken).ConfigureAwait(false);
        if (before.Status is AgentStatus.Blacklisted)
        {
            return new() { Ok = false, Blacklisted = true, Reason = before.StatusReason, BlacklistVersion = bans.Version };
        }

        if (known.Row.Approved)
        {
            await gaps.NoteAsync(agentId, sightings.Of(agentId)?.HeartbeatAtMs ?? 0, cancellationToken).ConfigureAwait(false);
        }

        // What an agent without approval says of itself is kept in memory only, see AgentSightings.FlushAsync.
        sightings.Heartbeat(agentId, (sighting, nowMs) => Merge(sighting, request, nowMs));
        if (known.Row.Approved)
        {
            known = await LearnAsync(known, request, cancellationToken).ConfigureAwait(false);
        }

        var now = await directory.FactsAsync(known, false, cancellationToken).ConfigureAwait(false);
        if (Matters(before, now))
        {
            await queue.AgentChangedAsync(agentId, false, "heartbeat", cancellationToken).ConfigureAwait(false);
        }

        var (leases, requeued) = known.Row.Approved || request.Leases is { Count: > 0 }
            ? await queue.ExtendAsync(agentId, request.Leases ?? [], cancellationToken).ConfigureAwait(false)
            : ([], 0);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return new()
        {
            Ok = true,
            Status = EnumText.Of(now.Status),
            Reason = now.StatusReason,
            Requeued = requeued,
            Policy = await directory.PolicyAsync(known, cancellationToken).ConfigureAwait(false),
            Leases = leases,
            TunnelInvites = [],
            TunnelCloseNotices = [],
            DirectWorkOffers = [],
            Blacklist = new(bans.Version, bans.Agents(nowMs)),
            NetworkMode = options.NetworkMode,
            Enrolment = statements.Of(known.Row, now.Status, nowMs),
        };
    }

    /// <summary>Absent members keep the stored value.</summary>
    internal static AgentSighting Merge(AgentSighting sighting, HeartbeatRequest request, long nowMs) => sighting with
    {
        BusySlots = request.BusySlots ?? sighting.BusySlots,
        Power = request.PowerTelemetry is { } power ? PowerReading.Received(power, nowMs) : sighting.Power,
        ActiveModel = request.ActiveModel ?? sighting.ActiveModel,
        ActiveModelParamSize = request.ActiveModelParamSize ?? sighting.ActiveModelParamSize,
        ModelSwapInProgress = request.ModelSwapInProgress ?? sighting.ModelSwapInProgress,
        DecodeTokensPerSecond = request.DecodeTokensPerSecond ?? sighting.DecodeTokensPerSecond,
    };

    // Whether a parked pull might be answered otherwise now.
    private static bool Matters(AgentFacts before, AgentFacts now) =>
        before.Status != now.Status
        || before.Power != now.Power
        || before.ModelSwapInProgress != now.ModelSwapInProgress
        || before.SandboxMode != now.SandboxMode
        || !before.Models.SequenceEqual(now.Models, StringComparer.Ordinal)
        || before.CpuUsagePct is <= Eligibility.IdleCpuPct != now.CpuUsagePct is <= Eligibility.IdleCpuPct;

    // Models and sandbox are part of the agent's row, because eligibility after a restart depends on them. They change seldom.
    private async Task<KnownAgent> LearnAsync(KnownAgent known, HeartbeatRequest request, CancellationToken cancellationToken)
    {
        var models = JsonSerializer.Serialize(WithActive(request.Models ?? known.Claims, request), AgentJson.Default.IReadOnlyListAgentModelClaim);
        var mode = request.SandboxMode ?? known.Row.SandboxMode;
        var digest = request.SandboxDigest ?? known.Row.SandboxDigest;
        if (models == known.Row.ModelsJson && mode == known.Row.SandboxMode && digest == known.Row.SandboxDigest)
        {
            return known;
        }

        var agentId = known.Row.AgentId;
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        await writer.WriteAsync(
            batch => AgentRows.Change(
                batch, directory, agentId, "UPDATE agents SET models_json = $2, sandbox_mode = $3, sandbox_digest = $4, updated_at_ms = $5, revision = revision + 1 WHERE agent_id = $1 RETURNING revision",
                models, mode, digest, nowMs),
            cancellationToken).ConfigureAwait(false);
        return await directory.KnownAsync(agentId, cancellationToken).ConfigureAwait(false) ?? known;
    }

    // Digest, window and tool form of the model in use belong to its claim. Its speed does not: it changes all the time.
    private static IReadOnlyList<AgentModelClaim> WithActive(IReadOnlyList<AgentModelClaim> claims, HeartbeatRequest request)
    {
        if (request.ActiveModel is not { Length: > 0 } active || (request.ModelDigest ?? request.ToolForm ?? (object?)request.ProvenContext) is null)
        {
            return claims;
        }

        var old = claims.FirstOrDefault(c => c.ModelId == active) ?? new(active, null, null, null, request.DecodeTokensPerSecond);
        var claim = old with { Digest = request.ModelDigest ?? old.Digest, ProvenContext = request.ProvenContext ?? old.ProvenContext, ToolForm = request.ToolForm ?? old.ToolForm };
        return claim == old ? claims : [.. claims.Where(c => c.ModelId != active), claim];
    }
}
