using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>Messages of enrolment.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(EnrollRequest))]
[JsonSerializable(typeof(EnrolledNode))]
[JsonSerializable(typeof(ValidateNodeRequest))]
[JsonSerializable(typeof(ValidateNodeAnswer))]
[JsonSerializable(typeof(LookupNodesRequest))]
[JsonSerializable(typeof(LookupNodesAnswer))]
[JsonSerializable(typeof(NotifyRequest))]
internal sealed partial class EnrolmentJson : JsonSerializerContext;
