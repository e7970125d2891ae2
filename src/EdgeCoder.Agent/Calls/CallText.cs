using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Calls;

/// <summary>Tool calls as JSON: <c>{"tool", "args"}</c>, or the names that other systems taught the model. What is none becomes a call with its fault.</summary>
internal static class CallText
{
    private const string Expected = "Expected is a block\n```tool_call\n{\"tool\": \"read_file\", \"args\": {\"path\": \"src/a.py\"}}\n```";

    /// <summary>The calls of a text: an object, an array of them, or one a line.</summary>
    public static IReadOnlyList<RequestedCall> Read(string text)
    {
        if (SafeRepair.Read(text.Trim(), out var fault) is { } value)
        {
            return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(One)] : [One(value)];
        }

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var each = lines.Select(line => SafeRepair.Read(line, out _)).ToList();
        return lines.Length > 1 && each.All(item => item is { ValueKind: JsonValueKind.Object })
            ? [.. each.Select(item => One(item!.Value))]
            : [new("", text, $"The tool call is {fault} {Expected}")];
    }

    /// <summary>One call.</summary>
    public static RequestedCall One(JsonElement item)
    {
        if (!IsCall(item))
        {
            return new("", item.GetRawText(), $"The tool call has not the members \"tool\" and \"args\". {Expected}");
        }

        return new(Name(item)!.Value.GetString()!, Arguments(item) switch
        {
            null => "{}",
            // Some models write the arguments as a text that holds JSON.
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { } value => value.GetRawText(),
        });
    }

    /// <summary>Whether an object has the shape of a call.</summary>
    public static bool IsCall(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && Name(item) is { ValueKind: JsonValueKind.String }
        && (Arguments(item) is { ValueKind: JsonValueKind.Object or JsonValueKind.String } || item.EnumerateObject().Count() == 1);

    private static JsonElement? Name(JsonElement item) => Member(item, "tool", "name", "function");

    private static JsonElement? Arguments(JsonElement item) => Member(item, "args", "arguments", "parameters", "input");

    private static JsonElement? Member(JsonElement item, params IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (item.TryGetProperty(name, out var value))
            {
                return value;
            }
        }

        return null;
    }
}
