using System.Text.Json;
using EdgeCoder.Agent.Mcp;

namespace EdgeCoder.Acp;

/// <summary>The MCP servers that an editor gives with a session (Agent Client Protocol, <c>mcpServers</c>): pure.</summary>
internal static class AcpServers
{
    /// <summary>Reads them; what cannot be used is told.</summary>
    public static IReadOnlyList<McpServerEntry> Read(IReadOnlyList<JsonElement>? given, Action<string> faults) => [.. (given ?? []).Select(one => Read(one, faults)).OfType<McpServerEntry>()];

    private static McpServerEntry? Read(JsonElement one, Action<string> faults)
    {
        if (one.ValueKind != JsonValueKind.Object)
        {
            faults("An MCP server of this editor is left out: it is no object.");
            return null;
        }

        var name = Text(one, "name") ?? "";
        if (Pairs(one, "headers").Count > 0)
        {
            faults($"The MCP server {name} of this editor is left out: headers are not sent.");
            return null;
        }

        return McpServerList.OfEditor(name, Text(one, "type"), Text(one, "command"), Texts(one, "args"), Pairs(one, "env"), Text(one, "url"), faults);
    }

    private static string? Text(JsonElement one, string name) => one.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IReadOnlyList<string> Texts(JsonElement one, string name) =>
        one.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Where(text => text.ValueKind == JsonValueKind.String).Select(text => text.GetString()!)] : [];

    private static Dictionary<string, string> Pairs(JsonElement one, string name)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (one.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array)
        {
            foreach (var pair in value.EnumerateArray().Where(pair => pair.ValueKind == JsonValueKind.Object))
            {
                pairs[Text(pair, "name") ?? ""] = Text(pair, "value") ?? "";
            }
        }

        return pairs;
    }
}
