using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.TestCommands;

/// <summary>A part of the tests, as each runner takes it: a value, never an option (agent-executor-models 2.3). Pure.</summary>
internal static class TestSelection
{
    private const int Longest = 500;

    /// <summary>Arguments that select.</summary>
    /// <exception cref="ToolException">The runner takes none, or the value is no selection.</exception>
    public static IReadOnlyList<string> Arguments(TestRunner runner, string selection)
    {
        if (selection.Length is 0 or > Longest || selection.StartsWith('-') || selection.StartsWith('@') || selection.Any(char.IsControl))
        {
            throw new ToolException($"selection must be a name, path or pattern of at most {Longest} characters that does not begin with '-' or '@'.");
        }

        return runner switch
        {
            TestRunner.Pytest => IsPath(selection) ? [selection] : ["-k", selection],
            TestRunner.Unittest => ["-k", selection],
            TestRunner.Node => selection.EndsWith("js", StringComparison.Ordinal) ? [selection] : [$"--test-name-pattern={selection}"],
            TestRunner.Dotnet => ["--filter", selection.AsSpan().ContainsAny('=', '~') ? selection : $"FullyQualifiedName~{selection}"],
            TestRunner.Go => ["-run", selection],
            TestRunner.Cargo => [selection],
            TestRunner.Maven => [$"-Dtest={selection}"],
            TestRunner.Gradle => ["--tests", selection],
            _ => throw new ToolException("This project's test command takes no selection; leave it out and all tests run."),
        };
    }

    private static bool IsPath(string selection) => selection.Contains("::", StringComparison.Ordinal) || selection.Contains('/', StringComparison.Ordinal) || selection.EndsWith(".py", StringComparison.Ordinal);
}
