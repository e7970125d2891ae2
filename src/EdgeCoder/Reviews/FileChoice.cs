using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Commands;

namespace EdgeCoder.Reviews;

/// <summary>Files and parts chosen on the command line: <c>path</c> or <c>path:1,3</c>.</summary>
internal static partial class FileChoice
{
    /// <summary>The selection. Throws <see cref="UsageException"/> for a file or part that the change does not have.</summary>
    public static Selection Of(IReadOnlyList<FileChange> changes, IEnumerable<string> chosen)
    {
        var kept = new List<ReviewedFile>();
        foreach (var text in chosen)
        {
            // A name that looks like parts is a name where the change has it.
            var whole = Find(text);
            var parts = whole is null ? Parts().Match(text) : Match.Empty;
            var change = whole ?? (parts.Success ? Find(parts.Groups[1].Value) : null)
                ?? throw new UsageException("not_in_change", $"{text} is not part of the change.", $"It has: {string.Join(", ", changes.Select(one => one.Path))}");
            if (kept.Any(earlier => earlier.Path == change.Path))
            {
                throw new UsageException("not_in_change", $"{change.Path} is named twice.");
            }

            kept.Add(new(change.Path, whole is not null ? null : Numbers(change, parts.Groups[2].Value)));
        }

        return Selection.Of(changes, kept);

        FileChange? Find(string path) => changes.FirstOrDefault(change => change.Path == path.Replace('\\', '/'));
    }

    private static List<int> Numbers(FileChange change, string text)
    {
        var numbers = text.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).Distinct().Order().ToList();
        return numbers[0] >= 1 && numbers[^1] <= change.Hunks.Count
            ? [.. numbers.Select(number => number - 1)]
            : throw new UsageException("not_in_change", string.Create(CultureInfo.InvariantCulture, $"{change.Path} has {change.Hunks.Count} parts, numbered from 1."));
    }

    [GeneratedRegex(@"^(.+):(\d{1,6}(?:,\d{1,6})*)$")]
    private static partial Regex Parts();
}
