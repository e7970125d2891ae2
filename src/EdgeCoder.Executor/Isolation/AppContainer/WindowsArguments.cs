using System.Text;

namespace EdgeCoder.Executor.Isolation.AppContainer;

/// <summary>
/// One command line for an argument vector, and one block for an environment, as Windows programs take them apart: pure. The rules are those of "Parsing C
/// command-line arguments": backslashes count only before a quote, and then each stands for one when doubled.
/// </summary>
internal static class WindowsArguments
{
    /// <summary>The command line.</summary>
    public static string Line(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));

    /// <summary>The environment block: sorted without regard to case, as CreateProcess expects, each entry and the whole ended by NUL.</summary>
    public static string Environment(IEnumerable<string> entries) => string.Concat(entries.Order(StringComparer.OrdinalIgnoreCase).Select(entry => entry + "\0")) + "\0";

    private static string Quote(string argument)
    {
        if (argument.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("An argument cannot hold NUL.", nameof(argument));
        }

        if (argument.Length > 0 && !argument.AsSpan().ContainsAny(" \t\n\v\""))
        {
            return argument;
        }

        var quoted = new StringBuilder("\"");
        var backslashes = 0;
        foreach (var c in argument)
        {
            // What comes before a quote is doubled, and the quote has one of its own.
            quoted.Append('\\', c == '"' ? backslashes + 1 : 0).Append(c);
            backslashes = c == '\\' ? backslashes + 1 : 0;
        }

        return quoted.Append('\\', backslashes).Append('"').ToString();
    }
}
