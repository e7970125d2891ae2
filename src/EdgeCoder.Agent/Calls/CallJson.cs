using System.Text.Json.Serialization;

namespace EdgeCoder.Agent.Calls;

/// <summary>JSON of the names in calls.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class CallJson : JsonSerializerContext;
