using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol;

/// <summary>
/// Writes an enum as <c>lower_snake_case</c> text, the form of every code in the specifications; a <see cref="JsonStringEnumMemberNameAttribute"/>
/// names a member otherwise. Numbers, unknown names and combined flags are refused. Little of it is generic, because what is generic over an enum is
/// compiled anew for each one at every start of the program.
/// </summary>
public sealed class SnakeCaseEnum<T> : JsonConverter<T>
    where T : struct, Enum
{
    private readonly EnumNames _names = new(typeof(T));

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        (T)_names.Parse(reader.TokenType == JsonTokenType.String ? reader.GetString() : null);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(_names.Of(value));
}

/// <summary>The members of an enum and their names on the wire.</summary>
internal sealed class EnumNames
{
    private readonly Type _type;
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<long, string> _names = [];

    public EnumNames(Type type)
    {
        _type = type;
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var value = field.GetValue(null)!;
            var name = field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name);
            _values[name] = value;
            _names[Number(value)] = name;
        }
    }

    public object Parse(string? name) => name is not null && _values.TryGetValue(name, out var value) ? value : throw new JsonException($"{name ?? "That"} is no {_type.Name}.");

    public string Of(object value) => _names.TryGetValue(Number(value), out var name) ? name : throw new JsonException($"{value} is no {_type.Name}.");

    private static long Number(object value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
