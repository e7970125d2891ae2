namespace EdgeCoder.Agent.Roots;

/// <summary>Finds out whether a file system tells names apart by case.</summary>
internal static class CaseProbe
{
    /// <summary>Asks for an entry by the other case. Where there is no entry with a letter, the system's habit.</summary>
    public static bool IgnoresCase(IRootDirectory directory)
    {
        var name = directory.Entries().Where(entry => entry.Reachable && entry.Name.Any(char.IsAsciiLetter)).Select(entry => entry.Name).FirstOrDefault();
        return name is null
            ? OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
            : directory.Look(Swapped(name)) is { } other && directory.Look(name) is { } one && one.IsSameFile(other) && !directory.Entries().Any(entry => entry.Name == Swapped(name));
    }

    private static string Swapped(string name) => string.Concat(name.Select(letter => char.IsAsciiLetter(letter) ? (char)(letter ^ 0x20) : letter));
}
