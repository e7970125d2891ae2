namespace EdgeCoder.Training.Corpus;

/// <summary>Text files that travel inside the assembly.</summary>
internal static class TextResource
{
    /// <summary>Lines of the file, without empty lines and without comment lines (<c>#</c>).</summary>
    /// <param name="name">End of the resource's name, for instance <c>OutOfRange.requests.txt</c>.</param>
    public static IReadOnlyList<string> Lines(string name) =>
        [.. AllLines(name).Where(line => line.Length > 0 && line[0] != '#')];

    /// <summary>All lines of the file, empty ones and comments included.</summary>
    public static IReadOnlyList<string> AllLines(string name)
    {
        var assembly = typeof(TextResource).Assembly;
        var full = assembly.GetManifestResourceNames().Single(resource => resource.EndsWith("." + name, StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(full)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
    }
}
