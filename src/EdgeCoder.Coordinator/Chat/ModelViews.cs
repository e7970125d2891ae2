using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Chat;

/// <summary>Answer of <c>GET /portal/models</c>.</summary>
/// <param name="Local">Models of the inference service.</param>
/// <param name="Swarm">Models that agents have in use now.</param>
internal sealed record PortalModels(IReadOnlyList<LocalModelView> Local, IReadOnlyList<SwarmModelView> Swarm);

/// <summary>A model of the inference service.</summary>
internal sealed record LocalModelView(string Name, string? ParameterSize, string? Quantization, bool Running);

/// <summary>A model of agents.</summary>
internal sealed record SwarmModelView(string Model, long? ParamSize, int AgentCount);

/// <summary>One line of <c>GET /models/available</c>.</summary>
/// <param name="Model">Model id.</param>
/// <param name="ParamSize">Parameters; absent when unknown.</param>
/// <param name="AgentCount">Agents that have it in use.</param>
/// <param name="AvgLoad">Busy slots over all their slots, 0 to 1.</param>
internal sealed record AvailableModel(string Model, long? ParamSize, int AgentCount, double AvgLoad);

/// <summary>What the inference service says of itself, as far as it is shown here.</summary>
internal sealed record InferenceOverview(string? ActiveModel, string? ActiveModelParamSize);

/// <summary>How these are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PortalModels))]
[JsonSerializable(typeof(IReadOnlyList<AvailableModel>))]
[JsonSerializable(typeof(InferenceOverview))]
internal sealed partial class ChatJson : JsonSerializerContext;
