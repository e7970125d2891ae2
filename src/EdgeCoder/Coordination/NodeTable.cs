using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Commands;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Coordination;

/// <summary>Nodes as an operator reads them in a terminal.</summary>
internal static class NodeTable
{
    /// <summary>Writes the table.</summary>
    public static void Show(Surroundings surroundings, JsonArray nodes)
    {
        if (nodes.Count == 0)
        {
            surroundings.Console.WriteLine("No node yet. Make a code for one: edgecoder node enroll");
            return;
        }

        var table = new Table().Border(TableBorder.None).AddColumns("Node", "State", "Owner", "Slots", "Sandbox", "Model", "Seen");
        foreach (var node in nodes.OfType<JsonObject>())
        {
            table.AddRow(
                Cell(node["agentId"]),
                Cell(node["status"]),
                Cell(node["ownerAccountId"]),
                Cell(node["maxConcurrentTasks"]),
                Cell(node["sandboxMode"]),
                Cell(node["activeModel"]),
                new Text(node["lastSeenMs"] is JsonValue seen && seen.TryGetValue<long>(out var ms) && ms > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(ms).ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) : "never"));
        }

        surroundings.Console.Write(table);
    }

    private static Text Cell(JsonNode? value) => new(value is null ? "" : SafeText.ForTerminal(value.ToString()));
}
