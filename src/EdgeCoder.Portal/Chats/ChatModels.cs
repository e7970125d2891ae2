using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Coordinators;

namespace EdgeCoder.Portal.Chats;

/// <summary>A model of this installation that answers.</summary>
/// <param name="Name">Id.</param>
/// <param name="Size">Parameters, as the service names them; null when unknown.</param>
/// <param name="Quantization">Form of its weights; null when unknown.</param>
internal sealed record ChatModel(string Name, string? Size, string? Quantization);

/// <summary>Models that chat can use, of the home coordinator. A failure is told as a failure: no models means that there are none (failure mode C3).</summary>
/// <param name="home">The coordinator.</param>
internal sealed class ChatModels(HomeCoordinator home)
{
    /// <summary>As JSON, with <c>unavailable</c> when the coordinator did not say.</summary>
    public async Task<JsonObject> JsonAsync(CancellationToken cancellationToken)
    {
        try
        {
            var told = await AskAsync(cancellationToken).ConfigureAwait(false);
            return new() { ["local"] = told["local"]?.DeepClone() ?? new JsonArray(), ["swarm"] = told["swarm"]?.DeepClone() ?? new JsonArray() };
        }
        catch (Refusal refusal)
        {
            return new() { ["local"] = new JsonArray(), ["swarm"] = new JsonArray(), ["unavailable"] = refusal.Error };
        }
    }

    /// <summary>For pages; null when the coordinator did not say.</summary>
    public async Task<IReadOnlyList<ChatModel>?> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            var told = await AskAsync(cancellationToken).ConfigureAwait(false);
            return [.. (told["local"] as JsonArray ?? []).OfType<JsonObject>().Select(one => new ChatModel(Text(one, "name") ?? "", Text(one, "parameterSize"), Text(one, "quantization"))).Where(one => one.Name.Length > 0)];
        }
        catch (Refusal)
        {
            return null;
        }
    }

    private static string? Text(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private Task<JsonObject> AskAsync(CancellationToken cancellationToken) => home.AskAsync(HttpMethod.Get, ["portal", "models"], cancellationToken: cancellationToken);
}
