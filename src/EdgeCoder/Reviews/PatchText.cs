using System.Globalization;
using System.Text;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;

namespace EdgeCoder.Reviews;

/// <summary>A change as text that a person edits: a unified diff, with a few lines above that say how.</summary>
internal static class PatchText
{
    /// <summary>What stands above the text in an editor. Lines that begin with <c>#</c> are not read.</summary>
    public const string Instructions =
        """
        # What stands here when you save and close is what is kept.
        # Remove a line that begins with "+", or change its words. To keep a line that begins with "-", make the "-" a space.
        # Remove a whole part (from "@@" to the next) or a whole file (from "diff" to the next) to leave it out.
        # Remove everything to change nothing. The numbers after "@@" need no care.

        """;

    /// <summary>The change of one file, with only some of its parts when <paramref name="hunks"/> names them.</summary>
    public static string Of(ChangedFile file, IReadOnlyList<int>? hunks = null)
    {
        var text = new StringBuilder();
        var old = file.OldPath ?? file.Path;
        text.Append("diff --git ").Append(Quoted("a/" + old)).Append(' ').Append(Quoted("b/" + file.Path)).Append('\n');
        if (file.Hunks.Count > 0)
        {
            text.Append("--- ").Append(file.Kind == FileChangeKind.Added ? "/dev/null" : Quoted("a/" + old)).Append('\n');
            text.Append("+++ ").Append(file.Kind == FileChangeKind.Deleted ? "/dev/null" : Quoted("b/" + file.Path)).Append('\n');
        }

        foreach (var hunk in file.Hunks.Where((_, index) => hunks?.Contains(index) ?? true))
        {
            text.Append(string.Create(CultureInfo.InvariantCulture, $"@@ -{hunk.OldStart},{hunk.OldLines} +{hunk.NewStart},{hunk.NewLines} @@\n"));
            text.Append(hunk.Content).Append(hunk.Content.Length == 0 || hunk.Content.EndsWith('\n') ? "" : "\n");
        }

        return text.ToString();
    }

    // As git does it, so that a name with a line end or a quotation mark comes back as itself.
    private static string Quoted(string path)
    {
        if (!path.Any(c => c is '"' or '\\' || char.IsControl(c)))
        {
            return path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;
        }

        var quoted = new StringBuilder("\"");
        foreach (var b in Encoding.UTF8.GetBytes(path))
        {
            _ = b switch
            {
                (byte)'"' => quoted.Append("\\\""),
                (byte)'\\' => quoted.Append("\\\\"),
                < 0x20 or >= 0x7f => quoted.Append('\\').Append(Convert.ToString(b, 8).PadLeft(3, '0')),
                _ => quoted.Append((char)b),
            };
        }

        return quoted.Append('"').ToString();
    }
}
