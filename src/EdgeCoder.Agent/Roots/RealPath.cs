namespace EdgeCoder.Agent.Roots;

/// <summary>Real paths of directories.</summary>
internal static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>The absolute path without links in it; parts that do not exist stay as they are. Throws <see cref="IOException"/> for a circle of links.</summary>
    public static string Of(string path)
    {
        var pending = new Stack<string>(Segments(Path.GetFullPath(path)).Reverse());
        var real = Path.GetPathRoot(Path.GetFullPath(path))!;
        for (var links = 0; pending.TryPop(out var segment);)
        {
            if (segment == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, segment);
            if (new DirectoryInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path} leads through a circle of links.");
            }

            real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real;
            foreach (var part in Segments(target).Reverse())
            {
                pending.Push(part);
            }
        }

        return real;
    }

    private static IEnumerable<string> Segments(string path) =>
        path[(Path.GetPathRoot(path)?.Length ?? 0)..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(segment => segment != ".");
}
