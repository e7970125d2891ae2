using EdgeCoder.Terminal;

namespace EdgeCoder.Reviews;

/// <summary>Joins the parts of a file that are kept as they are with those that were edited one by one.</summary>
internal static class PatchMerge
{
    /// <summary>One patch of the file with all of them in the order of the file. Throws <see cref="FormatException"/> for edited text that cannot be read.</summary>
    public static string Of(ChangedFile file, IReadOnlyList<int> kept, string edited)
    {
        var parts = PatchReader.Read(PatchText.Of(file, kept)).Concat(PatchReader.Read(edited)).SelectMany(read => read.Hunks).OrderBy(hunk => hunk.OldStart);
        var head = PatchText.Of(file, []);
        return head + string.Concat(parts.Select(part => $"@@ -{part.OldStart} @@\n" + string.Concat(part.Lines.Select(line => line.EndsWith('\n') ? line : line + "\n\\ No newline at end of file\n"))));
    }
}
