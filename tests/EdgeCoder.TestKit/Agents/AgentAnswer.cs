using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.TestKit.Agents;

/// <summary>What a coordinator answered, as it came.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The bytes.</param>
public sealed record AgentAnswer(int Status, byte[] Body)
{
    /// <summary>The problem document of a refusal; null when it is none.</summary>
    public Problem? Problem => Status < 400 ? null : JsonSerializer.Deserialize(Body, MeshJson.Default.Problem);

    /// <summary>Status with stable code and reason, for instance <c>409 lease_not_held expired</c>; the status alone when it is no refusal.</summary>
    public string Outcome => string.Join(' ', new[] { $"{Status}", Problem?.Error, Problem?.Reason }.OfType<string>());

    /// <summary>The answer as a type; throws when it was a refusal.</summary>
    public T As<T>(JsonTypeInfo<T> type) => Status < 300 ? JsonSerializer.Deserialize(Body, type)! : throw new InvalidOperationException($"The coordinator refused: {System.Text.Encoding.UTF8.GetString(Body)}");
}
