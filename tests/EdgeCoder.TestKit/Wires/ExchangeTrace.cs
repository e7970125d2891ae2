using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.TestKit.Wires;

/// <summary>
/// What a client once asked and the shape of the answer it got, small enough to keep: long texts are shortened, and names of this machine, ids and times are
/// taken out. One exchange is one line of JSON.
/// </summary>
/// <param name="Method">Method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">Headers of the request without those of the connection.</param>
/// <param name="Body">Its body; null for none.</param>
/// <param name="Status">Status of the answer.</param>
/// <param name="Type">Its media type.</param>
/// <param name="Answer">Its shape.</param>
public sealed partial record ExchangeTrace(string Method, string Path, IReadOnlyDictionary<string, string> Headers, JsonNode? Body, int Status, string Type, JsonNode Answer)
{
    /// <summary>Set, the tests with real clients write the traces again.</summary>
    public const string Switch = "EDGECODER_RECORD_TRACES";

    // Model servers, routers and clients read these: their values belong to the shape.
    private static readonly string[] Telling = ["object", "type", "role", "status", "finish_reason"];

    private static readonly string[] OfTheConnection = ["Host", "Connection", "Content-Length", "Transfer-Encoding"];

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Directory of the traces.</summary>
    public static string Directory => System.IO.Path.Combine(Repository.Root, "tests", "EdgeCoder.IdeProvider.Tests", "Traces");

    /// <summary>Writes the trace of a client, if the switch is set.</summary>
    /// <param name="client">Name of the file.</param>
    /// <param name="exchanges">What passed.</param>
    /// <param name="names">Names of this machine, with what stands for them.</param>
    public static void Record(string client, IEnumerable<Exchange> exchanges, params (string Name, string Instead)[] names)
    {
        if (Environment.GetEnvironmentVariable(Switch) is { Length: > 0 })
        {
            var all = exchanges.ToList();
            var known = ResponseIds(all.Select(exchange => exchange.Answer)).Select((id, n) => (id, ResponseName(n))).Concat(names).ToArray();
            File.WriteAllLines(System.IO.Path.Combine(Directory, client + ".jsonl"), all.Select(exchange => JsonSerializer.Serialize(Of(exchange, known), Form)));
        }
    }

    /// <summary>Reads the trace of a client.</summary>
    public static IReadOnlyList<ExchangeTrace> Read(string file) => [.. File.ReadLines(file).Select(line => JsonSerializer.Deserialize<ExchangeTrace>(line, Form)!)];

    /// <summary>Ids of answers of the Responses API in the order in which answers name them.</summary>
    public static IEnumerable<string> ResponseIds(IEnumerable<string> answers) => answers.SelectMany(answer => ResponseId().Matches(answer).Select(match => match.Value)).Distinct();

    /// <summary>What stands for the id with this index, from 0, in a trace; no id contains it.</summary>
    public static string ResponseName(int index) => $"response_{index}_";

    /// <summary>The shape of an answer: names and types, and of a stream its events, each shape once where it repeats.</summary>
    public static JsonNode Shape(string type, string answer)
    {
        if (type != "text/event-stream")
        {
            return ShapeOf(JsonNode.Parse(answer), "")!;
        }

        var events = new JsonArray();
        foreach (var block in answer.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n').Where(line => line.Length > 0 && line[0] != ':').ToList();
            if (lines.Count == 0)
            {
                continue;
            }

            var data = lines.Single(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..];
            JsonNode shape = data == "[DONE]" ? data : new JsonObject { ["event"] = lines.FirstOrDefault(line => line.StartsWith("event: ", StringComparison.Ordinal))?["event: ".Length..], ["data"] = ShapeOf(JsonNode.Parse(data), "") };
            if (!JsonNode.DeepEquals(events.LastOrDefault(), shape))
            {
                events.Add(shape);
            }
        }

        return events;
    }

    private static ExchangeTrace Of(Exchange exchange, (string Name, string Instead)[] names)
    {
        var type = exchange.AnswerHeaders.GetValueOrDefault("Content-Type", "").Split(';')[0];
        return new(
            exchange.Method,
            Named(exchange.Path, names),
            exchange.Headers.Where(header => !OfTheConnection.Contains(header.Key, StringComparer.OrdinalIgnoreCase)).OrderBy(header => header.Key, StringComparer.Ordinal).ToDictionary(header => header.Key, header => Short(Machine().Replace(Named(header.Value, names), "()"), 60)),
            exchange.Body.Length == 0 ? null : Without(JsonNode.Parse(exchange.Body), "", names),
            exchange.Status,
            type,
            Shape(type, exchange.Answer));
    }

    private static JsonNode? Without(JsonNode? node, string member, (string Name, string Instead)[] names) => node switch
    {
        JsonObject of => new JsonObject(of.Select(pair => KeyValuePair.Create(Named(pair.Key, names), Without(pair.Value, pair.Key, names)))),
        JsonArray of => new JsonArray([.. of.Select(item => Without(item, member, names))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Short(Named(value.GetValue<string>(), names), member == "arguments" ? 1000 : 100),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.GetValue<double>() > 1e11 => 0,
        null => null,
        _ => node.DeepClone(),
    };

    private static JsonNode? ShapeOf(JsonNode? node, string member)
    {
        switch (node)
        {
            case null:
                return null;
            case JsonObject of:
                return new JsonObject(of.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, pair.Key == "tools" && pair.Value is JsonArray ? "as asked" : ShapeOf(pair.Value, pair.Key))));
            case JsonArray of:
                // The order of a list of models is no part of its shape.
                var shapes = of.Select(item => ShapeOf(item, member)).DistinctBy(shape => shape?.ToJsonString());
                return new JsonArray([.. member == "data" ? shapes.OrderBy(shape => shape?.ToJsonString(), StringComparer.Ordinal) : shapes]);
            default:
                return node.GetValueKind() switch
                {
                    JsonValueKind.String => Telling.Contains(member) ? node.GetValue<string>() : "text",
                    JsonValueKind.Number => "number",
                    _ => "flag",
                };
        }
    }

    private static string Short(string text, int most) => text.Length <= most ? text : "a long text";

    private static string Named(string text, (string Name, string Instead)[] names)
    {
        text = names.Aggregate(text, (so, name) => so.Replace(name.Name, name.Instead, StringComparison.Ordinal));
        text = Uuid().Replace(text, "00000000-0000-0000-0000-000000000000");
        text = Session().Replace(text, "ses_0");
        return Date().Replace(text, "2026-01-01");
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex("resp_[0-9a-f]{32}")]
    private static partial Regex ResponseId();

    // User agents name the system in brackets.
    [GeneratedRegex(@"\(.*\)")]
    private static partial Regex Machine();

    [GeneratedRegex("ses_[0-9A-Za-z]+")]
    private static partial Regex Session();

    [GeneratedRegex("20[0-9]{2}-[01][0-9]-[0-3][0-9](T[0-9:.]+Z)?")]
    private static partial Regex Date();
}
