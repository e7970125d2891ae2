using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama.Grammars;

/// <summary>
/// Writes a GBNF grammar for the JSON texts that a JSON schema (draft 2020-12) allows. What cannot be written as a grammar is refused by
/// name, because a model that is not held to a rule would break it. Properties come in the schema's order; others are not allowed unless
/// the schema asks for them, which is what OpenAI's strict mode does.
/// </summary>
internal sealed class JsonSchemaGrammar
{
    private const int DeepestSchema = 64;
    private const int MostRepetitions = 1000;

    private const string Primitives = """
        ws ::= | " " | "\n" [ \t]{0,20}
        value ::= object | array | string | number | boolean | null
        object ::= "{" ws ( member ( "," ws member )* )? "}"
        member ::= string ":" ws value ws
        array ::= "[" ws ( value ws ( "," ws value ws )* )? "]"
        character ::= [^"\\\x7F\x00-\x1F] | "\\" ( ["\\/bfnrt] | "u" [0-9a-fA-F]{4} )
        string ::= "\"" character* "\""
        integer ::= "-"? ( "0" | [1-9] [0-9]{0,17} )
        number ::= integer ( "." [0-9]{1,18} )? ( [eE] [-+]? [0-9]{1,3} )?
        boolean ::= "true" | "false"
        null ::= "null"

        """;

    // They say something to people, or nothing that a grammar could break.
    private static readonly HashSet<string> Notes = ["$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"];

    private readonly StringBuilder _rules = new(Primitives);
    private readonly Dictionary<string, string> _references = [];
    private readonly JsonElement _schema;
    private int _count;
    private int _depth;

    private JsonSchemaGrammar(JsonElement schema) => _schema = schema;

    /// <summary>Any JSON object.</summary>
    public static string AnyObject => Primitives + "root ::= ws object\n";

    /// <summary>The grammar, with the root rule <c>root</c>.</summary>
    /// <exception cref="ModelException"><c>unsupported_schema</c>, which names the keyword and where it stands.</exception>
    public static string From(JsonElement schema)
    {
        var grammar = new JsonSchemaGrammar(schema);
        var root = grammar.Expression(schema, "#");
        return grammar._rules.Append(CultureInfo.InvariantCulture, $"root ::= ws {root}\n").ToString();
    }

    private string Expression(JsonElement schema, string at)
    {
        if (schema.ValueKind == JsonValueKind.True)
        {
            return "value";
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            throw Unsupported(at, "this is not a schema that any value fits");
        }

        if (++_depth > DeepestSchema)
        {
            throw Unsupported(at, "it is nested too deeply");
        }

        var expression = Inner(schema, at);
        _depth--;
        return expression;
    }

    private string Inner(JsonElement schema, string at)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            Allow(schema, at, "$ref");
            return Reference(Text(reference, at), at);
        }

        foreach (var keyword in new[] { "anyOf", "oneOf" })
        {
            if (schema.TryGetProperty(keyword, out var choices))
            {
                Allow(schema, at, keyword);
                return Choice([.. Items(choices, at).Select((choice, i) => Expression(choice, $"{at}/{keyword}/{i}"))]);
            }
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            Allow(schema, at, "const", "type");
            return Literal(constant);
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            Allow(schema, at, "enum", "type");
            return Choice([.. Items(values, at).Select(Literal)]);
        }

        return Typed(schema, at);
    }

    private string Typed(JsonElement schema, string at)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            if (schema.TryGetProperty("properties", out _))
            {
                return Object(schema, at);
            }

            Allow(schema, at);
            return "value";
        }

        return type.ValueKind == JsonValueKind.Array
            ? Choice([.. type.EnumerateArray().Select(one => OfType(schema, Text(one, at), at, several: true))])
            : OfType(schema, Text(type, at), at, several: false);
    }

    private string OfType(JsonElement schema, string type, string at, bool several)
    {
        if (several)
        {
            // Keywords of the other types stand beside; each branch takes its own.
            return type switch
            {
                "object" => Object(schema, at, "items", "minItems", "maxItems", "minLength", "maxLength"),
                "array" => Array(schema, at, "properties", "required", "additionalProperties", "minLength", "maxLength"),
                "string" => String(schema, at, "properties", "required", "additionalProperties", "items", "minItems", "maxItems"),
                _ => Plain(schema, type, at, "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength"),
            };
        }

        return type switch
        {
            "object" => Object(schema, at),
            "array" => Array(schema, at),
            "string" => String(schema, at),
            _ => Plain(schema, type, at),
        };
    }

    private string Plain(JsonElement schema, string type, string at, params string[] beside)
    {
        Allow(schema, at, ["type", .. beside]);
        return type is "integer" or "number" or "boolean" or "null" ? type : throw Unsupported(at, $"there is no type {type}");
    }

    private string String(JsonElement schema, string at, params string[] beside)
    {
        Allow(schema, at, ["type", "minLength", "maxLength", .. beside]);
        var (least, most) = Range(schema, "minLength", "maxLength", at);
        return least == 0 && most is null ? "string" : Rule($"\"\\\"\" character{Repetition(least, most)} \"\\\"\"");
    }

    private string Array(JsonElement schema, string at, params string[] beside)
    {
        Allow(schema, at, ["type", "items", "minItems", "maxItems", .. beside]);
        var item = schema.TryGetProperty("items", out var items) ? Expression(items, at + "/items") : "value";
        var (least, most) = Range(schema, "minItems", "maxItems", at);
        if (most == 0)
        {
            return Rule("\"[\" ws \"]\"");
        }

        var more = Repetition(Math.Max(0, least - 1), most - 1);
        var content = $"{item} ws ( \",\" ws {item} ws ){more}";
        return Rule($"\"[\" ws {(least == 0 ? $"( {content} )?" : content)} \"]\"");
    }

    private string Object(JsonElement schema, string at, params string[] beside)
    {
        Allow(schema, at, ["type", "properties", "required", "additionalProperties", .. beside]);
        var required = schema.TryGetProperty("required", out var names) ? List(names, at).Select(name => Text(name, at)).ToHashSet(StringComparer.Ordinal) : [];
        var properties = schema.TryGetProperty("properties", out var listed) ? listed.EnumerateObject().ToList() : [];
        if (required.FirstOrDefault(name => properties.All(property => property.Name != name)) is { } missing)
        {
            throw Unsupported(at + "/required", $"{missing} is required but not among the properties");
        }

        var members = properties.Select(property => (
            Text: $"{Literal(property.Name)} \":\" ws {Expression(property.Value, $"{at}/properties/{property.Name}")} ws",
            IsRequired: required.Contains(property.Name))).ToList();
        var additional = Additional(schema, at);
        if (members.Count == 0)
        {
            return additional is null ? Rule("\"{\" ws \"}\"") : Rule($"\"{{\" ws ( {additional} ( \",\" ws {additional} )* )? \"}}\"");
        }

        return Rule($"\"{{\" ws {Members(members, additional)} \"}}\"");
    }

    /// <summary>A member of a name of the model's choice, or null where there may be none. A closed object is meant when nothing is said.</summary>
    private string? Additional(JsonElement schema, string at) =>
        !schema.TryGetProperty("additionalProperties", out var additional) || additional.ValueKind == JsonValueKind.False
            ? null
            : Rule($"string \":\" ws {Expression(additional, at + "/additionalProperties")} ws");

    /// <summary>
    /// Members in order, any optional one left out, with commas only between those that are there. Built from the end: <c>rest[i]</c> is what
    /// may follow when something stands before, so the grammar grows with the number of members and not with its power.
    /// </summary>
    private string Members(List<(string Text, bool IsRequired)> members, string? additional)
    {
        var rest = additional is null ? "" : Rule($"( \",\" ws {additional} )*");
        var first = additional is null ? "" : Rule($"( {additional} ( \",\" ws {additional} )* )?");
        for (var i = members.Count - 1; i >= 0; i--)
        {
            var here = Rule($"{members[i].Text} {rest}");
            first = members[i].IsRequired ? here : Rule(first.Length == 0 ? $"( {here} )?" : $"{here} | {first}");
            rest = members[i].IsRequired ? Rule($"\",\" ws {here}")
                : Rule(rest.Length == 0 ? $"( \",\" ws {here} )?" : $"\",\" ws {here} | {rest}");
        }

        return first;
    }

    private string Reference(string path, string at)
    {
        if (_references.TryGetValue(path, out var known))
        {
            return known;
        }

        if (!path.StartsWith('#'))
        {
            throw Unsupported(at, "a $ref may only point into the same schema");
        }

        var target = _schema;
        foreach (var part in path.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (target.ValueKind != JsonValueKind.Object || !target.TryGetProperty(name, out target))
            {
                throw Unsupported(at, $"{path} points to nothing");
            }
        }

        // The name is known before the content, so that a schema may contain itself.
        var rule = NextName();
        _references[path] = rule;
        var expression = Expression(target, path);
        if (expression == rule)
        {
            throw Unsupported(at, $"{path} refers only to itself");
        }

        _rules.Append(CultureInfo.InvariantCulture, $"{rule} ::= {expression}\n");
        return rule;
    }

    private string Choice(List<string> expressions) => expressions.Count == 1 ? expressions[0] : Rule(string.Join(" | ", expressions));

    private string Rule(string expression)
    {
        var name = NextName();
        _rules.Append(CultureInfo.InvariantCulture, $"{name} ::= {expression}\n");
        return name;
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"r{_count++}");

    private static string Literal(JsonElement value) => Quote(value.GetRawText());

    private static string Literal(string text) => Quote(JsonSerializer.Serialize(text, GrammarJson.Relaxed.String));

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    private static string Repetition(int least, int? most) =>
        least == 0 && most is null ? "*" : string.Create(CultureInfo.InvariantCulture, $"{{{least},{most}}}");

    private static (int Least, int? Most) Range(JsonElement schema, string leastName, string mostName, string at)
    {
        var least = schema.TryGetProperty(leastName, out var low) ? Count(low, at) : 0;
        int? most = schema.TryGetProperty(mostName, out var high) ? Count(high, at) : null;
        return most < least ? throw Unsupported(at, $"{mostName} is less than {leastName}") : (least, most);
    }

    private static int Count(JsonElement number, string at) =>
        number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var count) && count is >= 0 and <= MostRepetitions
            ? count
            : throw Unsupported(at, $"a length or count must be a whole number up to {MostRepetitions}");

    private static List<JsonElement> List(JsonElement array, string at) =>
        array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray()] : throw Unsupported(at, "a list is expected");

    private static List<JsonElement> Items(JsonElement array, string at) =>
        List(array, at) is { Count: > 0 } items ? items : throw Unsupported(at, "a list with entries is expected");

    private static string Text(JsonElement element, string at) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Unsupported(at, "a text is expected");

    private static void Allow(JsonElement schema, string at, params string[] known)
    {
        foreach (var property in schema.EnumerateObject())
        {
            if (!known.Contains(property.Name) && !Notes.Contains(property.Name))
            {
                throw Unsupported(at, $"the keyword {property.Name} cannot be enforced");
            }
        }
    }

    private static ModelException Unsupported(string at, string why) =>
        new("unsupported_schema", $"The JSON schema cannot be used at {at}: {why}.", "Simplify the schema.");
}
