using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Commands;

/// <summary>
/// Installed dependencies that a fresh worktree does not have, because git ignores them: taken read-only from the person's own project. Only real directories of known
/// names at its top, never a link.
/// </summary>
internal static class DependencyMounts
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["node_modules", ".venv", "venv", "vendor/bundle"];

    /// <summary>The mounts.</summary>
    public static IEnumerable<CommandMount> Of(ProjectRoot worktree, ProjectRoot? project, string target) => project is null || project.Directory == worktree.Directory
        ? []
        : Names.Where(name => IsDirectory(project, name) && IsMissingOrEmpty(worktree, name)).Select(name => new CommandMount(Path.Combine(project.Directory, name), $"{target}/{name}"));

    private static bool IsDirectory(ProjectRoot root, string name) => Look(root, name) is { Kind: EntryKind.Directory };

    // A mount leaves an empty directory behind in the worktree.
    private static bool IsMissingOrEmpty(ProjectRoot root, string name)
    {
        try
        {
            return Look(root, name) switch { null => true, { Kind: EntryKind.Directory } => root.List(new ProjectPath(name)).Count == 0, _ => false };
        }
        catch (Exception exception) when (exception is ToolException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static EntryState? Look(ProjectRoot root, string name)
    {
        try
        {
            return root.Look(new ProjectPath(name));
        }
        catch (Exception exception) when (exception is ToolException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
