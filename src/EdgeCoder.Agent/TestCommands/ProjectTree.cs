using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.TestCommands;

/// <summary>What detection looks at: a few files of a worktree by name. Reads are bounded and follow no link out of the root; what cannot be read is not there.</summary>
internal sealed class ProjectTree(ProjectRoot root, ProjectRoot? dependencies = null)
{
    private const int LargestFile = 1 << 20;
    private const int MostEntries = 4_000;

    /// <summary>Directories in which nobody's own tests are.</summary>
    private static readonly string[] Foreign = ["node_modules", ".git", ".venv", "venv", "vendor", "target", "bin", "obj", "dist", "build", "__pycache__", ".tox", "artifacts"];

    /// <summary>Text of a file; null when it is not there, too large, or denied to this process.</summary>
    public string? Read(string path)
    {
        try
        {
            using var file = root.OpenFile(root.Parse(path));
            return file.Length > LargestFile ? null : System.Text.Encoding.UTF8.GetString(file.Read(LargestFile));
        }
        catch (Exception exception) when (exception is ToolException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether dotnet's project says that Microsoft's testing platform runs its tests: then <c>dotnet test</c> takes other options.</summary>
    public bool UsesTestingPlatform => Read("global.json") is { } settings && settings.Contains("Microsoft.Testing.Platform", StringComparison.Ordinal);

    /// <summary>The interpreter of Python for the project: that of its virtual environment, where it has one.</summary>
    public string Python => Has(".venv/pyvenv.cfg") ? ".venv/bin/python" : Has("venv/pyvenv.cfg") ? "venv/bin/python" : "python3";

    /// <summary>Whether there is something of that name, in the worktree or in what of the person's project is mounted into it.</summary>
    public bool Has(string path) =>
        Has(root, path) || (dependencies is not null && Commands.DependencyMounts.Names.Any(name => path.StartsWith(name + "/", StringComparison.Ordinal)) && Has(dependencies, path));

    private static bool Has(ProjectRoot root, string path)
    {
        try
        {
            return root.Look(root.Parse(path)) is not null;
        }
        catch (Exception exception) when (exception is ToolException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Paths of files down to a depth, by name, in order, without directories in which nobody's own tests are.</summary>
    public IEnumerable<string> Files(int depth, Func<string, bool> wanted)
    {
        var looked = 0;
        var waiting = new Queue<(string Path, int Depth)>([("", 0)]);
        while (waiting.TryDequeue(out var directory))
        {
            foreach (var (name, isDirectory) in List(directory.Path))
            {
                if (++looked > MostEntries)
                {
                    yield break;
                }

                var path = directory.Path.Length == 0 ? name : $"{directory.Path}/{name}";
                if (!isDirectory && wanted(name))
                {
                    yield return path;
                }
                else if (isDirectory && directory.Depth < depth && !Foreign.Contains(name, StringComparer.Ordinal) && !name.StartsWith('.'))
                {
                    waiting.Enqueue((path, directory.Depth + 1));
                }
            }
        }
    }

    private IEnumerable<(string Name, bool IsDirectory)> List(string path)
    {
        try
        {
            return [.. root.List(new ProjectPath(path)).Select(entry => (entry.Name, entry.Kind == EntryKind.Directory)).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is ToolException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
