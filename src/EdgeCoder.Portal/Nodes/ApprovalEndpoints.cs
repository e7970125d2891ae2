using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Nodes;

/// <summary>
/// Decisions of operators about nodes (portal-and-control-plane 12, 10.2: one person decides about agents). There is no control plane of its own yet: the portal acts on its own rows, and its
/// coordinator is told at once.
/// </summary>
internal static class ApprovalEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapApprovals(this IEndpointRouteBuilder routes)
    {
        var desk = routes.ServiceProvider.GetRequiredService<NodeDesk>();
        routes.MapAction(
            "POST", "/coordinator/ops/node-approval", Access.SystemAdmin,
            async request =>
            {
                var id = NodeStore.Id(request.Input.Raw("nodeId"));
                var (approved, reason) = Decision(request.Input);
                NodeKind? kind = request.Input.Raw("nodeKind") switch { "coordinator" => NodeKind.Coordinator, "agent" => NodeKind.Agent, _ => null };
                return Changed(await desk.DecideAsync(AuditSource.Of(request.Http), id, kind, approved, reason, request.Cancelled).ConfigureAwait(false), approved ? "node-approved" : "node-refused");
            },
            NodePages.ApprovalsAsync);
        routes.MapAction(
            "POST", "/coordinator/ops/node-suspension", Access.SystemAdmin,
            async request =>
            {
                var id = NodeStore.Id(request.Input.Raw("nodeId"));
                var suspended = Flag(request.Input, "suspended");
                var reason = Reason(request.Input);
                request.Input.ThrowIfFaulty();
                return Changed(await desk.SuspendAsync(AuditSource.Of(request.Http), id, suspended, reason, request.Cancelled).ConfigureAwait(false), suspended ? "node-suspended" : "node-released");
            },
            NodePages.ApprovalsAsync);
    }

    /// <summary>What was decided, and why. Throws 400 <c>validation_failed</c>.</summary>
    public static (bool Approved, string? Reason) Decision(ActionInput input)
    {
        var decision = (Flag(input, "approved"), Reason(input));
        input.ThrowIfFaulty();
        return decision;
    }

    private static bool Flag(ActionInput input, string name)
    {
        if (input.Raw(name) is not ("true" or "false"))
        {
            input.Fault(name, "true_or_false");
        }

        return input.Raw(name) == "true";
    }

    private static string? Reason(ActionInput input)
    {
        var reason = input.Raw("reason")?.Trim();
        if (string.IsNullOrEmpty(reason))
        {
            return null;
        }

        return AuditLog.IsReason(reason) ? reason : input.Fault("reason", "reason_3_to_500");
    }

    private static ActionOutcome Changed(NodeRow row, string done) => new(new() { ["ok"] = true, ["nodeId"] = row.NodeId, ["status"] = Hosting.Storage.EnumText.Of(row.Status) }, $"{NodePages.Approvals}?done={done}");
}
