using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Nodes;

/// <summary>The pages of nodes (portal-and-control-plane 18), also after one of their forms was refused.</summary>
internal static class NodePages
{
    /// <summary>Own nodes.</summary>
    public const string Own = "/portal/nodes";

    /// <summary>Nodes that wait for a decision.</summary>
    public const string Approvals = "/portal/ops/approvals";

    private const int MostShown = 200;

    /// <summary>Maps them.</summary>
    public static void MapNodePages(this IEndpointRouteBuilder routes)
    {
        routes.MapPage(Own, Access.Person, context => OwnAsync(context, PageResults.View(context), StatusCodes.Status200OK));
        routes.MapPage(Approvals, Access.SystemAdmin, context => ApprovalsAsync(context, PageResults.View(context), StatusCodes.Status200OK));
    }

    /// <summary>Own nodes and the form that enrols one.</summary>
    public static async Task<IResult> OwnAsync(HttpContext context, PageView view, int status)
    {
        var store = context.RequestServices.GetRequiredService<NodeStore>();
        var nodes = await ReadAsync(() => store.OfOwnerAsync(view.Person!.AccountId, context.RequestAborted), view.NowMs, forOperators: false).ConfigureAwait(false);
        return PageResults.Page<NodesPage>(view, status, ("Nodes", nodes), ("CanEnrol", context.RequestServices.GetRequiredService<PortalSettings>().Edges.CoordinatorUrl is not null));
    }

    /// <summary>The code of a node, which is shown this once.</summary>
    public static Task<IResult> JoinAsync(HttpContext context, EnrolledNode node) =>
        Task.FromResult(PageResults.Page<JoinPage>(PageResults.View(context), StatusCodes.Status200OK, ("NodeId", node.Row.NodeId), ("JoinCode", node.JoinCode), ("EndsMs", node.Row.TokenExpiresAtMs!.Value), ("Approved", node.Row.Status == NodeStatus.Approved)));

    /// <summary>Nodes that wait, and those that were decided about.</summary>
    public static async Task<IResult> ApprovalsAsync(HttpContext context, PageView view, int status)
    {
        var store = context.RequestServices.GetRequiredService<NodeStore>();
        var waiting = await ReadAsync(() => store.InStatesAsync([NodeStatus.Pending], null, MostShown, context.RequestAborted), view.NowMs, forOperators: true).ConfigureAwait(false);
        var decided = await ReadAsync(
            () => store.InStatesAsync([NodeStatus.Approved, NodeStatus.Suspended, NodeStatus.Rejected, NodeStatus.Revoked], null, MostShown, context.RequestAborted), view.NowMs, forOperators: true).ConfigureAwait(false);
        return PageResults.Page<ApprovalsPage>(view, status, ("Waiting", waiting), ("Decided", decided));
    }

    // A part that cannot be read does not blank the others.
    private static async Task<IReadOnlyList<NodeView>?> ReadAsync(Func<Task<List<OwnedNode>>> read, long nowMs, bool forOperators)
    {
        try
        {
            return [.. (await read().ConfigureAwait(false)).Select(node => NodeWords.Of(node, nowMs, forOperators))];
        }
        catch (System.Data.Common.DbException)
        {
            return null;
        }
    }
}
