namespace EdgeCoder.Agent.TestCommands;

/// <summary>
/// The command that fetches a project's dependencies, for the person: it needs the network and runs code of strangers, so EdgeCoder does not run it by itself
/// (agent-executor-models 2.8 asks for a step that sees only manifests; until there is one, the person runs it).
/// </summary>
internal static class DependencyRestore
{
    private static readonly (string File, string Command)[] Known =
    [
        ("package-lock.json", "npm ci"), ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"), ("yarn.lock", "yarn install --frozen-lockfile"), ("package.json", "npm install"),
        ("uv.lock", "uv sync"), ("poetry.lock", "poetry install"), ("requirements.txt", "pip install -r requirements.txt"), ("pyproject.toml", "pip install -e ."),
        ("go.mod", "go mod download"), ("Cargo.toml", "cargo fetch"), ("pom.xml", "mvn -B dependency:go-offline"), ("build.gradle", "./gradlew dependencies"), ("build.gradle.kts", "./gradlew dependencies"),
        ("composer.json", "composer install"), ("Gemfile", "bundle install"),
    ];

    // What runners say when something is not installed.
    private static readonly string[] Signs =
    [
        "ModuleNotFoundError", "No module named", "Cannot find module", "ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND", "not found: jest", "error NU1", "error NETSDK1004", "cannot find module providing package",
        "no required module provides package", "module lookup disabled by GOPROXY=off", "failed to download", "attempting to make an HTTP request, but --offline", "Could not resolve dependencies", "No cached version of",
        "Could not find gem", "sh: 1: ", ": not found", "command not found",
    ];

    /// <summary>What to tell the person when the output of a run looks as if dependencies are missing; null when it does not.</summary>
    public static string? Advice(ProjectTree tree, string output) =>
        !Array.Exists(Signs, sign => output.Contains(sign, StringComparison.OrdinalIgnoreCase)) ? null
            : Command(tree) is { } command ? $"Dependencies seem to be missing. The sandbox has no network and EdgeCoder does not fetch them: a person has to run '{command}' in the project, then the tests can be run again."
            : null;

    /// <summary>The command; null when the project names no dependencies in a known way.</summary>
    public static string? Command(ProjectTree tree) => Known.Where(one => tree.Has(one.File)).Select(one => one.Command).FirstOrDefault()
        ?? (tree.Files(1, name => name.EndsWith("proj", StringComparison.Ordinal) || name.EndsWith(".sln", StringComparison.Ordinal) || name.EndsWith(".slnx", StringComparison.Ordinal)).Any() ? "dotnet restore" : null);
}
