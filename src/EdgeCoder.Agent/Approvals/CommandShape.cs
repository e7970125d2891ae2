using System.Buffers;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Approvals;

/// <summary>
/// Whether a command is one simple command, and its words. Only then can a prefix rule speak of it: <c>;</c>, <c>&amp;&amp;</c>, <c>||</c>, pipes,
/// substitution, redirection and line breaks make another command of it (agent-executor-models 2.5). What is not certain is not simple.
/// </summary>
internal static class CommandShape
{
    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:@,+% ");
    private static readonly SearchValues<char> Compounding = SearchValues.Create(";&|`$<>(){}\n\r\0\u2028\u2029\u0085");

    private static readonly HashSet<string> Shells = new(StringComparer.OrdinalIgnoreCase) { "sh", "bash", "dash", "zsh", "ksh", "fish", "cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh" };

    /// <summary>The words of a simple command; null for a compound one.</summary>
    public static IReadOnlyList<string>? Simple(ToolAction action)
    {
        if (action.Command is not { Count: > 0 } command)
        {
            return null;
        }

        if (action.Script || IsShell(command))
        {
            return command is [_, var option, var text] && option is "-c" or "/c" or "/C" or "-Command" ? Words(text) : null;
        }

        // A program may hand its arguments to a shell, as npm and make do.
        return command.Any(word => word.AsSpan().ContainsAny(Compounding)) ? null : command;
    }

    /// <summary>Every run of words in a compound command, however it is put together: for rules that forbid, which a compound must not get around.</summary>
    public static IEnumerable<IReadOnlyList<string>> Parts(ToolAction action)
    {
        foreach (var text in action.Command ?? [])
        {
            foreach (var part in text.Split((char[])[';', '&', '|', '`', '$', '<', '>', '(', ')', '{', '}', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                yield return part.Split((char[])[' ', '\t', '"', '\''], StringSplitOptions.RemoveEmptyEntries);
            }
        }

        if (action.Command is { } whole)
        {
            yield return whole;
        }
    }

    /// <summary>Words of a script text that no shell would read otherwise; null when it might.</summary>
    private static string[]? Words(string text)
    {
        var trimmed = text.Trim();
        return trimmed.Length == 0 || trimmed.AsSpan().ContainsAnyExcept(PlainCharacters) || trimmed.Split(' ')[0].Contains('=')
            ? null
            : trimmed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool IsShell(IReadOnlyList<string> command) => Shells.Contains(command[0][(command[0].LastIndexOfAny(['/', '\\']) + 1)..]);
}
