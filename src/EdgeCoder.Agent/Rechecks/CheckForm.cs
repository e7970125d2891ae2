using EdgeCoder.Agent.Snapshots;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>Which checks can be run at all: pure.</summary>
internal static class CheckForm
{
    /// <summary>What the command of a snippet's check is.</summary>
    public const string Runner = "runner";

    private const int MostFiles = 1_000;

    /// <summary>Why no verifier of this version can run a check; null when it can.</summary>
    public static string? WhyNot(AcceptanceCheck check, SubtaskKind kind)
    {
        IReadOnlyList<CheckFile> files = [.. check.Files ?? [], .. check.Overlay ?? [], .. check.ProtectedFiles];
        var names = new PathTable();
        return check.Image is not null ? "it names a container image, and no container back-end is built in this version"
            : files.Count > MostFiles ? $"it names more than {MostFiles} files"
            : files.FirstOrDefault(file => SnapshotPath.WhyNot(file.Path, 1_024) is not null) is { } odd ? $"the path {odd.Path} is refused"
            : files.Select(file => file.Path).Distinct(StringComparer.Ordinal).Select(names.Add).FirstOrDefault(fault => fault is not null) is { } collision ? collision
            : check.Workdir is { Length: > 0 } and not "." && SnapshotPath.WhyNot(check.Workdir, 1_024) is { } why ? $"its working directory is refused: {why}"
            : kind switch
            {
                SubtaskKind.MicroLoop when check.Report != CheckReport.Runner || check.Command is not [Runner] => "the check of a snippet has the command [\"runner\"] and the report runner",
                SubtaskKind.MicroLoop when (check.Files?.Count ?? 0) + (check.Overlay?.Count ?? 0) == 0 => "it brings no test file",
                SubtaskKind.RepoChange when check.Report == CheckReport.Runner => "a repository's check reports by trx, junit, tap or none",
                SubtaskKind.RepoChange when check.Command.Count == 0 || check.Command[0].Length == 0 => "it has no command",
                _ => null,
            };
    }
}
