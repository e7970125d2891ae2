using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Explanations;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>Answer of <c>GET /leases/{leaseId}</c>: documents as their exact signed bytes in base64.</summary>
internal sealed record LeaseView(string LeaseId, string State, string SignedLease, IReadOnlyList<string> Verdicts);

/// <summary>JSON of the routes here that no other process reads as a type.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LeaseView))]
internal sealed partial class LeaseJson : JsonSerializerContext;

/// <summary>Routes of agents' work (coordinator-and-mesh 4.4, 4.5, 4.7).</summary>
internal static class LeaseEndpoints
{
    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapLeases(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/pull", PullAsync).AllowCallers(CallerKinds.Agent).CommitsNonceWithChanges();
        routes.MapPost("/result", ResultAsync).AllowCallers(CallerKinds.Agent).CommitsNonceWithChanges();
        routes.MapPost("/leases/{leaseId}/release", ReleaseAsync).AllowCallers(CallerKinds.Agent).CommitsNonceWithChanges();
        routes.MapGet("/leases/{leaseId}", LeaseAsync).AllowCallers(CallerKinds.Agent | CallerKinds.Operator);
        routes.MapGet("/agents/{id}/explain", ExplainAsync).AllowCallers(CallerKinds.Agent | CallerKinds.Operator);
        return routes;
    }

    private static async Task<IResult> PullAsync(HttpContext http, ITaskQueue queue, AgentDirectory directory, CancellationToken cancellationToken)
    {
        var request = JsonBody.Read(http, MeshJson.Default.PullRequest);
        if (request is { WaitMs: < 0 or > 30_000 } or { MaxSubtasks: < 1 or > 64 })
        {
            throw Refusal.Invalid([new("waitMs", "0 to 30,000"), new("maxSubtasks", "1 to 64")]);
        }

        var agent = await directory.FindAsync(Signer(http, request.AgentId), Loopback(http), cancellationToken) ?? throw new Refusal(401, "mesh_unauthorized", "This agent is not registered here.") { Reason = "agent_not_registered" };
        var answer = await queue.PullAsync(agent, request, cancellationToken);
        if (answer.Assignments.Count > 0)
        {
            // A pull that returned work is not counted (2.2, check 8).
            http.ForgiveRequest();
        }

        return TypedResults.Json(answer, MeshJson.Default.PullAnswer);
    }

    private static async Task<IResult> ResultAsync(HttpContext http, ITaskQueue queue, AgentDirectory directory, CancellationToken cancellationToken)
    {
        var report = JsonBody.Read(http, MeshJson.Default.ResultReport);
        var agentId = Signer(http, report.AgentId);
        if (await directory.FindAsync(agentId, Loopback(http), cancellationToken) is { } agent)
        {
            AgentGate.RefuseBlacklisted(agent);
        }

        return TypedResults.Json(await queue.ReportAsync(agentId, report, http.ReceivedBody(), cancellationToken), MeshJson.Default.ResultAnswer);
    }

    private static async Task<IResult> ReleaseAsync(string leaseId, HttpContext http, ITaskQueue queue, CancellationToken cancellationToken)
    {
        var reason = JsonBody.Read(http, MeshJson.Default.ReleaseRequest).Reason;
        if (reason is { Length: > 200 })
        {
            throw Refusal.Invalid([new("reason", "at most 200 characters")]);
        }

        await queue.ReleaseAsync(http.Caller().Name, leaseId, reason ?? "released", cancellationToken);
        return TypedResults.Json(new ResultAnswer(true, null, null), MeshJson.Default.ResultAnswer);
    }

    private static async Task<IResult> LeaseAsync(string leaseId, HttpContext http, IDbContextFactory<CoordinatorContext> contexts, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var caller = http.Caller();
        var lease = await context.Set<LeaseRow>().Where(l => l.LeaseId == leaseId).Select(l => new { l.AgentId, l.State, l.Signed }).FirstOrDefaultAsync(cancellationToken);
        if (lease is null || (caller.Kind is CallerKinds.Agent && lease.AgentId != caller.Name))
        {
            throw new Refusal(404, "lease_not_found", "There is no such lease of this agent.");
        }

        var verdicts = await context.Set<VerdictRow>().Where(v => v.LeaseId == leaseId).OrderBy(v => v.AtMs).Select(v => v.Signed).ToListAsync(cancellationToken);
        return TypedResults.Json(new LeaseView(leaseId, Hosting.Storage.EnumText.Of(lease.State), Convert.ToBase64String(lease.Signed), [.. verdicts.Select(Convert.ToBase64String)]), LeaseJson.Default.LeaseView);
    }

    private static async Task<IResult> ExplainAsync(string id, HttpContext http, Explanation explanation, CancellationToken cancellationToken)
    {
        if (http.Caller() is { Kind: CallerKinds.Agent } caller && caller.Name != id)
        {
            throw new Refusal(401, "agent_id_mismatch", "An agent asks about itself only.");
        }

        return TypedResults.Json(await explanation.OfAgentAsync(id, cancellationToken), MeshJson.Default.AgentExplanation);
    }

    private static string Signer(HttpContext http, string? named)
    {
        var signer = http.Caller().Name;
        return named is null || named == signer ? signer : throw new Refusal(401, "agent_id_mismatch", "agentId is not the signer of this request.");
    }

    private static bool Loopback(HttpContext http) => http.Connection.RemoteIpAddress is { } address && System.Net.IPAddress.IsLoopback(address);
}
