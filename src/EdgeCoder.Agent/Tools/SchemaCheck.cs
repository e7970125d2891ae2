using System.Globalization;
using System.Text.Json;

namespace EdgeCoder.Agent.Tools;

/// <summary>
/// Checks a value against a JSON schema of the closed set of keywords in <see cref="Keywords"/>. The schemas are ours; a test holds all of them to that
/// set, so that no keyword is passed over.
/// </summary>
internal static class SchemaCheck
{
    /// <summary>The keywords that are obeyed, and those that only say something.</summary>
    public static readonly IReadOnlySet<string> Keywords = new HashSet<string>(StringComparer.Ordinal)
    {
        "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "oneOf",
        "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "description", "default", "title",
    };

    /// <summary>The first fault: where it is, what is wrong, and the part of the schema; null when the value fits.</summary>
    public static SchemaFault? Check(JsonElement value, JsonElement schema) => Check(value, schema, "$");

    /// <summary>Every keyword of a schema that is not in <see cref="Keywords"/>, with its place.</summary>
    public static IEnumerable<string> Unknown(JsonElement schema, string at = "#")
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var keyword in schema.EnumerateObject())
        {
            if (!Keywords.Contains(keyword.Name))
            {
                yield return $"{at}/{keyword.Name}";
            }

            var inner = keyword.Name switch
            {
                "properties" => keyword.Value.EnumerateObject().SelectMany(p => Unknown(p.Value, $"{at}/properties/{p.Name}")),
                "items" => Unknown(keyword.Value, $"{at}/items"),
                "anyOf" or "oneOf" => keyword.Value.EnumerateArray().SelectMany((c, i) => Unknown(c, $"{at}/{keyword.Name}/{i}")),
                "additionalProperties" when keyword.Value.ValueKind != JsonValueKind.False => [$"{at}/additionalProperties (must be false)"],
                _ => [],
            };
            foreach (var unknown in inner)
            {
                yield return unknown;
            }
        }
    }

    private static SchemaFault? Check(JsonElement value, JsonElement schema, string at)
    {
        if (Choices(schema) is { } choices)
        {
            return Best([.. choices.Select(c => Check(value, c, at))], schema, at);
        }

        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(value, constant))
        {
            return new(at, $"must be {constant.GetRawText()}", schema);
        }

        if (schema.TryGetProperty("enum", out var members) && !members.EnumerateArray().Any(m => JsonElement.DeepEquals(m, value)))
        {
            return new(at, $"must be one of {string.Join(", ", members.EnumerateArray().Select(m => m.GetRawText()))}", schema);
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(t => IsOf(value, t)))
        {
            return new(at, $"must be {string.Join(" or ", Types(type))}, not {NameOf(value)}", schema);
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => Object(value, schema, at),
            JsonValueKind.Array => Array(value, schema, at),
            JsonValueKind.String => Bounds(value.GetString()!.EnumerateRunes().Count(), schema, "minLength", "maxLength", "characters", at),
            JsonValueKind.Number => Number(value, schema, at),
            _ => null,
        };
    }

    /// <summary>No fault when one choice fits; else the fault that is found deepest, which is that of the choice that was meant.</summary>
    private static SchemaFault? Best(IReadOnlyList<SchemaFault?> faults, JsonElement schema, string at)
    {
        if (faults.Any(f => f is null))
        {
            return null;
        }

        var deepest = faults.MaxBy(f => f!.Path.Length)!;
        return deepest.Path == at ? new(at, "fits none of the choices", schema) : deepest;
    }

    private static IEnumerable<JsonElement>? Choices(JsonElement schema) =>
        schema.TryGetProperty("anyOf", out var choices) || schema.TryGetProperty("oneOf", out choices) ? choices.EnumerateArray() : null;

    private static SchemaFault? Object(JsonElement value, JsonElement schema, string at)
    {
        schema.TryGetProperty("properties", out var properties);
        if (schema.TryGetProperty("required", out var required)
            && required.EnumerateArray().Select(r => r.GetString()!).FirstOrDefault(r => !value.TryGetProperty(r, out _)) is { } missing)
        {
            return new(at, $"{missing} is missing", properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(missing, out var wanted) ? wanted : schema);
        }

        var closed = schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.False;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (!seen.Add(member.Name))
            {
                return new($"{at}.{member.Name}", "is given twice", schema);
            }

            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member.Name, out var known))
            {
                if (Check(member.Value, known, $"{at}.{member.Name}") is { } fault)
                {
                    return fault;
                }
            }
            else if (closed)
            {
                var names = properties.ValueKind == JsonValueKind.Object ? string.Join(", ", properties.EnumerateObject().Select(p => p.Name)) : "none";
                return new($"{at}.{member.Name}", $"is not known here; known are {names}", schema);
            }
        }

        return null;
    }

    private static SchemaFault? Array(JsonElement value, JsonElement schema, string at)
    {
        if (Bounds(value.GetArrayLength(), schema, "minItems", "maxItems", "items", at) is { } outside)
        {
            return outside;
        }

        return schema.TryGetProperty("items", out var items)
            ? value.EnumerateArray().Select((item, i) => Check(item, items, $"{at}[{i}]")).FirstOrDefault(f => f is not null)
            : null;
    }

    private static SchemaFault? Number(JsonElement value, JsonElement schema, string at)
    {
        var number = value.GetDouble();
        if (schema.TryGetProperty("minimum", out var least) && number < least.GetDouble())
        {
            return new(at, $"must be at least {least.GetRawText()}", schema);
        }

        return schema.TryGetProperty("maximum", out var most) && number > most.GetDouble() ? new(at, $"must be at most {most.GetRawText()}", schema) : null;
    }

    private static SchemaFault? Bounds(int count, JsonElement schema, string least, string most, string what, string at)
    {
        if (schema.TryGetProperty(least, out var low) && count < low.GetInt32())
        {
            return new(at, string.Create(CultureInfo.InvariantCulture, $"must have at least {low.GetInt32()} {what}"), schema);
        }

        return schema.TryGetProperty(most, out var high) && count > high.GetInt32()
            ? new(at, string.Create(CultureInfo.InvariantCulture, $"must have at most {high.GetInt32()} {what}, it has {count}"), schema)
            : null;
    }

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of JSON schema."),
    };

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.GetRawText(),
        var kind => kind.ToString().ToLowerInvariant(),
    };
}

/// <summary>Where and why a value does not fit.</summary>
/// <param name="Path">Place in the value, from <c>$</c>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Schema">The part of the schema.</param>
internal sealed record SchemaFault(string Path, string Message, JsonElement Schema)
{
    /// <summary>For the model.</summary>
    public override string ToString() => $"{Path} {Message}. Schema there: {Schema.GetRawText()}";
}
