using EdgeCoder.Agent.Tools;
using EdgeCoder.Terminal;

namespace EdgeCoder.Repositories;

/// <summary>An action in full, as somebody must see it before they agree: nothing is cut and nothing moves the cursor.</summary>
internal static class ActionText
{
    /// <summary>The lines, safe for a terminal.</summary>
    public static IEnumerable<string> Lines(ToolAction action)
    {
        if (action.Command is { Count: > 0 } command)
        {
            // A script is shown as it is, because a line end in it begins a new command.
            var text = action.Script ? command[^1] : string.Join(' ', command.Select(Word));
            foreach (var line in SafeText.ForTerminal(text).Split('\n'))
            {
                yield return (action.Script ? "| " : "$ ") + line;
            }
        }

        foreach (var path in action.Paths)
        {
            yield return SafeText.ForTerminal(path).ReplaceLineEndings("␊");
        }

        if (action.Access == ToolAccess.Network)
        {
            yield return action.Host is { } host ? $"talks to {SafeText.ForTerminal(host).ReplaceLineEndings("␊")}" : "with the machine's network";
        }

        if (action is { Command: null, Paths.Count: 0, Host: null })
        {
            yield return SafeText.ForTerminal(action.Arguments).ReplaceLineEndings("␊");
        }
    }

    // Quoted so that where one word ends and the next begins can be seen.
    private static string Word(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./:=@%+,~".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
