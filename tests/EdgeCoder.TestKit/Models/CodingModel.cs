using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeCoder.TestKit.Models;

/// <summary>
/// How a small model of a coding agent behaves: it writes the file that it was asked for with a tool that the client offered, and once the client has answered
/// that call it says what it did. It knows the tools of opencode, qwen-code, Codex CLI, Cline and Continue by their names.
/// </summary>
public static partial class CodingModel
{
    /// <summary>Its last words.</summary>
    public const string Done = "The file is written, as you asked.";

    /// <summary>What a person asks for. One line, without quotation marks.</summary>
    public static string Request(string file, string line) => $"Write the line {line} into the file {file} and say so.";

    /// <summary>The turn that answers a request of the chat API; null when it asks for something else.</summary>
    public static ScriptedTurn? Answer(JsonElement request)
    {
        var messages = request.GetProperty("messages").EnumerateArray().ToList();
        if (messages[^1].GetProperty("role").GetString() == "tool")
        {
            return new(Done);
        }

        var asked = messages.Where(message => message.GetProperty("role").GetString() == "user").Select(Asked).LastOrDefault(match => match.Success);
        if (asked is null || !request.TryGetProperty("tools", out var tools))
        {
            return null;
        }

        var (line, file) = (asked.Groups["line"].Value, asked.Groups["file"].Value);
        foreach (var name in tools.EnumerateArray().Select(tool => tool.GetProperty("function").GetProperty("name").GetString()))
        {
            if (Call(name!, file, line) is { } arguments)
            {
                return new("I write the file.", (name!, JsonSerializer.Serialize(arguments)));
            }
        }

        return null;
    }

    private static object? Call(string tool, string file, string line) => tool switch
    {
        "write" => new { filePath = file, content = line + "\n" },
        "write_file" => new { file_path = file, content = line + "\n" },
        "Write" => new { filepath = file, content = line + "\n" },
        "write_to_file" => new { path = file, content = line + "\n" },
        "editor" => new { path = file, new_text = line + "\n" },
        "exec_command" => new { cmd = $"apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: {file}\n+{line}\n*** End Patch\nEOF" },
        _ => null,
    };

    private static Match Asked(JsonElement message) => Sentence().Match(message.GetProperty("content") is { ValueKind: JsonValueKind.Array } parts
        ? string.Concat(parts.EnumerateArray().Select(part => part.TryGetProperty("text", out var text) ? text.GetString() : ""))
        : message.GetProperty("content").GetString() ?? "");

    [GeneratedRegex(@"Write the line (?<line>\S+) into the file (?<file>\S+) and say so")]
    private static partial Regex Sentence();
}
