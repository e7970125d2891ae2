using System.IO.Enumeration;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Secrets;

/// <summary>
/// Files whose content no way in may show (agent-executor-models 2.2); their names may be listed. By path alone, at any depth, in any case. It can only be
/// added to, but for single files that a person opens for one session.
/// </summary>
internal sealed class SecretFilePolicy
{
    private static readonly string[] Names =
    [
        ".env*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.kdbx", "id_rsa*", "id_ed25519*", "id_ecdsa*", ".netrc", ".npmrc", ".pypirc", ".git-credentials", "credentials*",
        "secrets.*", "*.tfstate*",
    ];

    private static readonly string[] Directories = [".ssh", ".aws", ".azure", ".gnupg", ".kube", ".env*"];

    private static readonly string[] HarmlessEndings = [".example", ".sample", ".template"];

    private readonly IReadOnlyList<PathGlob> _added;
    private readonly HashSet<string> _allowed;

    /// <summary>The rules of the specification and more.</summary>
    /// <param name="added">Globs that policy adds: without <c>/</c> a name of a file or directory at any depth, with <c>/</c> a path from the root.</param>
    /// <param name="allowed">Exact paths that a person opened for this session.</param>
    public SecretFilePolicy(IEnumerable<string>? added = null, IEnumerable<string>? allowed = null)
    {
        _added = [.. (added ?? []).Select(glob => new PathGlob(glob, ignoreCase: true))];
        _allowed = new(allowed ?? [], StringComparer.Ordinal);
    }

    /// <summary>The rules of the specification alone.</summary>
    public static SecretFilePolicy Default { get; } = new();

    /// <summary>Whether the content of a file is denied, by its path relative to the root.</summary>
    public bool IsDenied(string path) => !_allowed.Contains(path) && IsSecret(path);

    /// <summary>Throws <see cref="ToolException"/> when the content is denied.</summary>
    public void Check(ProjectPath path)
    {
        if (IsDenied(path.Value))
        {
            throw new ToolException($"The content of {path} is denied: the secret-file policy covers it. A person can open one file for one session; go on without it.");
        }
    }

    /// <summary>
    /// Files and directories of a tree whose content is denied, ignored ones too, for masking and for leaving out. A directory stands for all that is in it
    /// when nothing in it is allowed. Of a link with a denied name it is the file behind it, when that lies within the root. Where a name is no UTF-8 it is
    /// the directory above, which may be the root itself.
    /// </summary>
    public IReadOnlyList<ProjectPath> DeniedIn(ProjectRoot root, CancellationToken cancellationToken = default)
    {
        var denied = new SortedSet<string>(StringComparer.Ordinal);
        TreeWalk.Run(root, ProjectPath.Root, ignores: null, hidden: true, depth: int.MaxValue, entry => Visit(root, entry, denied), cancellationToken, states: false);
        return [.. denied.Select(path => new ProjectPath(path))];
    }

    private bool Visit(ProjectRoot root, WalkedEntry entry, SortedSet<string> denied)
    {
        var path = entry.Path.Value;

        // What has no name in UTF-8 can neither be looked into nor be masked by its name: the directory that holds it is.
        if (!entry.Entry.Reachable && (entry.Entry.Kind == EntryKind.Directory || IsDenied(path)))
        {
            denied.Add(entry.Path.Parent.Value);
            return false;
        }

        if (entry.Entry.Kind == EntryKind.Directory)
        {
            var whole = IsDenied(path + "/x") && !_allowed.Any(allowed => allowed.StartsWith(path + "/", StringComparison.Ordinal));
            if (whole)
            {
                denied.Add(path);
            }

            // Git's objects are packed and many; its settings are not among them.
            return !whole && !(entry.Path.Parent.Name == ".git" && entry.Path.Name == "objects");
        }

        if (IsDenied(path))
        {
            denied.Add(path);
            if (entry.Entry.Kind == EntryKind.Link && Target(root, entry.Path) is { } target)
            {
                denied.Add(target);
            }
        }

        return false;
    }

    private static string? Target(ProjectRoot root, ProjectPath link)
    {
        try
        {
            using var file = root.OpenFile(link);
            return file.Real.Value;
        }
        catch (ToolException)
        {
            return null; // It leads outside or nowhere.
        }
    }

    private bool IsSecret(string path)
    {
        var segments = path.Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            var name = Bare(segments[i]);
            var last = i == segments.Length - 1;
            if (Matches(last ? Names : Directories, name) || _added.Any(glob => glob.IsMatch(string.Join('/', segments[..(i + 1)]))))
            {
                return true;
            }
        }

        return IsSettingsFile(segments);
    }

    private static bool Matches(string[] patterns, string name) =>
        patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true) && !(pattern == ".env*" && IsHarmless(name)));

    private static bool IsHarmless(string name) => HarmlessEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary><c>.config/gcloud/</c>, <c>.docker/config.json</c>, <c>.git/config</c> and the like of submodules and worktrees, which hold the same.</summary>
    private static bool IsSettingsFile(string[] segments)
    {
        bool Is(int at, string name) => at >= 0 && at < segments.Length && string.Equals(Bare(segments[at]), name, StringComparison.OrdinalIgnoreCase);
        var last = segments.Length - 1;
        for (var i = 0; i < last; i++)
        {
            if ((Is(i, ".config") && Is(i + 1, "gcloud") && i + 1 < last)
                || (Is(i, ".docker") && i + 1 == last && Is(last, "config.json"))
                || (ProtectedNames.IsGit(segments[i]) && (Is(last, "config") || Is(last, "config.worktree"))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Trailing dots and spaces and streams do not make another file on Windows, so they make no other rule anywhere.</summary>
    private static string Bare(string segment) => segment.Split(':')[0].TrimEnd(' ', '.') is { Length: > 0 } bare ? bare : segment;
}
