using System.Text.Json;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Chat;

/// <summary>Chat and models for the portal (coordinator-and-mesh 11).</summary>
internal static class ChatEndpoints
{
    private const CallerKinds Callers = CallerKinds.PortalService | CallerKinds.MeshService | CallerKinds.Operator;

    /// <summary>Adds them. Needs the settings of escalations, which name the inference service.</summary>
    public static IServiceCollection AddChat(this IServiceCollection services) => services.AddSingleton<InferenceChat>();

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapChat(this IEndpointRouteBuilder routes)
    {
        var chat = routes.ServiceProvider.GetRequiredService<InferenceChat>();
        var time = routes.ServiceProvider.GetRequiredService<TimeProvider>();
        routes.MapPost("/portal/chat", async context =>
        {
            // Read here too, so that what is no chat reaches nobody.
            _ = JsonBody.Read(context, InferenceJson.Default.ChatRequest);
            await chat.RelayAsync(context, context.ReceivedBody()).ConfigureAwait(false);
        }).AllowCallers(Callers);

        routes.MapGet("/portal/models", async context =>
        {
            var swarm = await InUseAsync(context).ConfigureAwait(false);
            var models = new PortalModels(await chat.ListAsync(time, context.RequestAborted).ConfigureAwait(false), [.. swarm.Select(model => new SwarmModelView(model.Model, model.ParamSize, model.AgentCount))]);
            await WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(models, ChatJson.Default.PortalModels)).ConfigureAwait(false);
        }).AllowCallers(Callers);

        routes.MapGet("/models/available", async context =>
            await WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(await InUseAsync(context).ConfigureAwait(false), ChatJson.Default.IReadOnlyListAvailableModel)).ConfigureAwait(false)).AllowCallers(Callers);
        return routes;
    }

    private static async Task<IReadOnlyList<AvailableModel>> InUseAsync(HttpContext context)
    {
        var directory = context.RequestServices.GetRequiredService<AgentDirectory>();
        var live = (await directory.AllAsync(context.RequestAborted).ConfigureAwait(false)).Where(agent => agent.Status == AgentStatus.Active).Select(agent => agent.AgentId).ToHashSet(StringComparer.Ordinal);
        var known = await directory.KnownAsync(context.RequestAborted).ConfigureAwait(false);
        return SwarmModels.Of(known.Where(agent => live.Contains(agent.Row.AgentId)).Select(agent => (agent.Row, Sighting: directory.SightingOf(agent)))
            .Where(agent => agent.Sighting.ActiveModel is not null)
            .Select(agent => new ModelInUse(agent.Sighting.ActiveModel!, agent.Sighting.ActiveModelParamSize, agent.Sighting.BusySlots, agent.Row.MaxConcurrentTasks)));
    }

    private static Task WriteAsync(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }
}
