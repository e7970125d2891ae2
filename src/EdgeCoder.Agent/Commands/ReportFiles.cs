using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Commands;

/// <summary>Reads what a runner wrote. The program under test could write there too: reads are bounded, and no link is followed out.</summary>
internal static class ReportFiles
{
    private static readonly string[] Places = ["target/surefire-reports", "build/test-results/test", "build/test-results"];

    /// <summary>Contents of the files of a report directory.</summary>
    public static IReadOnlyList<string> In(string directory, string pattern, long most)
    {
        using var root = ProjectRoot.Open(directory);
        return [.. Named(root, ProjectPath.Root, pattern).Select(path => Read(root, path, most)).OfType<string>()];
    }

    /// <summary>Contents of the reports that a build tool has left in the worktree and its modules since a moment.</summary>
    public static IReadOnlyList<string> InWorktree(ProjectRoot root, DateTime since, long most, int count)
    {
        var modules = List(root, ProjectPath.Root).Where(entry => entry.Kind == EntryKind.Directory).Select(entry => entry.Name + "/").Prepend("");
        return
        [
            .. modules.SelectMany(module => Places.Select(place => new ProjectPath(module + place)))
                .SelectMany(place => Named(root, place, "TEST-*.xml"))
                .Where(path => File.GetLastWriteTimeUtc(Path.Combine(root.Directory, path.Value)) >= since)
                .Take(count)
                .Select(path => Read(root, path, most)).OfType<string>(),
        ];
    }

    /// <summary>Removes a report directory with what is in it; what cannot be removed goes with the session.</summary>
    public static void Remove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static IEnumerable<ProjectPath> Named(ProjectRoot root, ProjectPath directory, string pattern) =>
        List(root, directory).Where(entry => entry.Kind == EntryKind.File && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, entry.Name, ignoreCase: false))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => new ProjectPath(directory.Value.Length == 0 ? entry.Name : $"{directory.Value}/{entry.Name}"));

    private static IReadOnlyList<DirectoryEntry> List(ProjectRoot root, ProjectPath directory)
    {
        try
        {
            return root.List(directory);
        }
        catch (Exception exception) when (exception is ToolException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? Read(ProjectRoot root, ProjectPath path, long most)
    {
        try
        {
            using var file = root.OpenFile(path);
            return file.Length > most ? null : System.Text.Encoding.UTF8.GetString(file.Read(most)).TrimStart('\uFEFF');
        }
        catch (Exception exception) when (exception is ToolException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
