using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Isolation;

namespace EdgeCoder.Executor.Commands.View;

/// <summary>
/// The compilers, interpreters and package caches of this machine that commands see, read-only, each at its own path: virtual environments, restored projects and
/// wrapper scripts hold full paths. From a home directory only what is known to be a tool chain or a cache of packages is taken, never the directory in which the
/// same tool keeps its credentials (agent-executor-models 2.2).
/// </summary>
internal sealed record ToolChains
{
    // What of a home directory is the installation, when a directory of PATH lies within it.
    private static readonly string[] HomeInstallations =
    [
        ".pyenv", ".rbenv", ".nodenv", ".goenv", ".jenv", ".asdf", ".volta", ".nvm/versions", ".fnm", ".local/share/fnm", ".local/share/mise/installs", ".local/share/uv",
        ".local/share/pnpm", ".sdkman/candidates", ".dotnet", ".deno", ".bun", ".rustup", "miniconda3", "anaconda3", "miniforge3", ".jdks", "go", ".swiftly",
    ];

    // What tools look for without PATH leading there.
    private static readonly string[] HomeCaches =
    [
        ".rustup", ".cargo/registry", ".cargo/git", "go/pkg/mod", ".nuget/packages", ".m2/repository", ".m2/wrapper", ".gradle/caches/modules-2", ".gradle/wrapper",
        ".local/lib", ".local/pipx", ".local/share/pipx", ".local/share/uv", ".jdks", ".gem", ".local/share/gem", ".composer/cache", ".cache/composer",
    ];

    // Within these, what is somebody's secret all the same.
    private static readonly string[] HomeSecrets =
    [
        ".dotnet/corefx", ".gem/credentials", ".local/share/gem/credentials", ".bun/install/cache/.npmrc", ".m2/repository/settings.xml", ".local/share/pnpm/rc", ".rbenv/.netrc",
    ];

    private static readonly string[] InstallationVariables = ["DOTNET_ROOT", "GOROOT", "JAVA_HOME", "PYENV_ROOT", "RUSTUP_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"];

    private static readonly string[] Programs =
        ["python3", "python", "node", "npm", "dotnet", "go", "cargo", "rustc", "java", "javac", "mvn", "gradle", "ruby", "php", "composer", "deno", "bun", "make", "cc"];

    private static readonly string[] SystemRoots = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store"];

    /// <summary>What is mounted.</summary>
    public required IReadOnlyList<CommandPlace> Places { get; init; }

    /// <summary>What of that is masked.</summary>
    public required IReadOnlyList<string> Masks { get; init; }

    /// <summary>Directories of programs, in order, without the system's own.</summary>
    public required IReadOnlyList<string> SearchPath { get; init; }

    /// <summary>Variables of this process that say where an installation is which commands see; nothing else of its environment is passed on.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>The home directory that caches were looked for in.</summary>
    public required string Home { get; init; }

    /// <summary>None, for commands that do without.</summary>
    public static ToolChains None { get; } = new() { Places = [], Masks = [], SearchPath = [], Variables = new Dictionary<string, string>(), Home = "" };

    /// <summary>Looks for them.</summary>
    /// <param name="searchPath">PATH of this process.</param>
    /// <param name="home">Home directory of whoever runs it.</param>
    /// <param name="variable">A variable of its environment.</param>
    public static ToolChains Find(string searchPath, string home, Func<string, string?> variable)
    {
        var listed = searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries).Where(path => path.StartsWith('/') && Directory.Exists(path)).Select(Plain).Distinct().ToList();
        var roots = listed.Select(directory => InstallationOf(directory, home))
            .Concat(InstallationVariables.Select(variable).OfType<string>().Where(path => path.StartsWith('/')).Select(Plain).Where(Directory.Exists))
            .Concat(HomeCaches.Select(path => Path.Combine(home, path)))
            .Concat(listed.SelectMany(directory => BehindLinks(directory, home)))
            .OfType<string>()
            .Where(path => MayBeSeen(path, home) && Directory.Exists(path))
            .Distinct().Order(StringComparer.Ordinal).ToList();

        // What lies within another one is there already.
        var mounted = roots.Where(path => !roots.Exists(other => other != path && IsWithin(path, other))).ToList();
        return new ToolChains
        {
            Home = home,
            Variables = InstallationVariables.Select(name => (name, path: variable(name)))
                .Where(one => one.path is ['/', ..] && (IsSystem(Plain(one.path)) || mounted.Exists(root => IsWithin(Plain(one.path), root))))
                .ToDictionary(one => one.name, one => one.path!, StringComparer.Ordinal),
            Places = [.. mounted.Select(path => SystemView.Bind(path, path, isDirectory: true))],
            Masks = [.. HomeSecrets.Select(path => Path.Combine(home, path)).Where(path => Path.Exists(path) && mounted.Exists(root => IsWithin(path, root)))],
            SearchPath = [.. listed.Where(path => mounted.Exists(root => IsWithin(path, root)))],
        };
    }

    /// <summary>Whether a path is another one or lies below it, by segments.</summary>
    public static bool IsWithin(string path, string directory) => path == directory || path.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Whether a directory is seen with what commands see.</summary>
    public bool Sees(string path) => Places.Any(place => IsWithin(path, place.Path));

    // Never a root, a home directory, or what holds one.
    private static bool MayBeSeen(string path, string home) =>
        !IsSystem(path) && !IsWithin(home, path) && path.Count(letter => letter == '/') > 1 && path is not "/opt" && !path.StartsWith("/proc/", StringComparison.Ordinal);

    private static bool IsSystem(string path) => Array.Exists(SystemRoots, root => IsWithin(path, root));

    private static string? InstallationOf(string directory, string home)
    {
        if (IsSystem(directory))
        {
            return null;
        }

        if (IsWithin(directory, home))
        {
            var within = Array.Find(HomeInstallations, one => IsWithin(directory, Path.Combine(home, one)));
            return within is null or "go" ? directory : Path.Combine(home, within);
        }

        // A virtual environment in somebody's project is one directory; so is what was unpacked to /opt.
        var parent = Path.GetDirectoryName(directory);
        return Path.GetFileName(directory) == "bin" && parent is not (null or "/" or "/opt" or "/home" or "/srv" or "/var") ? parent : directory;
    }

    private static IEnumerable<string?> BehindLinks(string directory, string home) =>
        from name in Programs
        let path = Path.Combine(directory, name)
        where File.Exists(path)
        let target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName
        where target is not null && Path.GetDirectoryName(target) != directory
        select InstallationOf(Path.GetDirectoryName(target)!, home);

    private static string Plain(string path) => Path.GetFullPath(path).TrimEnd('/') is { Length: > 0 } plain ? plain : "/";
}
