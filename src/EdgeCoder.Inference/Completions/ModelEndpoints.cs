using System.Text.Json;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Completions;

/// <summary><c>GET /v1/models</c>: the installed models of a reach, with what is known of each (agent-executor-models 6.2).</summary>
internal static class ModelEndpoints
{
    /// <summary>Maps it.</summary>
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.ServiceProvider.GetRequiredService<ReachModels>();
        routes.MapGuarded("GET", "/v1/models", InferenceRule.WithToken, context =>
            ApiRoutes.RunAsync(context, (_, reach) => ListAsync(context, models.Of(reach).Hub)));
    }

    private static async Task ListAsync(HttpContext context, ModelHub hub)
    {
        var listed = (await hub.ListAsync(_ => { }, context.RequestAborted).ConfigureAwait(false)).Where(model => model.Installed).ToList();
        var health = (await hub.HealthAsync(context.RequestAborted).ConfigureAwait(false)).ToDictionary(provider => provider.Provider, provider => provider.Health, StringComparer.Ordinal);
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            json.WriteStartArray("data"u8);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var model in listed)
            {
                // Two servers may have a model of the same name: the second can be had by its full name, and an id always means one model.
                Write(json, model, seen.Add(model.ModelId) ? model.ModelId : $"{model.Provider}/{model.ModelId}", health.GetValueOrDefault(model.Provider));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter json, ListedModel model, string id, ProviderHealth? health)
    {
        // The demonstration model stands beside the provider that is asked for its health.
        var isDemonstration = model.ModelId == ModelHub.DemonstrationId;
        var available = isDemonstration || health is null or { Ok: true };
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, (model.AddedAtMs ?? 0) / 1000);
        json.WriteString("owned_by"u8, "edgecoder"u8);
        json.WriteStartObject("edgecoder"u8);
        json.WriteBoolean("available"u8, available);
        if (!available)
        {
            json.WriteString("reason"u8, health!.Reason);
        }

        if (model.ProvenContext is { } window)
        {
            json.WriteNumber("provenContext"u8, window);
        }

        var embeds = model.Provider != ProviderKinds.Local && ModelSelection.IsForEmbeddings(model.ModelId);
        json.WriteBoolean("tools"u8, !isDemonstration && !embeds);
        json.WriteBoolean("fim"u8, model.Provider == ProviderKinds.Local && model.Fim);
        json.WriteBoolean("embeddings"u8, embeds);
        json.WriteString("digest"u8, model.Digest);
        json.WriteString("reach"u8, model.Reach switch { ModelReach.ThisMachine => "this-machine", ModelReach.Team => "team", _ => "cloud" });
        json.WriteString("provider"u8, model.Provider);
        json.WriteBoolean("active"u8, model.Active);
        if (model.Estimate is { } estimate)
        {
            // How a server counts: who relays to it without a stop here judges its counts with this.
            json.WriteStartObject("estimate"u8);
            json.WriteNumber("word"u8, estimate.Word);
            json.WriteNumber("digit"u8, estimate.Digit);
            json.WriteNumber("mark"u8, estimate.Mark);
            json.WriteNumber("gap"u8, estimate.Gap);
            json.WriteNumber("other"u8, estimate.Other);
            json.WriteEndObject();
        }

        if (model.Speed is { } speed)
        {
            // How long a call may take: who relays to it derives the limits from this.
            json.WriteStartObject("speed"u8);
            json.WriteNumber("loadMs"u8, Math.Round(speed.Load.TotalMilliseconds));
            json.WriteNumber("prefillPerSecond"u8, speed.PrefillPerSecond);
            json.WriteNumber("decodePerSecond"u8, speed.DecodePerSecond);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
