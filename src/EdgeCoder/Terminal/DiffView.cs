using System.Globalization;
using EdgeCoder.Protocol.Sessions;
using Spectre.Console;

namespace EdgeCoder.Terminal;

/// <summary>A change as a person reads it: a heading for each file, its parts numbered, lines in green and red.</summary>
internal static class DiffView
{
    private const int MostLines = 400;

    /// <summary>Writes the change. Beyond <see cref="MostLines"/> lines the rest is counted and <paramref name="whole"/> says how to see it.</summary>
    public static void Show(IAnsiConsole console, IReadOnlyList<ChangedFile> files, string whole)
    {
        var left = MostLines;
        foreach (var file in files)
        {
            Heading(console, file);
            for (var hunk = 0; hunk < file.Hunks.Count; hunk++)
            {
                var lines = Lines(file.Hunks[hunk].Content);
                if (lines.Length > left)
                {
                    console.MarkupLineInterpolated($"  [dim]… not shown: {file.Hunks.Skip(hunk).Sum(rest => Lines(rest.Content).Length)} lines of {SafeText.ForTerminal(file.Path)}. {whole}[/]");
                    break;
                }

                left -= lines.Length;
                Hunk(console, file, hunk);
            }
        }
    }

    /// <summary>The line above a file's parts.</summary>
    public static void Heading(IAnsiConsole console, ChangedFile file)
    {
        var name = SafeText.ForTerminal(file.OldPath is { } old && old != file.Path ? $"{old} → {file.Path}" : file.Path).ReplaceLineEndings(" ");
        console.MarkupLine($"[bold]{Markup.Escape(name)}[/]  [dim]{Markup.Escape(Note(file))}[/]");
        if (file.Caution is { } caution)
        {
            console.MarkupLineInterpolated($"  [yellow]! {SafeText.ForTerminal(caution).ReplaceLineEndings(" ")}[/]");
        }
    }

    /// <summary>One part, with its number when there are several.</summary>
    public static void Hunk(IAnsiConsole console, ChangedFile file, int number)
    {
        var hunk = file.Hunks[number];
        var which = file.Hunks.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"  part {number + 1} of {file.Hunks.Count}") : "";
        console.MarkupLine(string.Create(CultureInfo.InvariantCulture, $"  [blue]@@ -{hunk.OldStart},{hunk.OldLines} +{hunk.NewStart},{hunk.NewLines} @@[/][dim]{which}[/]"));
        foreach (var line in Lines(hunk.Content))
        {
            var safe = Markup.Escape(SafeText.ForTerminal(line));
            console.MarkupLine(line.Length == 0 ? "" : line[0] switch { '+' => $"  [green]{safe}[/]", '-' => $"  [red]{safe}[/]", '\\' => $"  [dim]{safe}[/]", _ => "  " + safe });
        }
    }

    /// <summary>What happens to it and how many lines it gains and loses.</summary>
    public static string Note(ChangedFile file)
    {
        var kind = file.Kind switch
        {
            FileChangeKind.Added => "new",
            FileChangeKind.Modified => "",
            FileChangeKind.Deleted => "deleted",
            FileChangeKind.Renamed => "renamed",
            _ => throw new ArgumentOutOfRangeException(nameof(file), file.Kind, null),
        };
        return string.Join("  ", new[] { kind, file.Binary ? "binary" : Counts(file.Hunks) }.Where(part => part.Length > 0));
    }

    private static string Counts(IReadOnlyList<DiffHunk> hunks)
    {
        var lines = hunks.SelectMany(hunk => Lines(hunk.Content)).ToList();
        return hunks.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"+{lines.Count(line => line.StartsWith('+'))} −{lines.Count(line => line.StartsWith('-'))}");
    }

    private static string[] Lines(string content) => content.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
}
