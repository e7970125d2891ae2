namespace EdgeCoder.Agent.TestCommands;

/// <summary>Tells the runner from a command: pure.</summary>
internal static class TestRunners
{
    /// <summary>The runner that a command starts, where it is started in a way that lets arguments be added.</summary>
    public static TestRunner Of(IReadOnlyList<string> arguments)
    {
        var rest = arguments.Skip(1).ToList();
        return Name(arguments[0]) switch
        {
            "pytest" or "py.test" => TestRunner.Pytest,
            var name when name.StartsWith("python", StringComparison.Ordinal) && After(rest, "-m") is { } module =>
                module == "pytest" ? TestRunner.Pytest : module == "unittest" ? TestRunner.Unittest : TestRunner.Other,
            "node" when rest.Contains("--test") => TestRunner.Node,
            "dotnet" when rest is ["test", ..] => TestRunner.Dotnet,
            "go" when rest is ["test", ..] => TestRunner.Go,
            "cargo" when rest is ["test", ..] => TestRunner.Cargo,
            "mvn" or "mvnw" when rest.Contains("test") || rest.Contains("verify") => TestRunner.Maven,
            "gradle" or "gradlew" when rest.Contains("test") || rest.Contains("check") => TestRunner.Gradle,
            _ => TestRunner.Other,
        };
    }

    private static string Name(string program) => program[(program.LastIndexOfAny(['/', '\\']) + 1)..];

    private static string? After(List<string> words, string option) => words.IndexOf(option) is >= 0 and var at && at + 1 < words.Count ? words[at + 1] : null;
}
