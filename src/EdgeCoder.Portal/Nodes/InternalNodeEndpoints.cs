using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol.Identifiers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Nodes;

/// <summary>Routes of the home coordinator and the control plane (portal-and-control-plane 9.3).</summary>
internal static class InternalNodeEndpoints
{
    private const int MostIds = 200;
    private const int MostPending = 500;
    private const string Caller = "coordinator";

    /// <summary>Maps them.</summary>
    public static void MapInternalNodes(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var nodes = services.GetRequiredService<NodeStore>();
        routes.MapAction("POST", "/internal/nodes/validate", Access.Service, request => ValidateAsync(request, services));
        routes.MapAction("POST", "/internal/nodes/lookup", Access.Service, request => LookUpAsync(request, services));
        routes.MapQuery("/internal/nodes/pending", Access.Service, context => PendingAsync(context, nodes));
        routes.MapAction("POST", "/internal/nodes/{id}/approval", Access.Service, request => DecideAsync(request, services));
        routes.MapQuery("/internal/stats/counts", Access.Service, context => CountAsync(context, services));
    }

    private static async Task<ActionOutcome> ValidateAsync(ActionRequest request, IServiceProvider services)
    {
        await services.GetRequiredService<LimitCounter>().TakeAsync(request.Cancelled, (services.GetRequiredService<PortalSettings>().Limits.NodeValidate, Caller)).ConfigureAwait(false);
        var key = request.Input.Raw("publicKeySha256") ?? "";
        if (key.Length != 64 || !key.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f'))
        {
            request.Input.Fault("publicKeySha256", "invalid");
        }

        var nodeId = NodeStore.Id(request.Input.Raw("nodeId"));
        request.Input.ThrowIfFaulty();
        NodeKind? kind = request.Input.Raw("nodeKind") switch { "agent" => NodeKind.Agent, "coordinator" => NodeKind.Coordinator, _ => null };
        var token = request.Input.Raw("registrationToken") is { Length: > 0 } given ? given : null;
        var source = System.Net.IPAddress.TryParse(request.Input.Raw("sourceIp"), out var address) ? address.ToString() : null;
        var verdict = await services.GetRequiredService<KeyBinding>().ValidateAsync(new(nodeId, kind, token, key, source), request.Cancelled).ConfigureAwait(false);
        var body = new JsonObject { ["allowed"] = verdict.Row?.State.IsActive(verdict.EmailVerified) ?? false, ["reason"] = verdict.Reason };
        if (verdict.Row is { } row)
        {
            var node = NodeJson.ForServices(new(row, verdict.EmailVerified, ""));
            node["deviceId"] = row.DeviceId;
            body["node"] = node;
        }

        return new(body, "/", verdict.Status);
    }

    private static async Task<ActionOutcome> LookUpAsync(ActionRequest request, IServiceProvider services)
    {
        var ids = Array(request, "nodeIds")?.Select(Text).ToList();
        if (ids is null || ids.Count > MostIds || ids.Any(id => !ClientId.IsValid(id)))
        {
            request.Input.Fault("nodeIds", "invalid");
        }

        request.Input.ThrowIfFaulty();
        var seen = (Array(request, "seen") ?? []).Take(MostIds).OfType<JsonObject>().Where(one => ids!.Contains(Text(one["nodeId"])) && one["lastSeenMs"] is JsonValue value && value.TryGetValue<long>(out var ms) && ms > 0)
            .Select(one => new NodeSighting(Text(one["nodeId"])!, (long)one["lastSeenMs"]!, Text(one["publicKeySha256"]) is { Length: 64 } key ? key : null)).ToList();
        if (seen.Count > 0)
        {
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
            await services.GetRequiredService<IStoreWriter>().WriteAsync(batch => NodeSighting.Store(batch, seen, now), request.Cancelled).ConfigureAwait(false);
        }

        var found = await services.GetRequiredService<NodeStore>().WithIdsAsync(ids!.ToList()!, request.Cancelled).ConfigureAwait(false);
        return new(new() { ["nodes"] = new JsonArray([.. found.Select(NodeJson.ForServices)]) }, "/");
    }

    private static async Task<JsonObject> PendingAsync(HttpContext context, NodeStore nodes)
    {
        var limit = 200;
        if (context.Request.Query["limit"] is [{ Length: > 0 } text] && (!int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostPending))
        {
            throw new Refusal(400, "validation_failed", "limit is 1 to 500.") { More = Fields("limit") };
        }

        NodeKind? kind = context.Request.Query["nodeKind"].ToString() switch
        {
            "" => null,
            "agent" => NodeKind.Agent,
            "coordinator" => NodeKind.Coordinator,
            _ => throw new Refusal(400, "validation_failed", "nodeKind is agent or coordinator.") { More = Fields("nodeKind") },
        };
        var found = await nodes.InStatesAsync([NodeStatus.Pending], kind, limit, context.RequestAborted).ConfigureAwait(false);
        return new()
        {
            ["nodes"] = new JsonArray([.. found.Select(node =>
            {
                var json = NodeJson.ForServices(node);
                json["updatedAtMs"] = node.Row.UpdatedAtMs;
                return json;
            })]),
        };
    }

    private static async Task<ActionOutcome> DecideAsync(ActionRequest request, IServiceProvider services)
    {
        var id = NodeStore.Id((string?)request.Http.Request.RouteValues["id"]);
        var (approved, reason) = ApprovalEndpoints.Decision(request.Input);
        await services.GetRequiredService<NodeDesk>().DecideAsync(AuditSource.OfService(Caller), id, null, approved, reason, request.Cancelled).ConfigureAwait(false);
        var node = (await services.GetRequiredService<NodeStore>().WithIdsAsync([id], request.Cancelled).ConfigureAwait(false)) is [var found] ? NodeJson.ForServices(found) : throw NodeStore.Absent();
        return new(new() { ["ok"] = true, ["node"] = node }, "/");
    }

    private static async Task<JsonObject> CountAsync(HttpContext context, IServiceProvider services)
    {
        await using var store = await services.GetRequiredService<IDbContextFactory<PortalContext>>().CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
        var (accounts, nodes) = (store.Set<AccountRow>(), store.Set<NodeRow>().Where(row => row.DeletedAtMs == null));
        return new()
        {
            ["users"] = new JsonObject { ["total"] = await accounts.CountAsync(context.RequestAborted).ConfigureAwait(false), ["verified"] = await accounts.CountAsync(account => account.EmailVerifiedAtMs != null, context.RequestAborted).ConfigureAwait(false) },
            ["nodes"] = new JsonObject
            {
                ["total"] = await nodes.CountAsync(context.RequestAborted).ConfigureAwait(false),
                ["approved"] = await nodes.CountAsync(row => row.Approved != 0, context.RequestAborted).ConfigureAwait(false),
                ["active"] = await nodes.Where(row => row.Status == NodeStatus.Approved).Join(accounts.Where(account => account.EmailVerifiedAtMs != null), row => row.OwnerId, account => account.Id, (row, _) => row).CountAsync(context.RequestAborted).ConfigureAwait(false),
                ["agents"] = await nodes.CountAsync(row => row.Kind == NodeKind.Agent, context.RequestAborted).ConfigureAwait(false),
                ["coordinators"] = await nodes.CountAsync(row => row.Kind == NodeKind.Coordinator, context.RequestAborted).ConfigureAwait(false),
            },
        };
    }

    private static JsonArray? Array(ActionRequest request, string name)
    {
        try
        {
            return request.Input.Raw(name) is { Length: > 0 } text ? JsonNode.Parse(text) as JsonArray : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static Dictionary<string, JsonElement> Fields(string name) => new() { ["fields"] = JsonSerializer.SerializeToElement(new Dictionary<string, string[]> { [name] = ["invalid"] }) };
}
