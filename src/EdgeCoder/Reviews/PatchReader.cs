using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EdgeCoder.Reviews;

/// <summary>A part of a patch as it was read: where it begins in the old file, and its lines with their marks and line ends.</summary>
internal sealed record ReadHunk(int OldStart, IReadOnlyList<string> Lines);

/// <summary>One file of a patch as it was read.</summary>
internal sealed record ReadFile(string Path, IReadOnlyList<ReadHunk> Hunks);

/// <summary>Reads a unified diff that a person may have edited. Counts after <c>@@</c> are not believed.</summary>
internal static partial class PatchReader
{
    /// <summary>The files of a patch. Throws <see cref="FormatException"/> that names the line.</summary>
    public static IReadOnlyList<ReadFile> Read(string text)
    {
        var files = new List<ReadFile>();
        var hunks = new List<ReadHunk>();
        List<string>? body = null;
        string? path = null;
        var number = 0;
        foreach (var line in Split(text))
        {
            number++;
            var bare = line.TrimEnd('\n', '\r');
            if (body is not null && bare.Length > 0 && bare[0] is ' ' or '+' or '-' && !IsHeader(bare, body))
            {
                body!.Add(line);
            }
            else if (bare.StartsWith("diff --git ", StringComparison.Ordinal))
            {
                Close();
                path = GitPath(bare["diff --git ".Length..]) ?? throw Fault("names no file");
                body = null;
            }
            else if (bare.StartsWith("--- ", StringComparison.Ordinal))
            {
                body = null;
                // Without a "diff" line a file begins here.
                if (path is null || hunks.Count > 0)
                {
                    Close();
                    path = Name(bare[4..]);
                }
            }
            else if (bare.StartsWith("+++ ", StringComparison.Ordinal))
            {
                path = Name(bare[4..]) ?? path;
            }
            else if (bare.StartsWith("@@", StringComparison.Ordinal))
            {
                var start = Header().Match(bare) is { Success: true } header ? int.Parse(header.Groups[1].Value, CultureInfo.InvariantCulture) : throw Fault("is no heading of a part");
                body = path is null ? throw Fault("comes before any file") : [];
                hunks.Add(new(start, body));
            }
            else if (bare.StartsWith('\\') && body is { Count: > 0 })
            {
                body[^1] = body[^1].TrimEnd('\n');
            }
            else if (bare.Length == 0 && body is not null)
            {
                // Editors take the space off a line that holds nothing else.
                body.Add(" " + line);
            }
            else if (body is not null && !bare.StartsWith('#'))
            {
                throw Fault("begins with neither a space, + nor -");
            }
        }

        Close();
        return files;

        void Close()
        {
            if (path is not null)
            {
                files.Add(new(path, [.. hunks.Select(Trimmed)]));
            }

            hunks = [];
            path = null;
        }

        FormatException Fault(string what) => new(string.Create(CultureInfo.InvariantCulture, $"Line {number} {what}."));
    }

    // "--- a/x" may be a removed line "-- a/x"; it is a heading only when "+++" or a new file can follow, which is after a whole part.
    private static bool IsHeader(string line, List<string> body) =>
        body.Count > 0 && (line.StartsWith("--- a/", StringComparison.Ordinal) || line.StartsWith("--- \"a/", StringComparison.Ordinal) || line == "--- /dev/null");

    // An empty line at the end of a part is the gap before the next file, not a line of this one.
    private static ReadHunk Trimmed(ReadHunk hunk)
    {
        var lines = hunk.Lines.ToList();
        while (lines.Count > 0 && lines[^1] is " \n" or " ")
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return hunk with { Lines = lines };
    }

    private static IEnumerable<string> Split(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at);
            var next = end < 0 ? text.Length : end + 1;
            yield return end < 0 ? text[at..] + "\n" : text[at..next];
            at = next;
        }
    }

    private static string? GitPath(string names)
    {
        if (names.EndsWith('"'))
        {
            var at = names.LastIndexOf("\"b/", StringComparison.Ordinal);
            return at < 0 ? null : Name(names[at..]);
        }

        var start = names.IndexOf(" b/", StringComparison.Ordinal);
        // Both names are the same but for a rename, and then "+++" or the change itself says more.
        var half = (names.Length - 1) / 2;
        return names.Length % 2 == 1 && names[half] == ' ' && names[(half + 1)..].StartsWith("b/", StringComparison.Ordinal) && names[2..half] == names[(half + 3)..]
            ? names[(half + 3)..]
            : start < 0 ? null : names[(start + 3)..];
    }

    // Null for /dev/null.
    private static string? Name(string text)
    {
        var name = text.Split('\t')[0].TrimEnd('\r', ' ');
        name = name.StartsWith('"') && name.EndsWith('"') && name.Length > 1 ? Unquoted(name[1..^1]) : name;
        return name == "/dev/null" ? null : name.Length > 2 && name[1] == '/' ? name[2..] : name;
    }

    private static string Unquoted(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                // Up to the next escape at once: half of a surrogate pair is no character.
                var end = text.IndexOf('\\', i + 1);
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i..(end < 0 ? text.Length : end)]));
                i = (end < 0 ? text.Length : end) - 1;
            }
            else if (i + 3 < text.Length && text.AsSpan(i + 1, 3) is var octal && !octal.ContainsAnyExceptInRange('0', '7') && octal[0] <= '3')
            {
                bytes.Add(Convert.ToByte(octal.ToString(), 8));
                i += 3;
            }
            else
            {
                i++;
                bytes.Add((byte)(text[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'a' => '\a', 'b' => '\b', 'v' => '\v', 'f' => '\f', var c => c }));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    [GeneratedRegex(@"^@@ -(\d{1,9})(?:,\d+)? ")]
    private static partial Regex Header();
}
