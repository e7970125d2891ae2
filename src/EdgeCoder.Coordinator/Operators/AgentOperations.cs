using System.Text.Json;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Enrolment;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Operators;

/// <summary>
/// What operators and the portal decide about an agent (coordinator-and-mesh 3.2): stored with its log event, then told to the queue, which ends parked
/// pulls and, where the right to work is withdrawn, revokes leases. Refuses with 404 <c>agent_not_found</c>.
/// </summary>
internal sealed class AgentOperations(AgentDirectory directory, IStoreWriter writer, ITaskQueue queue, AgentOptions options, TimeProvider time)
{
    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Approves an agent, or withdraws that: its leases are revoked. With a portal the portal decides: 409 <c>approval_by_portal</c>.</summary>
    public async Task<AgentOperated> ApproveAsync(string agentId, ApprovalRequest request, string actor, CancellationToken cancellationToken)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, request.Approved is not null, "approved", "true or false");
        CheckReason(issues, request.Reason, false);
        FieldRules.ThrowIfAny(issues);
        var known = await FindAsync(agentId, cancellationToken).ConfigureAwait(false);
        if (options.PortalUrl is not null && known.Row.EnrolledBy == "portal")
        {
            throw new Refusal(409, "approval_by_portal", "The portal decides about this node. Approve it there, or suspend it here.");
        }

        await DecideAsync(agentId, request.Approved!.Value, request.Reason ?? "operator", actor, cancellationToken).ConfigureAwait(false);
        return await AnswerAsync(agentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores an approval or its withdrawal when it differs from what is stored.</summary>
    public async Task DecideAsync(string agentId, bool approved, string reason, string actor, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        var changed = await writer.WriteAsync(
            batch =>
            {
                if (!AgentRows.Change(
                    batch, directory, agentId,
                    "UPDATE agents SET approved = $2, approval_reason = $3, updated_at_ms = $4, revision = revision + 1 WHERE agent_id = $1 AND approved <> $2 RETURNING revision", approved, reason, nowMs))
                {
                    return false;
                }

                NodeEvents.Approval(batch, agentId, actor, approved, reason, nowMs);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (changed)
        {
            await directory.KnownAsync(agentId, cancellationToken).ConfigureAwait(false);
            await queue.AgentChangedAsync(agentId, !approved, approved ? "approved" : "approval_withdrawn", cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Suspends an agent and revokes its leases.</summary>
    public async Task<AgentOperated> SuspendAsync(string agentId, SuspendRequest request, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        List<FieldIssue> issues = [];
        CheckReason(issues, request.Reason, true);
        FieldRules.Require(issues, request.UntilMs is not { } end || end > nowMs, "untilMs", "a time in the future");
        FieldRules.ThrowIfAny(issues);
        await ChangeAsync(
            agentId, true, "agent_suspended",
            "UPDATE agents SET suspend_reason = $2, suspended_until_ms = $3, updated_at_ms = $4, revision = revision + 1 WHERE agent_id = $1 RETURNING revision",
            [request.Reason, request.UntilMs, nowMs], cancellationToken).ConfigureAwait(false);
        return await AnswerAsync(agentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Lifts a suspension, a quarantine and draining. Strikes so far count no more, because an operator has looked at them; a ban stays, it is lifted as an
    /// event of the blacklist.
    /// </summary>
    public async Task<AgentOperated> ResumeAsync(string agentId, CancellationToken cancellationToken)
    {
        await ChangeAsync(
            agentId, false, "resumed",
            """
            UPDATE agents SET suspend_reason = $2, suspended_until_ms = $3, draining = $4, updated_at_ms = $5,
                strikes_from_ms = CASE WHEN quarantined_until_ms IS NULL THEN strikes_from_ms ELSE $5 END, quarantined_until_ms = $6, quarantine_rule = $7, revision = revision + 1
            WHERE agent_id = $1 RETURNING revision
            """,
            [null, null, false, NowMs, null, null], cancellationToken).ConfigureAwait(false);
        return await AnswerAsync(agentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Keeps a quarantine to its end: an operator has looked at it. Releasing is <see cref="ResumeAsync"/>, banning an entry of the blacklist. Again is once. Throws <see cref="Refusal"/> 409
    /// <c>not_quarantined</c>.
    /// </summary>
    public async Task<AgentOperated> KeepAsync(string agentId, KeepRequest request, string actor, CancellationToken cancellationToken)
    {
        List<FieldIssue> issues = [];
        CheckReason(issues, request.Reason, true);
        FieldRules.ThrowIfAny(issues);
        var nowMs = NowMs;
        if (await FindAsync(agentId, cancellationToken).ConfigureAwait(false) is not { Row.QuarantinedUntilMs: { } untilMs } || untilMs <= nowMs)
        {
            throw new Refusal(409, "not_quarantined", "This agent is not quarantined. See GET /security/blacklist/reviews for those that are.");
        }

        await writer.WriteAsync(
            batch => batch.TryInsert(new QuarantineReviewRow { AgentId = agentId, UntilMs = untilMs, OperatorId = actor, Reason = request.Reason!, AtMs = nowMs }), cancellationToken).ConfigureAwait(false);
        return await AnswerAsync(agentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drains an agent: what it has finishes, nothing new comes; or stops that.</summary>
    public async Task<AgentOperated> DrainAsync(string agentId, DrainRequest request, CancellationToken cancellationToken)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, request.Draining is not null, "draining", "true or false");
        FieldRules.ThrowIfAny(issues);
        await ChangeAsync(
            agentId, false, "draining", "UPDATE agents SET draining = $2, updated_at_ms = $3, revision = revision + 1 WHERE agent_id = $1 RETURNING revision", [request.Draining!.Value, NowMs],
            cancellationToken).ConfigureAwait(false);
        return await AnswerAsync(agentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets the operator's or the owner's policy of one agent.</summary>
    public async Task<PolicyAnswer> SetPolicyAsync(string agentId, PolicySetting setting, bool byOwner, CancellationToken cancellationToken)
    {
        Check(setting);
        var json = JsonSerializer.Serialize(setting, AgentJson.Default.PolicySetting);
        await ChangeAsync(
            agentId, false, "policy",
            byOwner
                ? "UPDATE agents SET owner_policy_json = $2, updated_at_ms = $3, revision = revision + 1 WHERE agent_id = $1 RETURNING revision"
                : "UPDATE agents SET operator_policy_json = $2, updated_at_ms = $3, revision = revision + 1 WHERE agent_id = $1 RETURNING revision",
            [json, NowMs], cancellationToken).ConfigureAwait(false);
        var known = await FindAsync(agentId, cancellationToken).ConfigureAwait(false);
        return new(true, await directory.PolicyAsync(known, cancellationToken).ConfigureAwait(false), null);
    }

    /// <summary>The agent, or 404.</summary>
    public async Task<KnownAgent> FindAsync(string agentId, CancellationToken cancellationToken) =>
        await directory.KnownAsync(agentId, cancellationToken).ConfigureAwait(false) ?? throw NotFound();

    /// <summary>Refuses a policy out of its limits.</summary>
    public static void Check(PolicySetting setting)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, FieldRules.Within(setting.CpuCapPercent, 1, 100), "cpuCapPercent", "1 to 100");
        FieldRules.Require(issues, FieldRules.Within(setting.MemoryLimitMb, 64, 1_048_576), "memoryLimitMb", "64 to 1048576");
        FieldRules.Require(issues, FieldRules.Within(setting.MaxConcurrentTasks, 0, 64), "maxConcurrentTasks", "0 to 64");
        FieldRules.Require(issues, setting.AllowedHours is not { } hours || (hours.StartHourUtc is >= 0 and <= 23 && hours.EndHourUtc is >= 0 and <= 23), "allowedHours", "startHourUtc and endHourUtc, 0 to 23");
        FieldRules.ThrowIfAny(issues);
    }

    private async Task ChangeAsync(string agentId, bool revoke, string reason, string sql, object?[] values, CancellationToken cancellationToken)
    {
        if (!await writer.WriteAsync(batch => AgentRows.Change(batch, directory, agentId, sql, values), cancellationToken).ConfigureAwait(false))
        {
            throw NotFound();
        }

        // Read again before the queue asks: it must judge by what was just stored.
        await directory.KnownAsync(agentId, cancellationToken).ConfigureAwait(false);
        await queue.AgentChangedAsync(agentId, revoke, reason, cancellationToken).ConfigureAwait(false);
    }

    private async Task<AgentOperated> AnswerAsync(string agentId, CancellationToken cancellationToken)
    {
        var known = await FindAsync(agentId, cancellationToken).ConfigureAwait(false);
        var facts = await directory.FactsAsync(known, false, cancellationToken).ConfigureAwait(false);
        return new(true, agentId, EnumText.Of(facts.Status), facts.StatusReason);
    }

    private static void CheckReason(List<FieldIssue> issues, string? reason, bool required) =>
        FieldRules.Require(issues, reason is null ? !required : FieldRules.Length(reason, 1, 200), "reason", "1 to 200 characters");

    private static Refusal NotFound() => new(404, "agent_not_found", "No agent with this id is enrolled here. See `edgecoder node list`.");
}
