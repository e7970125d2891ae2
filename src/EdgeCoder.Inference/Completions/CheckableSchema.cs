using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Inference.Llama.Grammars;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Completions;

/// <summary>A client's schema in the form that <see cref="SchemaCheck"/> reads: references in their place, notes left out.</summary>
internal static class CheckableSchema
{
    private const int Deepest = 32;
    private static readonly HashSet<string> Notes = ["$schema", "$id", "$comment", "$defs", "definitions", "examples", "deprecated", "readOnly", "writeOnly"];

    /// <summary>The same schema. One that says what cannot be checked is <c>unsupported_parameter</c>, which names the keyword: an answer is never called right unseen.</summary>
    public static JsonElement Of(JsonElement schema)
    {
        try
        {
            // Refuses what is no schema: references to nothing or to themselves, unknown types, lists that are none.
            JsonSchemaGrammar.From(schema);
            var inlined = JsonSerializer.SerializeToElement(Inline(schema, schema, 0), SchemaJson.Default.JsonNode);
            return SchemaCheck.Unknown(inlined).FirstOrDefault() is { } unknown ? throw Unsupported($"{unknown} cannot be checked") : inlined;
        }
        catch (ModelException fault) when (fault.Code == "unsupported_schema")
        {
            throw Unsupported(fault.Message.TrimEnd('.'));
        }
    }

    private static JsonNode? Inline(JsonElement schema, JsonElement root, int depth)
    {
        if (depth > Deepest)
        {
            throw Unsupported("it refers to itself, or is nested too deeply");
        }

        switch (schema.ValueKind)
        {
            case JsonValueKind.Object when schema.TryGetProperty("$ref", out var reference):
                var target = root;
                foreach (var step in reference.GetString()!.Split('/').Skip(1))
                {
                    target = target.GetProperty(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
                }

                return Inline(target, root, depth + 1);
            case JsonValueKind.Object:
                var copy = new JsonObject();
                foreach (var member in schema.EnumerateObject())
                {
                    if (!Notes.Contains(member.Name) && !(member.Name == "additionalProperties" && member.Value.ValueKind == JsonValueKind.True))
                    {
                        copy[member.Name] = member.Name is "const" or "enum" or "default" ? JsonNode.Parse(member.Value.GetRawText()) : Inline(member.Value, root, depth + 1);
                    }
                }

                return copy;
            case JsonValueKind.Array:
                return new JsonArray([.. schema.EnumerateArray().Select(item => Inline(item, root, depth + 1))]);
            default:
                return JsonNode.Parse(schema.GetRawText());
        }
    }

    private static ApiFault Unsupported(string why) => ApiFault.Unsupported("response_format.json_schema.schema", why);
}
