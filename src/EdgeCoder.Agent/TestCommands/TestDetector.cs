namespace EdgeCoder.Agent.TestCommands;

/// <summary>
/// Finds how a project's tests are run (agent-executor-models 2.8), the first that applies: 1 what the caller names; 2 <c>.edgecoder/config</c>; 3 <c>AGENTS.md</c>;
/// 4 manifests in their order. What it reads may be hostile: a found command is only ever run in the sandbox, and its first use is approved by a person.
/// </summary>
internal sealed class TestDetector
{
    /// <summary>The project's own settings.</summary>
    public const string ConfigFile = ".edgecoder/config";

    private const string RulesFile = "AGENTS.md";

    private readonly ProjectTree tree;
    private readonly Func<CancellationToken, Task<bool>> hasPytest;

    /// <summary>Looks at a tree.</summary>
    /// <param name="tree">The worktree.</param>
    /// <param name="hasPytest">Whether the interpreter that commands see has pytest; asked only where it matters.</param>
    public TestDetector(ProjectTree tree, Func<CancellationToken, Task<bool>> hasPytest)
    {
        this.tree = tree;
        this.hasPytest = hasPytest;
    }

    /// <summary>Finds it.</summary>
    /// <param name="given">What the caller or a person named.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<TestDetection> FindAsync(IReadOnlyList<string>? given, CancellationToken cancellationToken)
    {
        // 1.
        if (given is { Count: > 0 })
        {
            return Found(given, "it was named for this task", named: true);
        }

        // 2.
        if (tree.Read(ConfigFile) is { } config)
        {
            var (arguments, problem) = ConfigCommand.Read(config);
            if (problem is not null)
            {
                return new TestDetection(null, $"{ConfigFile} {problem}");
            }

            if (arguments is not null)
            {
                return Found(arguments, $"{ConfigFile} names it");
            }
        }

        // 3.
        if (tree.Read(RulesFile) is { } rules && RulesCommand.Read(rules) is { } written)
        {
            return Found(written.Arguments, $"{RulesFile}, line {written.Line}, says so");
        }

        // 4.
        return Script() ?? await PythonAsync(cancellationToken).ConfigureAwait(false) ?? Dotnet() ?? Others() ?? NodeFiles() ?? Make()
            ?? new TestDetection(null, "No test command was found: name one with --test-command, or in .edgecoder/config as {\"testCommand\": [\"program\", \"argument\"]}.");
    }

    private static TestDetection Found(IReadOnlyList<string> arguments, string reason, bool named = false) =>
        new(new TestCommand { Runner = TestRunners.Of(arguments), Arguments = arguments, Reason = reason, Named = named }, null);

    // The script of package.json; one that only starts node's own runner is started directly, so that it reports.
    private TestDetection? Script()
    {
        if (tree.Read("package.json") is not { } manifest || PackageScript.Read(manifest) is not { } script)
        {
            return null;
        }

        var manager = tree.Has("pnpm-lock.yaml") ? "pnpm" : tree.Has("yarn.lock") ? "yarn" : tree.Has("bun.lock") || tree.Has("bun.lockb") ? "bun" : "npm";
        return CommandLine.Split(script) is { } words && TestRunners.Of(words) == TestRunner.Node
            ? Found(words, "package.json's test script starts node's own test runner")
            : Found(manager == "bun" ? ["bun", "run", "test"] : [manager, "test"], "package.json has a test script");
    }

    private async Task<TestDetection?> PythonAsync(CancellationToken cancellationToken)
    {
        var configured = tree.Has("pytest.ini") ? "pytest.ini"
            : tree.Read("pyproject.toml") is { } project && project.Contains("[tool.pytest", StringComparison.Ordinal) ? "pyproject.toml"
            : tree.Read("tox.ini") is { } tox && tox.Contains("pytest", StringComparison.Ordinal) ? "tox.ini"
            : tree.Read("setup.cfg") is { } setup && setup.Contains("[tool:pytest]", StringComparison.Ordinal) ? "setup.cfg"
            : null;
        var test = tree.Files(4, IsPythonTest).Take(20).ToList();
        if (configured is null && test.Count == 0)
        {
            return null;
        }

        var why = configured is null ? $"there is {test[0]}" : $"{configured} configures it";
        if (await hasPytest(cancellationToken).ConfigureAwait(false))
        {
            return Found([tree.Python, "-m", "pytest"], why);
        }

        return test.Any(path => tree.Read(path) is { } text && text.Contains("unittest", StringComparison.Ordinal))
            ? Found([tree.Python, "-m", "unittest", "discover", .. Discovery(test)], $"{why}, the tests are written for unittest, and pytest is not installed")
            : new TestDetection(null, $"The tests are for pytest ({why}), and it is not installed where the sandbox looks: install it (pip install pytest), or into .venv of the project.");
    }

    // unittest looks at the top and in packages below it; a directory of tests that is no package is named.
    private IReadOnlyList<string> Discovery(List<string> tests)
    {
        var directory = tests[0].Split('/') is [var first, _, ..] ? first : "";
        return directory.Length > 0 && !tree.Has($"{directory}/__init__.py") && tests.TrueForAll(path => path.StartsWith(directory + "/", StringComparison.Ordinal))
            ? ["-s", directory, "-t", "."]
            : [];
    }

    private TestDetection? Dotnet()
    {
        if (tree.Files(0, name => name.EndsWith(".sln", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".slnx", StringComparison.OrdinalIgnoreCase)).FirstOrDefault() is { } solution)
        {
            return Found(["dotnet", "test", solution], $"there is {solution}");
        }

        var projects = tree.Files(3, name => name.EndsWith(".csproj", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".fsproj", StringComparison.OrdinalIgnoreCase)).ToList();
        var chosen = projects.Find(path => Path.GetFileNameWithoutExtension(path).Contains("Test", StringComparison.OrdinalIgnoreCase)) ?? projects.FirstOrDefault();
        return chosen is null ? null : Found(["dotnet", "test", chosen], $"there is {chosen}");
    }

    private TestDetection? Others()
    {
        if (tree.Has("go.mod"))
        {
            return Found(["go", "test", "./..."], "there is go.mod");
        }

        if (tree.Has("Cargo.toml"))
        {
            return Found(["cargo", "test"], "there is Cargo.toml");
        }

        if (tree.Has("pom.xml"))
        {
            return Found([tree.Has("mvnw") ? "./mvnw" : "mvn", "-B", "test"], "there is pom.xml");
        }

        if (tree.Has("build.gradle") || tree.Has("build.gradle.kts"))
        {
            return Found([tree.Has("gradlew") ? "./gradlew" : "gradle", "test"], "there is build.gradle");
        }

        if (tree.Read("composer.json") is { } composer)
        {
            return PackageScript.Read(composer) is not null ? Found(["composer", "test"], "composer.json has a test script")
                : tree.Has("vendor/bin/phpunit") ? Found(["vendor/bin/phpunit"], "there is vendor/bin/phpunit")
                : null;
        }

        return tree.Has(".rspec") && tree.Has("Gemfile") ? Found(["bundle", "exec", "rspec"], "there are Gemfile and .rspec")
            : tree.Read("Rakefile") is { } rake && rake.Contains("test", StringComparison.OrdinalIgnoreCase) ? Found(["rake", "test"], "Rakefile names tests")
            : null;
    }

    private TestDetection? NodeFiles() => tree.Files(4, IsNodeTest).FirstOrDefault() is { } file ? Found(["node", "--test"], $"there is {file}") : null;

    private TestDetection? Make() => tree.Read("Makefile") is { } makefile && makefile.Split('\n').Any(line => line.StartsWith("test:", StringComparison.Ordinal))
        ? Found(["make", "test"], "Makefile has the target test")
        : null;

    private static bool IsPythonTest(string name) =>
        name.EndsWith(".py", StringComparison.Ordinal) && (name.StartsWith("test_", StringComparison.Ordinal) || name.EndsWith("_test.py", StringComparison.Ordinal) || name == "tests.py");

    private static bool IsNodeTest(string name) =>
        Path.GetExtension(name) is ".js" or ".mjs" or ".cjs"
        && (Path.GetFileNameWithoutExtension(name) is var stem && (stem == "test" || stem.EndsWith(".test", StringComparison.Ordinal) || stem.EndsWith("-test", StringComparison.Ordinal) || stem.EndsWith("_test", StringComparison.Ordinal) || stem.StartsWith("test-", StringComparison.Ordinal)));
}
