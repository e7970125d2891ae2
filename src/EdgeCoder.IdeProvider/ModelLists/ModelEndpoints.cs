using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.ModelLists;

/// <summary><c>GET /v1/models</c> and one of them (agent-executor-models 6.2).</summary>
internal static class ModelEndpoints
{
    // The ways are as old as the program; a fixed time keeps lists equal.
    private const long WaysCreated = 1_767_225_600;

    /// <summary>Maps them.</summary>
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var local = routes.ServiceProvider.GetRequiredService<LocalRoute>();
        var swarm = routes.ServiceProvider.GetRequiredService<SwarmRoute>();
        routes.MapAdmitted("GET HEAD", "/v1/models", AccessRule.KeyOrLoopback, async (context, caller) =>
        {
            var entries = await EntriesAsync(local, swarm, caller, context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("object", "list");
                writer.WriteStartArray("data");
                foreach (var entry in entries)
                {
                    Write(writer, entry);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }).ConfigureAwait(false);
        });
        routes.MapAdmitted("GET HEAD", "/v1/models/{**id}", AccessRule.KeyOrLoopback, async (context, caller) =>
        {
            var id = (string)context.Request.RouteValues["id"]!;
            var entry = (await EntriesAsync(local, swarm, caller, context.RequestAborted).ConfigureAwait(false)).FirstOrDefault(entry => entry.Id == id)
                ?? throw new Refusal(404, "model_not_found", "There is no such model here. See GET /v1/models.");
            await WriteAsync(context, writer => Write(writer, entry)).ConfigureAwait(false);
        });
    }

    private static async Task<IReadOnlyList<ModelEntry>> EntriesAsync(LocalRoute local, SwarmRoute swarm, IdeCaller caller, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModelEntry> models = [];
        string? reason = null;
        try
        {
            models = await local.Models.ListAsync(cancellationToken).ConfigureAwait(false);
            reason = models.Any(model => model.ServesWays) ? null : "No model of this machine can answer now. Get one: edgecoder models pull qwen2.5-coder:1.5b";
        }
        catch (Refusal fault)
        {
            reason = fault.Message;
        }

        var active = models.FirstOrDefault(model => model.Facts.Active)?.Facts;
        var near = new ModelFacts
        {
            Available = reason is null,
            Reason = reason,
            ProvenContext = active?.ProvenContext,
            Tools = models.Any(model => model.Facts.Tools),
            Fim = models.Any(model => model.Facts.Fim),
            Embeddings = models.Any(model => model.Facts.Embeddings),
            Digest = active?.Digest,
            Reach = "this-machine",
        };
        var away = await WhyNotAsync(swarm, caller, cancellationToken).ConfigureAwait(false);
        var far = new ModelFacts { Available = away is null, Reason = away, Reach = "swarm" };
        return
        [
            .. RouteNames.All.Select(name => new ModelEntry { Id = name, Created = WaysCreated, Facts = name == RouteNames.Swarm ? far : near }).Where(entry => caller.Allows(entry.Id)),
            .. models.Where(model => caller.Allows(model.Id)),
        ];
    }

    // A model that is listed as available can be called by who reads the list.
    private static async ValueTask<string?> WhyNotAsync(SwarmRoute swarm, IdeCaller caller, CancellationToken cancellationToken) =>
        await swarm.SeenByAsync(caller, cancellationToken).ConfigureAwait(false)
        ?? (caller.MaxDataClass == DataClass.Local ? "It takes requests of the class team or mesh, with a key that allows it: edgecoder keys create NAME --class team" : null);

    private static void Write(Utf8JsonWriter writer, ModelEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("id", entry.Id);
        writer.WriteString("object", "model");
        writer.WriteNumber("created", entry.Created);
        writer.WriteString("owned_by", entry.Facts.Provider ?? "edgecoder");
        writer.WriteStartObject("edgecoder");
        writer.WriteBoolean("available", entry.Facts.Available);
        if (entry.Facts.Reason is { } reason)
        {
            writer.WriteString("reason", reason);
        }

        if (entry.Facts.ProvenContext is { } window)
        {
            writer.WriteNumber("provenContext", window);
        }

        writer.WriteBoolean("tools", entry.Facts.Tools);
        writer.WriteBoolean("fim", entry.Facts.Fim);
        writer.WriteBoolean("embeddings", entry.Facts.Embeddings);
        if (entry.Facts.Digest is { } digest)
        {
            writer.WriteString("digest", digest);
        }

        writer.WriteString("reach", entry.Facts.Reach ?? "this-machine");
        writer.WriteBoolean("active", entry.Facts.Active);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        context.Response.ContentType = "application/json";
        var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        await using (writer.ConfigureAwait(false))
        {
            write(writer);
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
