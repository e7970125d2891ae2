namespace EdgeCoder.Agent.Patches;

/// <summary>What a patch does to a file.</summary>
internal enum PatchKind
{
    /// <summary>A new file.</summary>
    Add,

    /// <summary>The file goes.</summary>
    Delete,

    /// <summary>Its lines change, or its name, or both.</summary>
    Update,
}

/// <summary>The part of a patch that is about one file.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Path">The file, as the patch writes it.</param>
/// <param name="MoveTo">Its new name; null when it keeps its own.</param>
/// <param name="Hunks">Changes, in the order of the file; of a new file one, which holds all lines.</param>
/// <param name="Mode">Permission bits of a new file; null: the usual ones.</param>
internal sealed record PatchSection(PatchKind Kind, string Path, string? MoveTo, IReadOnlyList<PatchHunk> Hunks, int? Mode = null);

/// <summary>A change of neighbouring lines.</summary>
/// <param name="Lines">The lines without their ends, each with its mark: space, <c>-</c> or <c>+</c>.</param>
/// <param name="Anchor">A line that comes somewhere before, after <c>@@</c>; null when there is none.</param>
/// <param name="OldStart">First line in the old file, from 1; null when the patch does not say.</param>
/// <param name="AtEnd">Whether it is at the end of the file.</param>
/// <param name="OldEndsBare">Whether the last old line has no line end.</param>
/// <param name="NewEndsBare">Whether the last new line has none; null when the patch does not say.</param>
internal sealed record PatchHunk(IReadOnlyList<(char Mark, string Text)> Lines, string? Anchor, int? OldStart, bool AtEnd, bool OldEndsBare = false, bool? NewEndsBare = null)
{
    /// <summary>The lines that must be there.</summary>
    public IReadOnlyList<string> Old { get; } = [.. Lines.Where(line => line.Mark != '+').Select(line => line.Text)];
}
