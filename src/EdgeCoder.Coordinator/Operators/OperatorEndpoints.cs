using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Behaviour;
using EdgeCoder.Coordinator.Enrolment;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Operators;

/// <summary>Routes by which operators govern agents and the coordinator (coordinator-and-mesh 3.2, 11).</summary>
internal static class OperatorEndpoints
{
    private const CallerKinds Operators = CallerKinds.Operator | CallerKinds.MeshService;

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapOperators(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/admin/nodes/enroll", async (HttpContext context, EnrolmentTable enrolments) => TypedResults.Json(
            await enrolments.EnrollAsync(JsonBody.Read(context, EnrolmentJson.Default.EnrollRequest), context.Caller().Name, context.RequestAborted), EnrolmentJson.Default.EnrolledNode))
            .AllowCallers(CallerKinds.Operator);

        routes.MapPost("/admin/agents/{agentId}/approval", async (string agentId, HttpContext context, AgentOperations operations) => Done(
            await operations.ApproveAsync(agentId, JsonBody.Read(context, OperatorJson.Default.ApprovalRequest), context.Caller().Name, context.RequestAborted))).AllowCallers(Operators).WithMetadata(NeedsFinality.Metadata);
        routes.MapPost("/admin/agents/{agentId}/suspend", async (string agentId, HttpContext context, AgentOperations operations) => Done(
            await operations.SuspendAsync(agentId, JsonBody.Read(context, OperatorJson.Default.SuspendRequest), context.RequestAborted))).AllowCallers(Operators);
        routes.MapPost("/admin/agents/{agentId}/resume", async (string agentId, HttpContext context, AgentOperations operations) => Done(
            await operations.ResumeAsync(agentId, context.RequestAborted))).AllowCallers(Operators);
        routes.MapPost("/admin/agents/{agentId}/keep", async (string agentId, HttpContext context, AgentOperations operations) => Done(
            await operations.KeepAsync(agentId, JsonBody.Read(context, OperatorJson.Default.KeepRequest), context.Caller().Name, context.RequestAborted))).AllowCallers(CallerKinds.Operator);
        routes.MapPost("/admin/agents/{agentId}/drain", async (string agentId, HttpContext context, AgentOperations operations) => Done(
            await operations.DrainAsync(agentId, JsonBody.Read(context, OperatorJson.Default.DrainRequest), context.RequestAborted))).AllowCallers(Operators);
        routes.MapPost("/admin/agents/{agentId}/policy", async (string agentId, HttpContext context, AgentOperations operations) => TypedResults.Json(
            await operations.SetPolicyAsync(agentId, JsonBody.Read(context, OperatorJson.Default.PolicySetting), false, context.RequestAborted), OperatorJson.Default.PolicyAnswer)).AllowCallers(Operators);
        routes.MapPost("/agents/{agentId}/policy", SetOwnerPolicyAsync).AllowCallers(CallerKinds.Submitter);
        routes.MapPost("/admin/policy", SetFleetPolicyAsync).AllowCallers(Operators);
        routes.MapPost("/admin/coordinator/pause", PauseAsync).AllowCallers(Operators);
        routes.MapGet("/admin/agents", ListAsync).AllowCallers(Operators);
        routes.MapGet("/admin/agents/{agentId}/behavior", ReadBehaviorAsync).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static async Task<IResult> SetOwnerPolicyAsync(string agentId, HttpContext context, AgentOperations operations)
    {
        var known = await operations.FindAsync(agentId, context.RequestAborted);
        if (!context.Caller().Accounts.Contains(known.Row.OwnerAccountId, StringComparer.Ordinal))
        {
            throw new Refusal(404, "agent_not_found", "No agent with this id is yours.");
        }

        var setting = JsonBody.Read(context, OperatorJson.Default.PolicySetting);
        return TypedResults.Json(await operations.SetPolicyAsync(agentId, setting, true, context.RequestAborted), OperatorJson.Default.PolicyAnswer);
    }

    private static async Task<IResult> SetFleetPolicyAsync(HttpContext context, CoordinatorSwitches switches, ITaskQueue queue, AgentDirectory directory)
    {
        var setting = JsonBody.Read(context, OperatorJson.Default.PolicySetting);
        AgentOperations.Check(setting);
        await switches.SetFleetPolicyAsync(setting, context.Caller().Name, context.RequestAborted);
        await TellAllAsync(queue, directory, "policy", context.RequestAborted);
        return TypedResults.Json(new PolicyAnswer(true, null, setting), OperatorJson.Default.PolicyAnswer);
    }

    private static async Task<IResult> PauseAsync(HttpContext context, CoordinatorSwitches switches, ITaskQueue queue, AgentDirectory directory)
    {
        var request = JsonBody.Read(context, OperatorJson.Default.PauseRequest);
        if (request.Paused is not { } paused || request.Reason is { Length: < 1 or > 200 })
        {
            throw Refusal.Invalid([new("paused", "true or false, with a reason of 1 to 200 characters if any")]);
        }

        await switches.SetPauseAsync(new(paused, paused ? request.Reason : null), context.Caller().Name, context.RequestAborted);
        await TellAllAsync(queue, directory, paused ? "coordinator_paused" : "active", context.RequestAborted);
        return TypedResults.Json(new PauseAnswer(true, paused, paused ? request.Reason : null), OperatorJson.Default.PauseAnswer);
    }

    private static async Task<IResult> ListAsync(HttpContext context, AgentListings listings, int? limit, string? cursor) =>
        TypedResults.Json(await listings.ReadAsync(Math.Clamp(limit ?? 500, 1, 500), cursor, context.RequestAborted), OperatorJson.Default.AgentList);

    private static async Task<IResult> ReadBehaviorAsync(string agentId, HttpContext context, AgentOperations operations, IDbContextFactory<CoordinatorContext> contexts, IStoreWriter writer, TimeProvider time)
    {
        var row = (await operations.FindAsync(agentId, context.RequestAborted)).Row;
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var store = await contexts.CreateDbContextAsync(context.RequestAborted);
        var fromMs = nowMs - AgentStanding.StrikeWindowMs;
        var strikes = await store.Set<AgentStrikeRow>().Where(r => r.AgentId == agentId && r.AtMs > fromMs).OrderByDescending(r => r.Sequence).ToListAsync(context.RequestAborted);
        var informing = await store.Set<BehaviourFindingRow>().Where(r => r.AgentId == agentId && r.AtMs > fromMs && r.Severity == BehaviourSeverity.Warn).ToListAsync(context.RequestAborted);
        var answer = new BehaviorAnswer(
            agentId,
            BehaviourView.Of(row.Cv, row.Faults, await writer.WriteAsync(batch => BehaviourReading.Of(batch, agentId, nowMs), context.RequestAborted) ?? new()),
            [.. strikes.Select(s => new StrikeView(s.Rule, s.Weight, s.AtMs)).Concat(informing.Select(f => new StrikeView($"{f.RuleId} {f.Description}", 0, f.AtMs))).OrderByDescending(s => s.AtMs)],
            strikes.Where(s => s.AtMs >= row.StrikesFromMs).Sum(s => (long)s.Weight),
            row.QuarantinedUntilMs is { } end && end > nowMs
                ? new(row.QuarantineRule, end, await store.Set<QuarantineReviewRow>().Where(r => r.AgentId == agentId && r.UntilMs == end).Select(r => r.Reason).FirstOrDefaultAsync(context.RequestAborted))
                : null);
        return TypedResults.Json(answer, OperatorJson.Default.BehaviorAnswer);
    }

    // Parked pulls answer by the new rules.
    private static async Task TellAllAsync(ITaskQueue queue, AgentDirectory directory, string reason, CancellationToken cancellationToken)
    {
        foreach (var agent in await directory.KnownAsync(cancellationToken))
        {
            await queue.AgentChangedAsync(agent.Row.AgentId, false, reason, cancellationToken);
        }
    }

    private static IResult Done(AgentOperated answer) => TypedResults.Json(answer, OperatorJson.Default.AgentOperated);
}
