using System.Text.Json.Serialization;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol.Manifests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Manifests;

/// <summary>Routes of manifests of models (economy-and-ledger 16.3).</summary>
internal static class ModelManifestEndpoints
{
    private const CallerKinds Readers = CallerKinds.Operator | CallerKinds.MeshService | CallerKinds.PortalService | CallerKinds.Peer | CallerKinds.Agent;

    /// <summary>Registers them. Needs log, peers and statistics.</summary>
    public static IServiceCollection AddModelManifests(this IServiceCollection services, ModelSources sources) => services.AddSingleton(new ModelManifestOptions(sources)).AddSingleton<ModelManifests>();

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapModelManifests(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/models/manifests", async (HttpContext http, ModelManifests manifests) => TypedResults.Json(
            await manifests.ListAsync(http.RequestAborted), ModelManifestJson.Default.ModelManifestList)).AllowCallers(Readers);
        routes.MapPost("/models/manifests", async (HttpContext http, ModelManifests manifests) => TypedResults.Json(
            await manifests.PublishAsync(JsonBody.Read(http, ModelManifestJson.Default.ModelManifestRequest), http.Caller().Name, http.RequestAborted), ModelManifestJson.Default.ModelManifestView)).AllowCallers(CallerKinds.Operator);
        return routes;
    }
}

/// <summary>Body of <c>POST /models/manifests</c>.</summary>
internal sealed record ModelManifestRequest(string? ModelId, string? Version, string? Source, string? Sha256, long? SizeBytes);

/// <summary>A manifest as it is shown.</summary>
/// <param name="Manifest">What it says.</param>
/// <param name="Signed">Its exact bytes, base64: what is checked.</param>
/// <param name="Fault">Code of the first check that fails here; absent when all pass.</param>
internal sealed record ModelManifestView(PeerModelManifest Manifest, string Signed, string? Fault);

/// <summary>Answer of <c>GET /models/manifests</c>.</summary>
internal sealed record ModelManifestList(IReadOnlyList<ModelManifestView> Manifests);

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ModelManifestRequest))]
[JsonSerializable(typeof(ModelManifestView))]
[JsonSerializable(typeof(ModelManifestList))]
internal sealed partial class ModelManifestJson : JsonSerializerContext;
