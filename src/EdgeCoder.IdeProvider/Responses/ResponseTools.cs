using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.IdeProvider.Responses;

/// <summary>
/// The tools of a request in the form of the chat API, and the way back (OpenAI API reference, Responses, tools). Functions are offered as they are; the
/// chat API knows no namespaces, so a function of one is offered under both names together. Every other type is a tool that the server would have to run,
/// or one without JSON arguments: it is refused, because an answer without it would not be the one asked for.
/// </summary>
internal sealed class ResponseTools
{
    // What model servers accept as the name of a function.
    private const int LongestName = 64;

    private readonly Dictionary<string, (string? Namespace, string Name)> _names = new(StringComparer.Ordinal);
    private readonly JsonArray _offered = [];

    private ResponseTools()
    {
    }

    /// <summary>Reads them. Throws <see cref="Refusal"/> 400.</summary>
    public static ResponseTools Read(JsonObject body)
    {
        var tools = new ResponseTools();
        if (body["tools"] is JsonArray given)
        {
            foreach (var (tool, n) in given.Select((tool, n) => (tool, n)))
            {
                tools.Add(tool, null, $"tools[{n}]");
            }
        }

        return tools;
    }

    /// <summary>The members <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c> of the chat call.</summary>
    public void Write(JsonObject body, JsonObject chat)
    {
        if (_offered.Count > 0)
        {
            chat["tools"] = _offered.DeepClone();
            if (body["parallel_tool_calls"] is { } parallel)
            {
                chat["parallel_tool_calls"] = parallel.DeepClone();
            }
        }

        switch (body["tool_choice"])
        {
            case JsonValue value when _offered.Count > 0:
                chat["tool_choice"] = value.DeepClone();
                break;
            case JsonObject choice when Text(choice, "type") == "function":
                chat["tool_choice"] = new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = ChatName(Text(choice, "namespace"), Text(choice, "name") ?? "") } };
                break;
            case JsonObject:
                throw Unsupported("tool_choice", "tool_choice can name a function here, or be auto, none or required.");
        }
    }

    /// <summary>The name under which the chat API knows a function. The same each time, so that an earlier call keeps it.</summary>
    public static string ChatName(string? space, string name)
    {
        if (space is null)
        {
            return name;
        }

        var whole = $"{space}__{name}";
        return whole.Length <= LongestName ? whole : $"{whole[..(LongestName - 9)]}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))[..8]}";
    }

    /// <summary>The namespace and name of a function that the model called; a name that was not offered stays as it is, for the client to refuse.</summary>
    public (string? Namespace, string Name) Called(string chatName) => _names.TryGetValue(chatName, out var known) ? known : (null, chatName);

    private void Add(JsonNode? node, string? space, string path)
    {
        var tool = node as JsonObject ?? throw Wrong(path, "must be an object");
        var type = Text(tool, "type");
        if (type == "namespace" && space is null)
        {
            var inner = Text(tool, "name") ?? throw Wrong($"{path}.name", "is missing");
            foreach (var (member, n) in (tool["tools"] as JsonArray ?? throw Wrong($"{path}.tools", "must be an array")).Select((member, n) => (member, n)))
            {
                Add(member, inner, $"{path}.tools[{n}]");
            }

            return;
        }

        if (type != "function")
        {
            throw Unsupported($"{path}.type", $"{path} is of the type {Short(type)}; only functions, and namespaces of functions, can be offered here. Switch this tool off in the client.");
        }

        var name = Text(tool, "name") ?? throw Wrong($"{path}.name", "is missing");
        var function = new JsonObject { ["name"] = ChatName(space, name) };
        if (!_names.TryAdd((string)function["name"]!, (space, name)))
        {
            throw Wrong($"{path}.name", "is offered twice");
        }

        foreach (var member in new[] { "description", "parameters", "strict" })
        {
            if (tool[member] is { } value)
            {
                function[member] = value.DeepClone();
            }
        }

        _offered.Add((JsonNode)new JsonObject { ["type"] = "function", ["function"] = function });
    }

    private static string? Text(JsonObject of, string name) => of[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static string Short(string? type) => type is null ? "(none)" : type.Length <= 40 ? type : type[..40] + "…";

    private static Refusal Wrong(string path, string rule) => new(400, "invalid_request", $"{path} {rule}.") { Issues = [new FieldIssue(path, rule)] };

    private static Refusal Unsupported(string path, string message) => new(400, "unsupported_parameter", message) { Issues = [new FieldIssue(path, "not supported")] };
}
