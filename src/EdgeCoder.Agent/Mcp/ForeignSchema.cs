using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Mcp;

/// <summary>
/// A schema that somebody else wrote, as calls are checked against it here: what <see cref="SchemaCheck"/> obeys, in the shape it expects. A keyword that it does
/// not know, or whose value makes no sense, is dropped, so that the check is never wrong, only wider; the server checks what is left. Pure.
/// </summary>
internal static class ForeignSchema
{
    private const int Deepest = 12;
    private const int MostNodes = 2_000;
    private const int MostBytes = 32 << 10;
    private const int LongestText = 512;

    private static readonly string[] Types = ["object", "array", "string", "boolean", "null", "number", "integer"];

    /// <summary>The schema, or null for one that is no object, too deep, too large or not all text.</summary>
    public static JsonElement? Read(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object || schema.GetRawText().Length > MostBytes || !ForeignText.IsWhole(schema))
        {
            return null;
        }

        var nodes = 0;
        if (Node(schema, 0, ref nodes) is not { } node)
        {
            return null;
        }

        // Arguments are one object, whatever choices are offered beside that.
        node.Remove("anyOf");
        node["type"] = "object";
        return JsonElement.Parse(node.ToJsonString());
    }

    private static JsonObject? Node(JsonElement schema, int depth, ref int nodes)
    {
        // `true` allows anything, and so does what is no schema at all.
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        if (depth > Deepest || ++nodes > MostNodes)
        {
            return null;
        }

        var kept = new JsonObject();
        foreach (var keyword in schema.EnumerateObject())
        {
            var value = keyword.Value;
            JsonNode? taken = null;
            switch (keyword.Name)
            {
                case "type" when value.ValueKind == JsonValueKind.String && Types.Contains(value.GetString()):
                case "type" when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String && Types.Contains(one.GetString())):
                case "enum" when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0:
                case "const":
                case "additionalProperties" when value.ValueKind == JsonValueKind.False:
                case "required" when value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String):
                case "minLength" or "maxLength" or "minItems" or "maxItems" when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0:
                case "minimum" or "maximum" when value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()):
                    taken = JsonNode.Parse(value.GetRawText());
                    kept[keyword.Name] = taken;
                    break;
                case "description" or "title" when value.ValueKind == JsonValueKind.String:
                    kept[keyword.Name] = ForeignText.Line(value.GetString()!, LongestText);
                    break;
                case "properties" when value.ValueKind == JsonValueKind.Object:
                    var properties = new JsonObject();
                    foreach (var property in value.EnumerateObject())
                    {
                        if (Node(property.Value, depth + 1, ref nodes) is not { } inner)
                        {
                            return null;
                        }

                        properties[property.Name] = inner;
                    }

                    kept["properties"] = properties;
                    break;
                case "items" when value.ValueKind == JsonValueKind.Object:
                    if (Node(value, depth + 1, ref nodes) is not { } items)
                    {
                        return null;
                    }

                    kept["items"] = items;
                    break;
                case "anyOf" or "oneOf" when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && !kept.ContainsKey("anyOf"):
                    var choices = new JsonArray();
                    foreach (var choice in value.EnumerateArray())
                    {
                        if (Node(choice, depth + 1, ref nodes) is not { } inner)
                        {
                            return null;
                        }

                        choices.Add((JsonNode)inner);
                    }

                    kept["anyOf"] = choices;
                    break;
            }
        }

        if (!kept.ContainsKey("properties") && kept.ContainsKey("additionalProperties"))
        {
            // With `patternProperties` or a reference beside it, closed does not mean empty.
            kept.Remove("additionalProperties");
        }

        return kept;
    }
}
