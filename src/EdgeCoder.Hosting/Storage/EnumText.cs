using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Hosting.Storage;

/// <summary>An enum as the store keeps it: <c>lower_snake_case</c> text, the same as on the wire.</summary>
public static class EnumText
{
    private static readonly ConcurrentDictionary<Type, (Dictionary<object, string> Names, Dictionary<string, object> Values)> Known = new();

    /// <summary>Text of a member.</summary>
    public static string Of(Enum value) =>
        Read(value.GetType()).Names.TryGetValue(value, out var name) ? name : throw new ArgumentOutOfRangeException(nameof(value), $"{value} is no member of {value.GetType().Name}.");

    /// <summary>Member of a text.</summary>
    /// <exception cref="FormatException">The store holds a text that this program does not know.</exception>
    public static T Parse<T>(string text)
        where T : struct, Enum =>
        Read(typeof(T)).Values.TryGetValue(text, out var value) ? (T)value : throw new FormatException($"The store holds '{text}', which is no {typeof(T).Name}.");

    private static (Dictionary<object, string> Names, Dictionary<string, object> Values) Read(Type type) => Known.GetOrAdd(type, static t =>
    {
        var names = new Dictionary<object, string>();
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var field in t.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var value = field.GetValue(null)!;
            var name = field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name);
            names[value] = name;
            values[name] = value;
        }

        return (names, values);
    });
}
