using System.Text.Json.Serialization;

namespace EdgeCoder.Agent.Sessions;

/// <summary>
/// JSON of the files of a session. Lines are written by the generated writers alone (<see cref="LineFile{T}"/>): the metadata of the serializer
/// would be compiled at the start of every session, and that costs more than all the rest of the loop. So no type here is polymorphic.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(JournalLine))]
[JsonSerializable(typeof(EventLine))]
internal sealed partial class JournalJson : JsonSerializerContext;
