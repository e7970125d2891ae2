using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Snapshots;

/// <summary>
/// Reads what <c>git diff</c> writes, strictly: bytes, not text; every name of a section must agree; nothing stands around or between the sections. What
/// a model writes is read by <c>Patches</c>; this is what a result hands in. A <see cref="PatchFaultException"/> says what is wrong.
/// </summary>
internal sealed partial class GitDiff
{
    private const int MostBinary = 64 << 20;

    private readonly List<ReadOnlyMemory<byte>> lines;
    private int at;

    private GitDiff(List<ReadOnlyMemory<byte>> lines) => this.lines = lines;

    /// <summary>Its files, in order; none for an empty patch.</summary>
    public static IReadOnlyList<FileChange> Parse(ReadOnlyMemory<byte> patch)
    {
        var diff = new GitDiff(Split(patch));
        List<FileChange> changes = [];
        while (diff.at < diff.lines.Count)
        {
            changes.Add(diff.Section());
        }

        return changes;
    }

    private FileChange Section()
    {
        var names = After("diff --git "u8) ?? throw Bad("a section begins with 'diff --git'");
        at++;
        var header = Header();
        string? old = header.From, @new = header.To;
        IReadOnlyList<DiffHunk> hunks = [];
        BinaryChange? binary = null;
        if (Starts("--- "u8))
        {
            (old, @new) = FileNames(header);
            hunks = Hunks();
        }
        else if (Starts("GIT binary patch"u8))
        {
            binary = Binary();
        }
        else if (Starts("Binary files "u8))
        {
            throw Bad("a binary file is named without its content: make the diff with --binary");
        }

        if (old is null && @new is null)
        {
            var both = GitNames.Both(names.Span) is { } read && Stripped(read.Old, "a/") is { } left && Stripped(read.New, "b/") is { } right && left == right ? left : throw Bad("the names of a section cannot be told apart");
            (old, @new) = (header.New ? null : both, header.Deleted ? null : both);
        }

        if (!GitNames.Matches(names.Span, old ?? @new!, @new ?? old!))
        {
            throw Bad("the names of a section disagree");
        }

        if ((header.New && old is not null) || (header.Deleted && @new is not null) || (old is null && !header.New) || (@new is null && !header.Deleted)
            || (old is not null && @new is not null && old != @new && header.From is null))
        {
            throw Bad("the names of a section disagree with what it does");
        }

        return new FileChange { OldPath = old, NewPath = @new, OldExecutable = header.OldExecutable, NewExecutable = header.NewExecutable, Hunks = hunks, Binary = binary };
    }

    private SectionHeader Header()
    {
        var header = new SectionHeader();
        for (; at < lines.Count; at++)
        {
            if (After("old mode "u8) is { } oldMode)
            {
                header.OldExecutable = Mode(oldMode);
            }
            else if (After("new mode "u8) is { } newMode)
            {
                header.NewExecutable = Mode(newMode);
            }
            else if (After("deleted file mode "u8) is { } deleted)
            {
                header.Deleted = true;
                header.OldExecutable = Mode(deleted);
            }
            else if (After("new file mode "u8) is { } created)
            {
                header.New = true;
                header.NewExecutable = Mode(created);
            }
            else if (After("rename from "u8) is { } from)
            {
                header.From = GitNames.Read(from.Span) ?? throw Bad("a name does not read");
            }
            else if (After("rename to "u8) is { } to)
            {
                header.To = GitNames.Read(to.Span) ?? throw Bad("a name does not read");
            }
            else if (Starts("copy "u8))
            {
                throw Bad("it copies a file: make the diff without -C");
            }
            else if (After("index "u8) is { } index)
            {
                CheckIndex(index);
            }
            else if (!Starts("similarity index "u8) && !Starts("dissimilarity index "u8))
            {
                break;
            }
        }

        return (header.From is null) == (header.To is null) && (header.OldExecutable is null || header.Deleted || header.NewExecutable is not null) && !(header.New && header.Deleted)
            ? header
            : throw Bad("the header of a section is not whole");
    }

    private (string? Old, string? New) FileNames(SectionHeader header)
    {
        var old = FileName("--- "u8, "a/");
        at++;
        var @new = Starts("+++ "u8) ? FileName("+++ "u8, "b/") : throw Bad("'+++' does not follow '---'");
        at++;
        return header.From is null || (old == header.From && @new == header.To) ? (old, @new) : throw Bad("the names of a rename disagree");
    }

    private string? FileName(ReadOnlySpan<byte> start, string prefix)
    {
        var text = After(start)!.Value.Span;
        if (text.SequenceEqual("/dev/null"u8))
        {
            return null;
        }

        // git ends a name that has a space with a tab.
        return Stripped(GitNames.Read(text.Length > 0 && text[0] != '"' && text[^1] == '\t' ? text[..^1] : text), prefix) ?? throw Bad("a name does not read");
    }

    private List<DiffHunk> Hunks()
    {
        List<DiffHunk> hunks = [];
        while (Starts("@@ "u8))
        {
            hunks.Add(Hunk());
        }

        return hunks.Count > 0 ? hunks : throw Bad("a file has names and no hunk");
    }

    private DiffHunk Hunk()
    {
        var match = HunkHeader().Match(Encoding.Latin1.GetString(Bare(lines[at]).Span));
        if (!match.Success)
        {
            throw Bad("the header of a hunk does not read");
        }

        at++;
        var (oldCount, newCount) = (Number(match.Groups[2], 1), Number(match.Groups[4], 1));
        var (oldLeft, newLeft) = (oldCount, newCount);
        List<DiffLine> body = [];
        while (oldLeft > 0 || newLeft > 0)
        {
            var line = at < lines.Count ? lines[at++] : throw Bad("a hunk is cut off");
            var mark = line.Length > 0 ? (char)line.Span[0] : '\0';
            oldLeft -= mark is ' ' or '-' ? 1 : 0;
            newLeft -= mark is ' ' or '+' ? 1 : 0;
            if (mark is not (' ' or '-' or '+') || oldLeft < 0 || newLeft < 0 || line.Span[^1] != '\n')
            {
                at--;
                throw Bad("a hunk has other lines than its header counts");
            }

            var bare = at < lines.Count && lines[at].Span.StartsWith("\\ "u8);
            at += bare ? 1 : 0;
            body.Add(new(mark, line[1..^(bare ? 1 : 0)]));
        }

        return new(Number(match.Groups[1], 0), oldCount, Number(match.Groups[3], 0), newCount, body);
    }

    private BinaryChange Binary()
    {
        at++;
        var forward = Half();
        if (at < lines.Count && !Starts("diff --git "u8))
        {
            Half(); // The way back, which nobody goes.
        }

        return forward;
    }

    private BinaryChange Half()
    {
        var isDelta = Starts("delta "u8);
        var text = After("literal "u8) ?? After("delta "u8) ?? throw Bad("a binary change does not read");
        if (!int.TryParse(Encoding.Latin1.GetString(text.Span), NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size > MostBinary)
        {
            throw Bad("a binary change has no size, or too large a one");
        }

        List<ReadOnlyMemory<byte>> data = [];
        for (at++; at < lines.Count && Bare(lines[at]) is { IsEmpty: false } line; at++)
        {
            data.Add(line);
        }

        at++; // The empty line that ends it.
        return BinaryChange.Read(isDelta, size, data) ?? throw Bad("the data of a binary change does not read");
    }

    private void CheckIndex(ReadOnlyMemory<byte> index)
    {
        if (index.Span.LastIndexOf((byte)' ') is >= 0 and var space)
        {
            Mode(index[(space + 1)..]);
        }
    }

    // Anything but a plain file could lead out of the tree, or be run with rights it should not have.
    private bool Mode(ReadOnlyMemory<byte> mode) => Encoding.Latin1.GetString(mode.Span) switch
    {
        "100644" => false,
        "100755" => true,
        var other => throw Bad($"the mode {(other.Length < 10 ? other : "")} is not one of a regular file"),
    };

    private ReadOnlyMemory<byte>? After(ReadOnlySpan<byte> start) => Starts(start) ? Bare(lines[at])[start.Length..] : default(ReadOnlyMemory<byte>?);

    private bool Starts(ReadOnlySpan<byte> start) => at < lines.Count && lines[at].Span.StartsWith(start);

    private PatchFaultException Bad(string why) => new(PatchFaultKind.Malformed, string.Create(CultureInfo.InvariantCulture, $"Line {at + 1} of the patch does not read: {why}."));

    private static string? Stripped(string? name, string prefix) => name is not null && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;

    private static ReadOnlyMemory<byte> Bare(ReadOnlyMemory<byte> line) => line.Length > 0 && line.Span[^1] == '\n' ? line[..^1] : line;

    private static int Number(Group group, int absent) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : absent;

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> text)
    {
        List<ReadOnlyMemory<byte>> lines = [];
        while (!text.IsEmpty)
        {
            var end = text.Span.IndexOf((byte)'\n');
            lines.Add(end < 0 ? text : text[..(end + 1)]);
            text = end < 0 ? default : text[(end + 1)..];
        }

        return lines;
    }

    [GeneratedRegex(@"^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: |\r?$)", RegexOptions.CultureInvariant)]
    private static partial Regex HunkHeader();

    private sealed class SectionHeader
    {
        public string? From { get; set; }

        public string? To { get; set; }

        public bool New { get; set; }

        public bool Deleted { get; set; }

        public bool? OldExecutable { get; set; }

        public bool? NewExecutable { get; set; }
    }
}
