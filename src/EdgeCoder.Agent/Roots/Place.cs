namespace EdgeCoder.Agent.Roots;

/// <summary>Where a path really is: an open directory and a name in it. What is done there reaches this directory, whatever becomes of the path.</summary>
internal sealed class Place : IDisposable
{
    private readonly bool _owned;

    public Place(IRootDirectory directory, bool owned, ProjectPath real, EntryState? state, string[] missing)
    {
        Directory = directory;
        _owned = owned;
        Real = real;
        State = state;
        MissingParents = missing;
    }

    /// <summary>The open directory; where parents are missing, the nearest one that exists.</summary>
    public IRootDirectory Directory { get; }

    /// <summary>The path without links.</summary>
    public ProjectPath Real { get; }

    /// <summary>What is there; null when nothing is. The root itself is a directory.</summary>
    public EntryState? State { get; }

    /// <summary>Parents that do not exist yet, the outermost first.</summary>
    public string[] MissingParents { get; }

    /// <summary>The name in the directory; <c>.</c> for the directory itself.</summary>
    public string Name => Real.IsRoot ? "." : Real.Name;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owned)
        {
            Directory.Dispose();
        }
    }
}
