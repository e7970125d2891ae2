using System.Text;
using System.Text.RegularExpressions;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Git;

/// <summary>A hunk of a patch, byte by byte.</summary>
/// <param name="OldStart">First line in the old file, from 1; 0 when it has none.</param>
/// <param name="OldLines">Lines of the old file.</param>
/// <param name="NewStart">First line in the new file.</param>
/// <param name="NewLines">Lines of the new file.</param>
/// <param name="Lines">The lines with mark and line end; a line without line end is followed by one that begins with <c>\</c>.</param>
internal sealed record PatchHunk(int OldStart, int OldLines, int NewStart, int NewLines, IReadOnlyList<byte[]> Lines)
{
    /// <summary>For the review.</summary>
    public DiffHunk ToDiffHunk() => new()
    {
        OldStart = OldStart,
        OldLines = OldLines,
        NewStart = NewStart,
        NewLines = NewLines,
        Content = Encoding.UTF8.GetString([.. Lines.SelectMany(l => l)]),
    };
}

/// <summary>The part of a patch that is about one file.</summary>
/// <param name="Binary">Whether git took the file for binary.</param>
/// <param name="Hunks">Its hunks.</param>
internal sealed record PatchFile(bool Binary, IReadOnlyList<PatchHunk> Hunks);

/// <summary>Reads unified diffs of git. Hunks are read by their counts, so a line of a file never passes for a header.</summary>
internal static partial class PatchText
{
    /// <summary>The parts, in the order of the patch: one for each line that begins with <c>diff --git</c>.</summary>
    public static IReadOnlyList<PatchFile> Read(ReadOnlySpan<byte> patch)
    {
        var files = new List<PatchFile>();
        var hunks = new List<PatchHunk>();
        var binary = false;
        var started = false;
        while (!patch.IsEmpty)
        {
            var line = Next(ref patch);
            if (line.StartsWith("diff --git "u8))
            {
                End();
                started = true;
            }
            else if (line.StartsWith("@@ "u8))
            {
                hunks.Add(Hunk(Encoding.ASCII.GetString(line), ref patch));
            }
            else if (line.StartsWith("Binary files "u8) || line.StartsWith("GIT binary patch"u8))
            {
                binary = true;
            }
        }

        End();
        return files;

        void End()
        {
            if (started)
            {
                files.Add(new PatchFile(binary, [.. hunks]));
            }

            hunks.Clear();
            binary = false;
        }
    }

    private static PatchHunk Hunk(string header, ref ReadOnlySpan<byte> patch)
    {
        var match = Header().Match(header);
        if (!match.Success)
        {
            throw new RepositoryException("git_failed", "A hunk of a diff cannot be read.");
        }

        var (oldStart, oldLines, newStart, newLines) = (Number(match, 1), Number(match, 2), Number(match, 3), Number(match, 4));
        var (old, @new) = (oldLines, newLines);
        var lines = new List<byte[]>();
        while (old > 0 || @new > 0 || patch.StartsWith("\\"u8))
        {
            var line = Next(ref patch);
            switch (line.IsEmpty ? (byte)0 : line[0])
            {
                case (byte)' ':
                    old--;
                    @new--;
                    break;
                case (byte)'-':
                    old--;
                    break;
                case (byte)'+':
                    @new--;
                    break;
                case (byte)'\\':
                    break;
                default:
                    throw new RepositoryException("git_failed", "A hunk of a diff is cut off.");
            }

            lines.Add(line.ToArray());
        }

        return new PatchHunk(oldStart, oldLines, newStart, newLines, lines);
    }

    private static int Number(Match match, int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value, System.Globalization.CultureInfo.InvariantCulture) : 1;

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> patch)
    {
        var end = patch.IndexOf((byte)'\n');
        var line = end < 0 ? patch : patch[..(end + 1)];
        patch = patch[line.Length..];
        return line;
    }

    [GeneratedRegex(@"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")]
    private static partial Regex Header();
}
