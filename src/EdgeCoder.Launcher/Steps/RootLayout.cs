using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Launcher;

namespace EdgeCoder.Launcher.Steps;

/// <summary>What must be in the empty root before anything is mounted into it, each with a relative path, parents first: pure.</summary>
internal sealed class RootLayout
{
    /// <summary>Directory of the runner's files.</summary>
    public const string RunnerDirectory = "edgecoder";

    /// <summary>Directory where the scratch is mounted.</summary>
    public const string Scratch = "tmp";

    private readonly SortedSet<string> directories = new(StringComparer.Ordinal) { RunnerDirectory, Scratch };

    /// <summary>Looks at a plan.</summary>
    public RootLayout(LaunchPlan plan)
    {
        Links = [.. plan.Mounts.Where(mount => mount.Kind == MountKind.Link)];
        Files = [.. plan.Mounts.Where(mount => mount.Kind == MountKind.File).Select(mount => mount.Path).Concat(plan.Devices).Select(Inside)];
        foreach (var mount in plan.Mounts)
        {
            AddParents(Inside(mount.Path));
            if (mount.Kind == MountKind.Directory)
            {
                directories.Add(Inside(mount.Path));
            }
        }

        foreach (var device in plan.Devices)
        {
            AddParents(Inside(device));
        }
    }

    /// <summary>Directories to make.</summary>
    public IReadOnlyCollection<string> Directories => directories;

    /// <summary>Symbolic links to make.</summary>
    public IReadOnlyList<SandboxMount> Links { get; }

    /// <summary>Empty files to make, on which files are mounted.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>How many there are.</summary>
    public int Count => directories.Count + Links.Count + Files.Count;

    /// <summary>A full path as seen from the new root.</summary>
    public static string Inside(string path) => path[1..];

    private void AddParents(string path)
    {
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            directories.Add(path[..slash]);
        }
    }
}
