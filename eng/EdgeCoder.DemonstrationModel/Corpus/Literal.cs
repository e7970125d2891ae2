using System.Text.Json;

namespace EdgeCoder.Training.Corpus;

/// <summary>Writes a JSON value as a literal of a programming language.</summary>
internal static class Literal
{
    /// <summary>The literal's text.</summary>
    public static string Write(JsonElement value, Language language) => value.ValueKind switch
    {
        JsonValueKind.Array => "[" + string.Join(", ", value.EnumerateArray().Select(item => Write(item, language))) + "]",
        JsonValueKind.Object => "{" + string.Join(", ", value.EnumerateObject().Select(entry => $"\"{entry.Name}\": {Write(entry.Value, language)}")) + "}",
        JsonValueKind.True => language == Language.Python ? "True" : "true",
        JsonValueKind.False => language == Language.Python ? "False" : "false",
        JsonValueKind.Null => language == Language.Python ? "None" : "null",
        _ => value.GetRawText(),
    };

    /// <summary>Whether two values are equal, with <c>2</c> and <c>2.0</c> the same number.</summary>
    public static bool Same(JsonElement a, JsonElement b) => (a.ValueKind, b.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => a.GetDouble() == b.GetDouble(),
        (JsonValueKind.Array, JsonValueKind.Array) => a.GetArrayLength() == b.GetArrayLength() && a.EnumerateArray().Zip(b.EnumerateArray()).All(pair => Same(pair.First, pair.Second)),
        (JsonValueKind.Object, JsonValueKind.Object) => a.EnumerateObject().Count() == b.EnumerateObject().Count()
            && a.EnumerateObject().All(entry => b.TryGetProperty(entry.Name, out var other) && Same(entry.Value, other)),
        _ => a.ValueKind == b.ValueKind && a.ToString() == b.ToString(),
    };
}
