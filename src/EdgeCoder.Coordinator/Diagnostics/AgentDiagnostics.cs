using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Problems;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Diagnostics;

/// <summary>What agents report about themselves (coordinator-and-mesh 3.2).</summary>
internal sealed class AgentDiagnostics(AgentDirectory directory, IDbContextFactory<CoordinatorContext> contexts, IStoreWriter writer, TimeProvider time)
{
    /// <summary>Kept of each agent.</summary>
    public const int Kept = 200;

    private const int MostEvents = 40;

    /// <summary>
    /// Stores events of an approved agent. Throws <see cref="Refusal"/>: 400 <c>validation_failed</c>, 403 <c>agent_blacklisted</c>, 403
    /// <c>node_not_activated</c>: what an agent without approval sends changes nothing.
    /// </summary>
    public async Task<DiagnosticsStored> StoreAsync(DiagnosticsRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var agent = await directory.FindAsync(request.AgentId!, false, cancellationToken).ConfigureAwait(false);
        if (agent is null or { Status: AgentStatus.PendingApproval })
        {
            throw new Refusal(403, "node_not_activated", "This agent waits for approval; run `edgecoder node approve`.") { Reason = "node_pending_coordinator_approval" };
        }

        AgentGate.RefuseBlacklisted(agent);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var rows = request.Events!.Select(e => new AgentDiagnosticRow
        {
            AgentId = agent.AgentId,
            EventAtMs = e.EventAtMs ?? nowMs,
            Message = e.Message!,
            Source = request.Source,
            RuntimeState = request.RuntimeState,
            ModelState = request.ModelState,
        }).ToArray();
        await writer.WriteAsync(
            batch =>
            {
                foreach (var row in rows)
                {
                    batch.Insert(row);
                }

                return batch.Execute(
                    "DELETE FROM agent_diagnostics WHERE agent_id = $1 AND sequence NOT IN (SELECT sequence FROM agent_diagnostics WHERE agent_id = $1 ORDER BY sequence DESC LIMIT $2)", agent.AgentId, Kept);
            },
            cancellationToken).ConfigureAwait(false);
        return new(true, rows.Length);
    }

    /// <summary>Events of an agent, newest first.</summary>
    public async Task<DiagnosticsAnswer> ReadAsync(string agentId, CancellationToken cancellationToken)
    {
        if (await directory.KnownAsync(agentId, cancellationToken).ConfigureAwait(false) is null)
        {
            throw new Refusal(404, "agent_not_found", "No agent with this id is enrolled here. See `edgecoder node list`.");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<AgentDiagnosticRow>().Where(r => r.AgentId == agentId).OrderByDescending(r => r.EventAtMs).ThenByDescending(r => r.Sequence).Take(Kept)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return new(true, agentId, [.. rows.Select(r => new DiagnosticView(r.EventAtMs, r.Message, r.Source, r.RuntimeState, r.ModelState))], rows.Count, rows.FirstOrDefault()?.EventAtMs);
    }

    private static void Check(DiagnosticsRequest request)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, request.AgentId is not null, "agentId", "required");
        FieldRules.Require(issues, request.Events is { Count: > 0 and <= MostEvents }, "events", "1 to 40");
        for (var i = 0; i < Math.Min(request.Events?.Count ?? 0, MostEvents); i++)
        {
            FieldRules.Require(issues, FieldRules.Length(request.Events![i]?.Message, 1, 500), $"events[{i}].message", "1 to 500 characters");
            FieldRules.Require(issues, request.Events[i]?.EventAtMs is null or >= 0, $"events[{i}].eventAtMs", "0 or more");
        }

        FieldRules.Require(issues, (request.Source?.Length ?? 0) <= 64, "source", "at most 64 characters");
        FieldRules.Require(issues, (request.RuntimeState?.Length ?? 0) <= 64, "runtimeState", "at most 64 characters");
        FieldRules.Require(issues, (request.ModelState?.Length ?? 0) <= 64, "modelState", "at most 64 characters");
        FieldRules.ThrowIfAny(issues);
    }
}
