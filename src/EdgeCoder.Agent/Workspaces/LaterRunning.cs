namespace EdgeCoder.Agent.Workspaces;

/// <summary>Files that run later by themselves (agent-executor-models 2.1): a reviewer should look twice, for applying one hands over control outside the sandbox.</summary>
internal static class LaterRunning
{
    private static readonly string[] CiDirectories = [".github/workflows/", ".github/actions/", ".circleci/", ".buildkite/", ".gitea/workflows/", ".forgejo/workflows/", ".woodpecker/", ".teamcity/", ".ci/", ".azure-pipelines/"];
    private static readonly HashSet<string> CiFiles =
    [
        ".gitlab-ci.yml", ".travis.yml", "appveyor.yml", ".appveyor.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", "jenkinsfile", ".drone.yml", ".woodpecker.yml", ".cirrus.yml",
        "cloudbuild.yaml", "buildspec.yml", ".gitlab-ci.yaml",
    ];

    private static readonly string[] HookDirectories = [".husky/", ".githooks/", ".hooks/", "hooks/"];
    private static readonly HashSet<string> HookFiles = [".pre-commit-config.yaml", "lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".overcommit.yml", ".gitattributes", ".gitmodules"];
    private static readonly string[] EditorDirectories = [".vscode/", ".idea/", ".devcontainer/", ".vs/", ".zed/", ".fleet/", ".cursor/"];
    private static readonly HashSet<string> EditorFiles = [".exrc", ".nvimrc", ".nvim.lua", ".vimrc", ".dir-locals.el", ".envrc", ".mise.toml", "mise.toml", ".tool-versions"];

    private static readonly HashSet<string> PackageFiles =
    [
        "package.json", "setup.py", "pyproject.toml", "conftest.py", "sitecustomize.py", "build.rs", "binding.gyp", "composer.json", "directory.build.props", "directory.build.targets", "gemfile",
        "rakefile", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "makefile", "gnumakefile", "build.gradle", "build.gradle.kts", "settings.gradle", "gradlew", "mvnw", "pom.xml",
    ];

    /// <summary>Why a file deserves a second look; null for ordinary ones.</summary>
    /// <param name="path">Relative to the root, <c>/</c> between segments.</param>
    public static string? Caution(string path)
    {
        // Case-insensitive everywhere: on some machines these names are the same.
        var lower = path.ToLowerInvariant();
        var name = lower[(lower.LastIndexOf('/') + 1)..];
        return true switch
        {
            _ when Within(lower, CiDirectories) || CiFiles.Contains(name) => "runs by itself in continuous integration",
            _ when Within(lower, HookDirectories) || HookFiles.Contains(name) => "may run by itself on git operations",
            _ when Within(lower, EditorDirectories) || EditorFiles.Contains(name) => "may run by itself when the project is opened in an editor or shell",
            _ when PackageFiles.Contains(name) || name.EndsWith(".csproj", StringComparison.Ordinal) || name.EndsWith(".targets", StringComparison.Ordinal) || name.EndsWith(".props", StringComparison.Ordinal)
                => "may run programs when the project is installed, built or tested",
            _ => null,
        };
    }

    private static bool Within(string path, string[] directories) =>
        directories.Any(d => path.StartsWith(d, StringComparison.Ordinal) || path.Contains($"/{d}", StringComparison.Ordinal));
}
