using System.Text;
using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Ignores;

/// <summary>
/// What a project ignores: <c>.gitignore</c> at every level, <c>.git/info/exclude</c>, and directories that tools generate. Files are read when they are
/// needed, so a change of a <c>.gitignore</c> holds at once.
/// </summary>
internal sealed class IgnoreRules
{
    private const int LargestFile = 1 << 20;

    /// <summary>Never read by a person; rules of the project can take them back in, but for the directories of version control.</summary>
    private static readonly HashSet<string> Generated = new(StringComparer.Ordinal)
    {
        "node_modules", "bower_components", "jspm_packages", "__pycache__", ".venv", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".gradle", ".next",
        ".nuxt", ".svelte-kit", ".parcel-cache", ".terraform", ".eggs", ".yarn", ".cache", ".ipynb_checkpoints",
    };

    private static readonly HashSet<string> VersionControl = new(StringComparer.OrdinalIgnoreCase) { ".git", ".hg", ".svn", ".jj" };

    private readonly ProjectRoot _root;
    private readonly bool _generated;

    private IgnoreRules(ProjectRoot root, string excludes, bool generated)
    {
        _root = root;
        _generated = generated;
        Outermost = IgnoreScope.Outermost(excludes, root.IgnoresCase);
    }

    /// <summary>Rules that hold before any directory is entered.</summary>
    public IgnoreScope Outermost { get; }

    /// <summary>The rules of a project.</summary>
    /// <param name="root">Its root.</param>
    /// <param name="generated">Whether directories that tools generate are ignored without a rule.</param>
    public static IgnoreRules Create(ProjectRoot root, bool generated = true) => new(root, Excludes(root), generated);

    /// <summary>Whether an entry is ignored by the rules of its directory.</summary>
    public bool IsIgnored(IgnoreScope scope, ProjectPath path, bool isDirectory)
    {
        var name = path.Name;
        if (VersionControl.Contains(name))
        {
            return true;
        }

        Span<byte> buffer = stackalloc byte[512];
        var count = Encoding.UTF8.GetByteCount(path.Value);
        var bytes = count <= buffer.Length ? buffer[..count] : new byte[count];
        Encoding.UTF8.GetBytes(path.Value, bytes);
        return scope.Decide(bytes, isDirectory) ?? (_generated && isDirectory && Generated.Contains(name));
    }

    /// <summary>Whether a path is ignored, by itself or through a directory above it.</summary>
    public bool IsIgnored(ProjectPath path, bool isDirectory)
    {
        var segments = path.Segments;
        var scope = Outermost;
        var at = ProjectPath.Root;
        for (var i = 0; i < segments.Length; i++)
        {
            scope = Entered(scope, at);
            at = at.Child(segments[i]);
            if (IsIgnored(scope, at, i < segments.Length - 1 || isDirectory))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The rules as they hold in a directory.</summary>
    public IgnoreScope ScopeOf(ProjectPath directory)
    {
        var scope = Entered(Outermost, ProjectPath.Root);
        var at = ProjectPath.Root;
        foreach (var segment in directory.Segments)
        {
            at = at.Child(segment);
            scope = Entered(scope, at);
        }

        return scope;
    }

    private IgnoreScope Entered(IgnoreScope scope, ProjectPath path)
    {
        try
        {
            _root.Visit(path, (directory, _) => scope = scope.Enter(directory, path));
        }
        catch (Tools.ToolException)
        {
            // No directory, or none that lies within: it has no rules.
        }

        return scope;
    }

    /// <summary>The exclude file: of the repository itself, and for a worktree, whose <c>.git</c> is a file, of the repository it belongs to.</summary>
    private static string Excludes(ProjectRoot root)
    {
        try
        {
            if (root.Look(new(".git")) is { Kind: EntryKind.File })
            {
                using var pointer = root.OpenFile(new(".git"));
                return WorktreeExcludes(root, Encoding.UTF8.GetString(pointer.Read(4_096)));
            }

            using var file = root.OpenFile(new(".git/info/exclude"));
            return Encoding.UTF8.GetString(file.Read(LargestFile));
        }
        catch (Tools.ToolException)
        {
            return "";
        }
    }

    private static string WorktreeExcludes(ProjectRoot root, string pointer)
    {
        try
        {
            var directory = pointer.StartsWith("gitdir:", StringComparison.Ordinal) ? Path.Combine(root.Directory, pointer["gitdir:".Length..].Trim()) : "";
            var common = Path.Combine(directory, "commondir");
            directory = File.Exists(common) && new FileInfo(common).Length < 4_096 ? Path.Combine(directory, File.ReadAllText(common).Trim()) : directory;
            var info = new FileInfo(Path.Combine(directory, "info", "exclude"));
            return directory.Length > 0 && info is { Exists: true, Length: > 0 and < LargestFile } ? File.ReadAllText(info.FullName) : "";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }
}
