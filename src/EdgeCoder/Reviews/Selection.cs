using System.Text;
using EdgeCoder.Agent.Workspaces;

namespace EdgeCoder.Reviews;

/// <summary>What a person keeps of a change.</summary>
/// <param name="Kept">The files that are kept.</param>
/// <param name="Whole">Whether it is all of the change, as it is.</param>
/// <param name="Edited">Whether some text is the person's own.</param>
internal sealed record Selection(IReadOnlyList<ReviewedFile> Kept, bool Whole, bool Edited)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Of files chosen by name and number.</summary>
    public static Selection Of(IReadOnlyList<FileChange> changes, IReadOnlyList<ReviewedFile> kept)
    {
        var whole = kept.Count == changes.Count && kept.All(file => file.Edited is null && (file.Hunks is null || file.Hunks.Count == changes.First(change => change.Path == file.Path).Hunks.Count));
        return new(kept, whole, kept.Any(file => file.Edited is not null));
    }

    /// <summary>
    /// Of an edited patch: files and parts that are missing are left out, and what differs is the person's own text. Throws <see cref="FormatException"/> for a
    /// patch that cannot be read or does not fit, and names the place.
    /// </summary>
    /// <param name="changes">The change.</param>
    /// <param name="patch">The patch after editing.</param>
    /// <param name="versions">Gives a file whole; asked only for files that were edited.</param>
    public static async Task<Selection> OfPatchAsync(IReadOnlyList<FileChange> changes, string patch, Func<FileChange, Task<FileVersions>> versions)
    {
        var kept = new List<ReviewedFile>();
        foreach (var file in PatchReader.Read(patch))
        {
            var change = changes.FirstOrDefault(change => change.Path == file.Path) ?? throw new FormatException($"{file.Path} is not part of the change.");
            if (kept.Any(earlier => earlier.Path == file.Path))
            {
                throw new FormatException($"{file.Path} is there twice.");
            }

            if (change.Hunks.Count == 0)
            {
                kept.Add(new(change.Path, null));
            }
            else if (Numbers(change, file) is { } numbers)
            {
                if (numbers.Count > 0)
                {
                    kept.Add(new(change.Path, numbers.Count == change.Hunks.Count ? null : numbers));
                }
            }
            else
            {
                kept.Add(new(change.Path, null, Edit(file, (await versions(change)).Before)));
            }
        }

        return Of(changes, kept);
    }

    // The parts of the change that the file holds unchanged; null when one of them is none of these.
    private static List<int>? Numbers(FileChange change, ReadFile file)
    {
        var own = change.Hunks.Select(hunk => PatchReader.Read(PatchText.Of(new("x", null, change.Kind, false, null, [hunk])))[0].Hunks[0]).ToList();
        var numbers = new List<int>();
        foreach (var hunk in file.Hunks)
        {
            var number = own.FindIndex(mine => mine.OldStart == hunk.OldStart && mine.Lines.SequenceEqual(hunk.Lines));
            if (number < 0 || numbers.Contains(number))
            {
                return null;
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private static byte[] Edit(ReadFile file, byte[]? before)
    {
        string text;
        try
        {
            text = before is null ? "" : Strict.GetString(before);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException($"{file.Path} is not UTF-8, so it cannot be edited here. Keep or leave out whole parts of it.");
        }

        return Strict.GetBytes(HunkEdit.Apply(file, text));
    }
}
