using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Chats;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Escalations;

namespace EdgeCoder.Protocol;

/// <summary>How messages of the inference service and of escalations are written; the rules are those of <see cref="MeshJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DecomposeRequest))]
[JsonSerializable(typeof(DecomposeAnswer))]
[JsonSerializable(typeof(InferenceHealth))]
[JsonSerializable(typeof(InferenceEscalation))]
[JsonSerializable(typeof(InferenceEscalationAnswer))]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(ChatPiece))]
[JsonSerializable(typeof(ChatCount))]
[JsonSerializable(typeof(ChatBroken))]
[JsonSerializable(typeof(ChatUnavailable))]
[JsonSerializable(typeof(EscalationRequest))]
[JsonSerializable(typeof(EscalationResult))]
[JsonSerializable(typeof(EscalationDetail))]
[JsonSerializable(typeof(EscalationList))]
[JsonSerializable(typeof(EscalationResponse))]
[JsonSerializable(typeof(EscalationResponded))]
[JsonSerializable(typeof(HumanEscalation))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<AutomatedAttempt>))]
public sealed partial class InferenceJson : JsonSerializerContext;
