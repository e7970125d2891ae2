using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Protocol;

/// <summary>How protocol types are written as JSON: camelCase, absent instead of null, no reflection at run time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(SessionEvent))]
[JsonSerializable(typeof(AgentExecution))]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(TestReport))]
public sealed partial class ProtocolJson : JsonSerializerContext
{
    /// <summary>The same, indented, for people.</summary>
    public static ProtocolJson Indented => field ??= new(new JsonSerializerOptions(Default.Options) { WriteIndented = true });
}
