using System.Text.Json.Serialization;

namespace EdgeCoder.Acp;

/// <summary>JSON of the Agent Client Protocol.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InitializeRequest))]
[JsonSerializable(typeof(InitializeResponse))]
[JsonSerializable(typeof(SessionSetup))]
[JsonSerializable(typeof(SessionSetupResponse))]
[JsonSerializable(typeof(SetModeRequest))]
[JsonSerializable(typeof(SessionReference))]
[JsonSerializable(typeof(ListRequest))]
[JsonSerializable(typeof(ListResponse))]
[JsonSerializable(typeof(PromptRequest))]
[JsonSerializable(typeof(PromptResponse))]
[JsonSerializable(typeof(SessionNotification))]
[JsonSerializable(typeof(PermissionRequest))]
[JsonSerializable(typeof(PermissionResponse))]
[JsonSerializable(typeof(ReadTextFileRequest))]
[JsonSerializable(typeof(ReadTextFileResponse))]
[JsonSerializable(typeof(IReadOnlyList<AcpToolContent>))]
[JsonSerializable(typeof(Nothing))]
internal sealed partial class AcpJson : JsonSerializerContext;
