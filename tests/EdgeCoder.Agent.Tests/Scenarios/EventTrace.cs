using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Tests.Scenarios;

/// <summary>Events as they are documented: what differs from run to run and from machine to machine is left out, and pieces of text that follow each other are one.</summary>
internal static partial class EventTrace
{
    private static readonly HashSet<string> Varying =
        ["sessionId", "atMs", "wallMs", "ownMs", "durationMs", "seconds", "sandboxDigest", "sandboxBackend", "promptHash", "promptVersion", "promptTokens", "completionTokens", "seq", "history", "tokens", "root", "digest"];

    /// <summary>One line of JSON per event.</summary>
    public static string Of(IEnumerable<SessionEvent> events)
    {
        var lines = new List<JsonObject>();
        foreach (var one in events)
        {
            var json = JsonSerializer.SerializeToNode(one, ProtocolJson.Default.SessionEvent)!.AsObject();
            if (one is TextEvent { Content: var content } && lines.LastOrDefault() is { } last && (string?)last["type"] == "text")
            {
                last["content"] = (string?)last["content"] + content;
                continue;
            }

            if (one is not UsageEvent)
            {
                Clean(json);
                lines.Add(json);
            }
        }

        var plain = new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        return string.Join('\n', lines.Select(line => line.ToJsonString(plain))) + "\n";
    }

    private static void Clean(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    if (Varying.Contains(name))
                    {
                        members.Remove(name);
                    }
                    else if (value is JsonValue text && text.TryGetValue<string>(out var content))
                    {
                        members[name] = Clean(content);
                    }
                    else
                    {
                        Clean(value);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Clean(item);
                }

                break;
        }
    }

    private static string Clean(string text) => Seconds().Replace(Traceback().Replace(text, "Traceback […]\n"), "$1 […] s");

    // How Python draws a traceback differs from version to version.
    [GeneratedRegex(@"Traceback \(most recent call last\):\n( .*\n|\s*\n)*")]
    private static partial Regex Traceback();

    [GeneratedRegex(@"\b(in|after) [0-9]+(?:[.,][0-9]+)? ?m?s\b")]
    private static partial Regex Seconds();
}
