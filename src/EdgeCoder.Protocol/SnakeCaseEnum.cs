using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol;

/// <summary>Writes an enum as <c>lower_snake_case</c> text, the form of every code in the specifications; numbers are refused.</summary>
public sealed class SnakeCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
