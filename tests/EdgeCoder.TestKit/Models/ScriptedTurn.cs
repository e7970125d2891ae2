using System.Text.Json;

namespace EdgeCoder.TestKit.Models;

/// <summary>One answer of a scripted model: text, calls of tools, and what goes wrong in it.</summary>
/// <param name="Text">The text; may be empty where there are calls.</param>
/// <param name="Calls">Names of tools with their arguments as JSON.</param>
public sealed record ScriptedTurn(string Text, params IReadOnlyList<(string Tool, string Arguments)> Calls)
{
    /// <summary>What goes wrong during this answer.</summary>
    public ScriptedFault? Fault { get; init; }

    /// <summary>A call of one tool, with its arguments as an object.</summary>
    public static ScriptedTurn Call(string tool, object arguments) => new("", (tool, JsonSerializer.Serialize(arguments)));
}
