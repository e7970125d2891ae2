using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol.Identifiers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Nodes;

/// <summary>Routes of a person's own nodes (portal-and-control-plane 9.2).</summary>
internal static class NodeEndpoints
{
    /// <summary>Registers what nodes need.</summary>
    public static IServiceCollection AddNodes(this IServiceCollection services)
    {
        services.AddSingleton<NodeStore>().AddSingleton<NodeDesk>().AddSingleton<KeyBinding>();
        return services.AddSingleton<NodeMessages>().AddHostedService(provider => provider.GetRequiredService<NodeMessages>());
    }

    /// <summary>Maps them.</summary>
    public static void MapNodes(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var desk = services.GetRequiredService<NodeDesk>();
        var nodes = services.GetRequiredService<NodeStore>();
        var time = services.GetRequiredService<TimeProvider>();
        routes.MapAction("POST", "/nodes/enroll", Access.Person, request => EnrolAsync(request, desk, services), NodePages.OwnAsync);
        routes.MapQuery("/nodes/me", Access.Person, async context => new()
        {
            ["nodes"] = new JsonArray([.. (await nodes.OfOwnerAsync(context.RequiredPerson().AccountId, context.RequestAborted).ConfigureAwait(false)).Select(node => NodeJson.Own(node, time.GetUtcNow().ToUnixTimeMilliseconds()))]),
        });
        routes.MapAction("POST", "/nodes/{id}/pause", Access.Person, async request => Changed(await desk.PauseAsync(request.Http.RequiredPerson(), Id(request), request.Cancelled).ConfigureAwait(false), "node-paused"), NodePages.OwnAsync);
        routes.MapAction("POST", "/nodes/{id}/resume", Access.Person, async request => Changed(await desk.ResumeAsync(request.Http.RequiredPerson(), Id(request), request.Cancelled).ConfigureAwait(false), "node-resumed"), NodePages.OwnAsync);
        routes.MapAction("POST", "/nodes/{id}/rotate-token", Access.Person, request => RotateAsync(request, desk, services), NodePages.OwnAsync);
        routes.MapAction("DELETE", "/nodes/{id}", Access.Person, request => DeleteAsync(request, desk));

        // Forms of pages have no DELETE, and ask again before this.
        routes.MapAction("POST", "/nodes/{id}/delete", Access.Person, request => DeleteAsync(request, desk), NodePages.OwnAsync);
        routes.MapQuery("/nodes/discover-coordinator", Access.Anyone, context => DiscoverAsync(context, services)).WithMetadata(new SameForEverybody());
    }

    private static async Task<ActionOutcome> EnrolAsync(ActionRequest request, NodeDesk desk, IServiceProvider services)
    {
        var person = request.Http.RequiredPerson();
        var nodeId = request.Input.Raw("nodeId")?.Trim() is { Length: > 0 } given ? given : null;
        var deviceId = request.Input.Raw("deviceId")?.Trim().ToLowerInvariant() is { Length: > 0 } device ? device : null;
        if (!ClientId.IsValid(nodeId))
        {
            request.Input.Fault("nodeId", nodeId is null ? "required" : "invalid_id");
        }

        if (deviceId is not null && !ClientId.IsValid(deviceId))
        {
            request.Input.Fault("deviceId", "invalid_id");
        }

        if (request.Input.Raw("nodeKind") is not (null or "" or "agent" or "coordinator"))
        {
            request.Input.Fault("nodeKind", "invalid");
        }

        if (request.Input.Raw("coordinatorId") is not (null or "" or NodeStore.Home))
        {
            request.Input.Fault("coordinatorId", "unknown_coordinator");
        }

        request.Input.ThrowIfFaulty();
        if (request.Input.Raw("nodeKind") == "coordinator")
        {
            throw new Refusal(409, "coordinators_enrol_by_operators", "Coordinators are not enrolled here yet. Their operators approve each other as peers (edgecoder ledger peer).");
        }

        await TakeAsync(request, services).ConfigureAwait(false);
        return Shown(await desk.EnrolAsync(person, nodeId!, NodeKind.Agent, deviceId, request.Cancelled).ConfigureAwait(false));
    }

    private static async Task<ActionOutcome> RotateAsync(ActionRequest request, NodeDesk desk, IServiceProvider services)
    {
        var id = Id(request);
        await TakeAsync(request, services).ConfigureAwait(false);
        return Shown(await desk.RotateAsync(request.Http.RequiredPerson(), id, request.Cancelled).ConfigureAwait(false));
    }

    private static async Task<ActionOutcome> DeleteAsync(ActionRequest request, NodeDesk desk)
    {
        var id = Id(request);
        await desk.DeleteAsync(request.Http.RequiredPerson(), id, request.Cancelled).ConfigureAwait(false);
        return new(new() { ["ok"] = true, ["deletedNodeId"] = id }, NodePages.Own + "?done=node-deleted");
    }

    /// <summary>Tells who has a registration token, and nobody else, where the coordinator is. The token is not used up.</summary>
    private static async Task<JsonObject> DiscoverAsync(HttpContext context, IServiceProvider services)
    {
        const string Prefix = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || header.Length == Prefix.Length)
        {
            throw new Refusal(401, "registration_token_required", "Show the registration token of an enrolled node as a bearer.");
        }

        var token = header[Prefix.Length..].Trim();
        var limits = services.GetRequiredService<LimitCounter>();
        await limits.TakeAsync(context.RequestAborted, (services.GetRequiredService<PortalSettings>().Limits.Links, Hosting.Callers.ClientAddress.LimitKey(context))).ConfigureAwait(false);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
        await using var store = await services.GetRequiredService<IDbContextFactory<PortalContext>>().CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
        var hash = RegistrationTokens.IsOne(token) ? Hosting.Credentials.SecretDigest.Hex(token) : null;
        if (hash is null || !await store.Set<NodeRow>().AnyAsync(row => row.TokenSha256 == hash && row.TokenUsedAtMs == null && row.TokenExpiresAtMs > now && row.DeletedAtMs == null, context.RequestAborted).ConfigureAwait(false))
        {
            throw new Refusal(401, "registration_token_invalid", "This token is not one that is open. Its owner makes a new one in the portal.");
        }

        if (services.GetRequiredService<PortalSettings>().Edges.CoordinatorUrl is not { } address)
        {
            return new() { ["coordinatorUrl"] = null, ["reason"] = "no_public_coordinators" };
        }

        var identity = await services.GetRequiredService<HomeCoordinator>().AskAsync(HttpMethod.Get, ["identity"], cancellationToken: context.RequestAborted).ConfigureAwait(false);
        return new() { ["coordinatorUrl"] = address.AbsoluteUri.TrimEnd('/'), ["coordinatorNodeId"] = identity["peerId"]?.DeepClone() };
    }

    private static ActionOutcome Shown(EnrolledNode node) => new(NodeJson.Enrolled(node), NodePages.Own) { Shown = context => NodePages.JoinAsync(context, node) };

    private static ActionOutcome Changed(NodeRow row, string done) => new(new() { ["ok"] = true, ["nodeId"] = row.NodeId, ["status"] = Hosting.Storage.EnumText.Of(row.Status) }, $"{NodePages.Own}?done={done}");

    private static Task TakeAsync(ActionRequest request, IServiceProvider services) =>
        services.GetRequiredService<LimitCounter>().TakeAsync(request.Cancelled, (services.GetRequiredService<PortalSettings>().Limits.Enrol, request.Http.RequiredPerson().AccountId));

    private static string Id(ActionRequest request) => NodeStore.Id((string?)request.Http.Request.RouteValues["id"]);
}
