using System.Reflection;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.ModelLists;
using EdgeCoder.IdeProvider.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Status;

/// <summary><c>/health</c>, <c>/status</c> and <c>/v1/router/status</c> (agent-executor-models 6.2, 6.5).</summary>
internal static class StatusEndpoints
{
    private static readonly string Version = typeof(StatusEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    /// <summary>Maps them.</summary>
    public static void MapStatus(this IEndpointRouteBuilder routes)
    {
        var local = routes.ServiceProvider.GetRequiredService<LocalRoute>();
        var swarm = routes.ServiceProvider.GetRequiredService<SwarmRoute>();
        routes.MapAdmitted("GET HEAD", "/health", AccessRule.Open, async (context, _) =>
        {
            var (_, reason) = await ModelsAsync(local, context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, writer =>
            {
                writer.WriteBoolean("ok", true);
                writer.WriteString("version", Version);
                Ready(writer, reason);
            }).ConfigureAwait(false);
        });
        routes.MapAdmitted("GET", "/status", AccessRule.KeyOrLoopback, async (context, caller) =>
        {
            var (active, reason) = await ModelsAsync(local, context.RequestAborted).ConfigureAwait(false);
            var away = await swarm.SeenByAsync(caller, context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, writer =>
            {
                writer.WriteString("version", Version);
                Ready(writer, reason);
                writer.WriteBoolean("keyPresented", caller.Key is not null);
                if (active is not null)
                {
                    writer.WriteString("model", active.Id);
                    writer.WriteString("provider", active.Facts.Provider);
                }

                writer.WriteStartObject("router");
                Router(writer, local, reason, swarm, away);
                writer.WriteEndObject();
            }).ConfigureAwait(false);
        });
        routes.MapAdmitted("GET", "/v1/router/status", AccessRule.KeyOrLoopback, async (context, caller) =>
        {
            var (_, reason) = await ModelsAsync(local, context.RequestAborted).ConfigureAwait(false);
            var away = await swarm.SeenByAsync(caller, context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, writer => Router(writer, local, reason, swarm, away)).ConfigureAwait(false);
        });
    }

    private static async Task<(ModelEntry? Active, string? Reason)> ModelsAsync(LocalRoute local, CancellationToken cancellationToken)
    {
        try
        {
            var models = await local.Models.ListAsync(cancellationToken).ConfigureAwait(false);
            return (models.FirstOrDefault(model => model.Facts.Active), models.Any(model => model.ServesWays) ? null : "no_model_available: get one with edgecoder models pull qwen2.5-coder:1.5b");
        }
        catch (Refusal fault)
        {
            return (null, $"{fault.Error}: {fault.Message}");
        }
    }

    private static void Ready(Utf8JsonWriter writer, string? reason)
    {
        writer.WriteBoolean("ready", reason is null);
        writer.WriteStartArray("reasons");
        if (reason is not null)
        {
            writer.WriteStringValue(reason);
        }

        writer.WriteEndArray();
    }

    private static void Router(Utf8JsonWriter writer, LocalRoute local, string? reason, SwarmRoute swarm, string? away)
    {
        var now = local.NowMs;
        writer.WriteNumber("activeConcurrent", local.Line.Active);
        writer.WriteNumber("concurrencyCap", local.Line.Cap);
        writer.WriteNumber("localLatencyP95Ms", local.Gate.EstimateMs(now));
        writer.WriteNumber("latencyThresholdMs", local.Gate.ThresholdMs);
        writer.WriteNumber("latencySamples", local.Gate.Samples(now));
        writer.WriteBoolean("bluetoothEnabled", false);
        writer.WriteBoolean("swarmEnabled", swarm.IsConfigured);
        writer.WriteNumber("queueDepth", local.Line.Waiting);
        writer.WriteString("gate", local.Gate.State(now) switch { GateState.Open => "open", GateState.HalfOpen => "half_open", _ => "closed" });
        writer.WriteStartArray("routes");
        Route(writer, "local", reason is null, reason);
        Route(writer, "swarm", away is null, away is null ? (swarm.WasAsked ? null : "configured; it is asked when a call may go there") : (swarm.IsConfigured ? "swarm_unavailable: " : "swarm_not_configured: ") + away);
        writer.WriteEndArray();
    }

    private static void Route(Utf8JsonWriter writer, string id, bool available, string? reason)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteBoolean("available", available);
        writer.WriteString("reason", reason ?? "ready");
        writer.WriteEndObject();
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        context.Response.ContentType = "application/json";
        var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        await using (writer.ConfigureAwait(false))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
