using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Workers;

/// <summary>What an attempt did, as the blob that a report's <c>logsDigest</c> names: history with streams and reasons, and the events.</summary>
/// <param name="V">Version, 1.</param>
/// <param name="Execution">Everything about the session; null for one answer.</param>
/// <param name="Events">Its events, but for the pieces of text that a later event holds whole.</param>
internal sealed record AttemptLog(int V, AgentExecution? Execution, IReadOnlyList<SessionEvent> Events)
{
    /// <summary>The blob.</summary>
    public static byte[] Write(AgentExecution? execution, IReadOnlyList<SessionEvent> events) =>
        JsonSerializer.SerializeToUtf8Bytes(new(1, execution, [.. events.Where(e => e is not (TextEvent or DoneEvent))]), AttemptLogJson.Default.AttemptLog);
}

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AttemptLog))]
internal sealed partial class AttemptLogJson : JsonSerializerContext;
