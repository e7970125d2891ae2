using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Routes of escalations (agent-executor-models 7.2; coordinator-and-mesh 11; portal-and-control-plane 14.3).</summary>
internal static class EscalationEndpoints
{
    private const int MostListed = 200;

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapEscalations(this IEndpointRouteBuilder routes)
    {
        var desk = routes.ServiceProvider.GetRequiredService<EscalationDesk>();
        var store = routes.ServiceProvider.GetRequiredService<EscalationStore>();

        routes.MapPost("/escalate", async context =>
        {
            var request = JsonBody.Read(context, InferenceJson.Default.EscalationRequest);
            await WriteAsync(context, await desk.OpenAsync(request, context.Caller(), context.RequestAborted).ConfigureAwait(false), InferenceJson.Default.EscalationResult).ConfigureAwait(false);
        }).AllowCallers(CallerKinds.Agent | CallerKinds.Submitter | CallerKinds.Peer);

        routes.MapGet("/escalate", async context =>
        {
            var caller = context.Caller();

            // The portal without an account asks for its operators: what there is and of whom, without a text.
            var portal = caller is { Kind: CallerKinds.PortalService, Accounts.Count: 0 };
            var all = caller.Kind == CallerKinds.Operator || portal;
            var pending = context.Request.Query["status"].ToString() == "pending_human";
            var found = await store.ListAsync(all ? null : caller.Accounts, pending, MostListed, context.RequestAborted).ConfigureAwait(false);
            var list = new EscalationList([.. found.Select(entry => EscalationViews.Detail(entry.Row, entry.Human, content: !all) with { AccountId = portal ? entry.AccountId : null })]);
            await WriteAsync(context, list, InferenceJson.Default.EscalationList).ConfigureAwait(false);
        }).AllowCallers(CallerKinds.Submitter | CallerKinds.PortalService | CallerKinds.Operator);

        routes.MapGet("/escalate/{taskId}", async context =>
        {
            var found = await desk.FindAsync(Id(context), context.Caller(), context.RequestAborted).ConfigureAwait(false);
            var human = await store.HumanAsync(found.Row.EscalationId, context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, EscalationViews.Detail(found.Row, human, found.Content), InferenceJson.Default.EscalationDetail).ConfigureAwait(false);
        }).AllowCallers(CallerKinds.Submitter | CallerKinds.PortalService | CallerKinds.Operator);

        routes.MapPost("/escalate/{taskId}/result", async context =>
        {
            var result = JsonBody.Read(context, InferenceJson.Default.EscalationResult);
            await WriteAsync(context, await desk.MergeAsync(Id(context), result, context.Caller(), context.RequestAborted).ConfigureAwait(false), InferenceJson.Default.EscalationResult).ConfigureAwait(false);
        }).AllowCallers(CallerKinds.PortalService | CallerKinds.Operator | CallerKinds.Peer);

        routes.MapPost("/escalate/{taskId}/respond", async context =>
        {
            var response = JsonBody.Read(context, InferenceJson.Default.EscalationResponse);
            await WriteAsync(context, await desk.RespondAsync(Id(context), response, context.Caller(), context.RequestAborted).ConfigureAwait(false), InferenceJson.Default.EscalationResponded).ConfigureAwait(false);
        }).AllowCallers(CallerKinds.Submitter | CallerKinds.PortalService | CallerKinds.Operator);
        return routes;
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["taskId"]!;

    private static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
