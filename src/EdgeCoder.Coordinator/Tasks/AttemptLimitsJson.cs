using System.Text.Json;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Limits as a column.</summary>
internal static class AttemptLimitsJson
{
    /// <summary>Writes.</summary>
    public static string? Write(AttemptLimits? limits) => limits is null ? null : JsonSerializer.Serialize(limits, QueueJson.Default.AttemptLimits);

    /// <summary>Reads.</summary>
    public static AttemptLimits? Read(string? json) => json is null ? null : JsonSerializer.Deserialize(json, QueueJson.Default.AttemptLimits);
}
