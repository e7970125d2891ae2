using System.Text;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Git;

/// <summary>
/// Where a project's repository is on this machine, found by reading and never by asking git: the project's own words about it are not believed until the
/// repository points back.
/// </summary>
/// <param name="GitDirectory">HEAD and index of this work tree, as a real path.</param>
/// <param name="CommonDirectory">Configuration, references and objects; the same directory, but for linked work trees.</param>
/// <param name="Objects">The object directories: its own, then those that it borrows from.</param>
internal sealed record GitLayout(string GitDirectory, string CommonDirectory, IReadOnlyList<string> Objects)
{
    private const int MostAlternates = 16;

    /// <summary>The layout of the repository whose top is a directory; null when it has none.</summary>
    /// <param name="root">The project's root, as a real path.</param>
    public static GitLayout? Find(string root)
    {
        var marker = new FileInfo(Path.Combine(root, ".git"));
        if (IsRepository(root) && !IsThere(marker.FullName))
        {
            throw new RepositoryException("bare_repository", $"{root} is a bare repository: it has no files to work on.", "Clone it, or add a worktree, and work there.");
        }

        if (!IsThere(marker.FullName))
        {
            return null;
        }

        if (marker.LinkTarget is not null)
        {
            throw Unsupported($"{marker.FullName} is a link. A repository that lies elsewhere is opened only where it points back.", "Work in the directory that the repository belongs to.");
        }

        return Directory.Exists(marker.FullName) ? OfDirectory(marker.FullName) : OfPointer(root, marker.FullName);
    }

    /// <summary>The nearest directory, from here upwards, that has a repository of its own; null when there is none.</summary>
    public static string? FindTop(string directory)
    {
        for (var at = new DirectoryInfo(directory); at is not null; at = at.Parent)
        {
            if (IsThere(Path.Combine(at.FullName, ".git")))
            {
                return at.FullName;
            }
        }

        return null;
    }

    private static GitLayout OfDirectory(string directory) => IsRepository(directory)
        ? new GitLayout(directory, directory, ObjectsOf(directory))
        : throw Unsupported($"{directory} is not a repository: HEAD, objects or refs is missing.", "Repair it (git fsck), or move it away to work without history.");

    /// <summary>A <c>.git</c> file: a linked work tree or a submodule. Anybody can write one that names somebody else's repository, so that must name it in turn.</summary>
    private static GitLayout OfPointer(string root, string file)
    {
        var text = SmallText(file);
        if (!text.StartsWith("gitdir: ", StringComparison.Ordinal))
        {
            throw Unsupported($"{file} is neither a repository nor a pointer to one.", "Repair it, or move it away to work without history.");
        }

        var directory = Path.GetFullPath(text[8..].TrimEnd('\r', '\n'), root);
        var common = Path.Combine(directory, "commondir");
        if (File.Exists(common))
        {
            return PointsTo(Path.Combine(directory, "gitdir"), directory, file)
                ? OfLinked(directory, Path.GetFullPath(SmallText(common).Trim(), directory))
                : throw NotItsOwn(file, directory);
        }

        // A submodule lies below its parent's repository; core.worktree there points back.
        return SubmoduleTop(directory) is { } top && SamePath(top, root) ? OfDirectory(directory) : throw NotItsOwn(file, directory);
    }

    private static GitLayout OfLinked(string directory, string common) =>
        IsRepository(common) ? new GitLayout(directory, common, ObjectsOf(common)) : throw Unsupported($"{common} is not a repository.", "Repair the worktree (git worktree repair).");

    private static bool PointsTo(string pointer, string directory, string file) =>
        File.Exists(pointer) && SamePath(Path.GetFullPath(SmallText(pointer).Trim(), directory), file);

    private static string? SubmoduleTop(string directory)
    {
        var configuration = Path.Combine(directory, "config");
        if (!File.Exists(configuration))
        {
            return null;
        }

        var line = SmallText(configuration).Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith("worktree = ", StringComparison.Ordinal));
        return line is null ? null : Path.GetFullPath(line[11..].Trim('"'), directory);
    }

    private static List<string> ObjectsOf(string common)
    {
        List<string> all = [Path.Combine(common, "objects")];
        for (var at = 0; at < all.Count; at++)
        {
            var alternates = Path.Combine(all[at], "info", "alternates");
            if (!File.Exists(alternates))
            {
                continue;
            }

            foreach (var line in SmallText(alternates).Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0 && l[0] != '#'))
            {
                var objects = Path.GetFullPath(line, all[at]);
                if (Path.GetFileName(objects) == "objects" && Directory.Exists(objects) && !all.Contains(objects))
                {
                    all.Add(objects);
                }
            }

            if (all.Count > MostAlternates)
            {
                throw Unsupported($"{common} borrows objects from more than {MostAlternates} repositories.", "Repack it (git repack -a).");
            }
        }

        return all;
    }

    private static bool IsRepository(string directory) =>
        File.Exists(Path.Combine(directory, "HEAD")) && Directory.Exists(Path.Combine(directory, "objects")) && Directory.Exists(Path.Combine(directory, "refs"));

    private static bool IsThere(string path) => File.Exists(path) || Directory.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static bool SamePath(string left, string right) => RealPath.Of(left) == RealPath.Of(right);

    /// <summary>A file of a line or a few: anything larger is not what it says.</summary>
    private static string SmallText(string path)
    {
        var bytes = BoundedFile.Read(path, 1 << 20);
        return Encoding.UTF8.GetString(bytes);
    }

    private static RepositoryException NotItsOwn(string file, string directory) =>
        Unsupported($"{file} names {directory}, which does not belong to this directory.", "Work in the repository's own work tree, or repair the link (git worktree repair).");

    private static RepositoryException Unsupported(string message, string hint) => new("repository_unsupported", message, hint);
}
