namespace EdgeCoder.Agent.Snapshots;

/// <summary>A run of lines of a hunk.</summary>
/// <param name="Mark">Space, <c>-</c> or <c>+</c>.</param>
/// <param name="Text">The line with its end; without one where the diff says so.</param>
internal readonly record struct DiffLine(char Mark, ReadOnlyMemory<byte> Text);

/// <summary>A hunk: positions are believed and checked.</summary>
/// <param name="OldStart">First old line, from 1; the line before where it has none.</param>
/// <param name="OldCount">Old lines.</param>
/// <param name="NewStart">First new line, likewise.</param>
/// <param name="NewCount">New lines.</param>
/// <param name="Lines">The lines.</param>
internal sealed record DiffHunk(int OldStart, int OldCount, int NewStart, int NewCount, IReadOnlyList<DiffLine> Lines);

/// <summary>What a git diff does to one file.</summary>
internal sealed record FileChange
{
    /// <summary>Path before; null when it is new.</summary>
    public string? OldPath { get; init; }

    /// <summary>Path after; null when it goes.</summary>
    public string? NewPath { get; init; }

    /// <summary>Executable bit before, when the diff changes it; null when it says nothing.</summary>
    public bool? OldExecutable { get; init; }

    /// <summary>Executable bit after; null: as before, or not for a new file.</summary>
    public bool? NewExecutable { get; init; }

    /// <summary>Changes of lines.</summary>
    public IReadOnlyList<DiffHunk> Hunks { get; init; } = [];

    /// <summary>Change of a binary file, old to new.</summary>
    public BinaryChange? Binary { get; init; }
}
