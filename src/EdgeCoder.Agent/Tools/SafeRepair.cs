using System.Text;
using System.Text.Json;

namespace EdgeCoder.Agent.Tools;

/// <summary>
/// Reads the JSON of a tool call. Two faults are repaired because they leave no doubt: commas before a closing bracket, and brackets that are missing at
/// the end (agent-executor-models 2.4). A string that does not end is not repaired: what it lacks is unknown.
/// </summary>
internal static class SafeRepair
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    /// <summary>The value, or null and the fault in words.</summary>
    public static JsonElement? Read(string text, out string? fault)
    {
        fault = null;
        try
        {
            return Parse(text);
        }
        catch (JsonException first)
        {
            if (Repair(text) is { } repaired)
            {
                try
                {
                    return Parse(repaired);
                }
                catch (JsonException)
                {
                    // The first fault says where the model went wrong.
                }
            }

            fault = $"not JSON, line {(first.LineNumber ?? 0) + 1}, byte {(first.BytePositionInLine ?? 0) + 1}: {Short(first.Message)}";
            return null;
        }
    }

    private static JsonElement Parse(string text)
    {
        using var document = JsonDocument.Parse(text, Strict);
        return document.RootElement.Clone();
    }

    private static string Short(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    /// <summary>The text with trailing commas dropped and open brackets closed; null when it ends within a string or closes what is not open.</summary>
    private static string? Repair(string text)
    {
        var kept = new StringBuilder(text.Length + 4);
        var open = new Stack<char>();
        var inString = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (inString)
            {
                kept.Append(c);
                if (c == '\\' && i + 1 < text.Length)
                {
                    kept.Append(text[++i]);
                }
                else if (c == '"')
                {
                    inString = false;
                }

                continue;
            }

            switch (c)
            {
                case '"':
                    inString = true;
                    break;
                case '{':
                    open.Push('}');
                    break;
                case '[':
                    open.Push(']');
                    break;
                case '}' or ']':
                    if (open.Count == 0 || open.Pop() != c)
                    {
                        return null;
                    }

                    DropComma(kept);
                    break;
            }

            kept.Append(c);
        }

        if (inString)
        {
            return null;
        }

        DropComma(kept);
        foreach (var close in open)
        {
            kept.Append(close);
        }

        return kept.ToString();
    }

    private static void DropComma(StringBuilder kept)
    {
        var at = kept.Length - 1;
        while (at >= 0 && char.IsWhiteSpace(kept[at]))
        {
            at--;
        }

        if (at >= 0 && kept[at] == ',')
        {
            kept.Remove(at, 1);
        }
    }
}
