namespace EdgeCoder.Agent.Workspaces;

/// <summary>
/// Writes files into the person's tree, all or nothing, also when the process dies in between: everything that needs space is written beside its target
/// first, then come renames alone, and the plan that takes them back is on the disk before the first one.
/// </summary>
/// <param name="files">The person's files.</param>
/// <param name="token">Part of the names of temporary files; unguessable.</param>
internal sealed class ApplyWriter(PersonFiles files, string token)
{
    /// <summary>Called before each rename, with the number of the file; for tests that change or kill in between.</summary>
    internal static AsyncLocal<Action<int>?> BeforeWrite { get; } = new();

    /// <summary>Writes everything that needs space: the new files, and copies of the old ones.</summary>
    /// <param name="plan">The plan; it is on the disk.</param>
    /// <param name="staged">Full path of the new content of a file.</param>
    public void Prepare(ApplyPlan plan, Func<string, string> staged)
    {
        foreach (var (file, number) in Numbered(plan))
        {
            var target = files.Full(file.Path);
            if (file.Old.Kind is FileStateKind.File or FileStateKind.Link)
            {
                PersonFiles.Copy(target, OldCopy(number), target, file.Old.Executable);
            }

            if (file.New.Kind is FileStateKind.File or FileStateKind.Link)
            {
                PersonFiles.Copy(staged(file.Path), NewCopy(number), file.Old.Kind == FileStateKind.File ? target : null, file.New.Executable);
            }
        }
    }

    /// <summary>Puts every file in its place. Gives those that are not any more as the plan has them; then all others are put back.</summary>
    public IReadOnlyList<string> Write(ApplyPlan plan)
    {
        foreach (var (file, number) in InOrder(plan))
        {
            BeforeWrite.Value?.Invoke(number);
            // The last look: between it and the rename there is nothing that waits.
            if (Now(file, file.Old) != file.Old)
            {
                RollBack(plan);
                return [file.Path];
            }

            if (file.New.Kind == FileStateKind.Absent)
            {
                File.Delete(files.Full(file.Path));
                continue;
            }

            ClearDirectory(file);
            Directory.CreateDirectory(Path.GetDirectoryName(files.Full(file.Path))!);
            File.Move(NewCopy(number), files.Full(file.Path), overwrite: file.Old.Kind != FileStateKind.Absent);
        }

        return [];
    }

    /// <summary>
    /// Takes back what was written. A file that is neither as the plan found it nor as it left it was changed by the person meanwhile; it stays, and is named.
    /// </summary>
    public IReadOnlyList<string> RollBack(ApplyPlan plan)
    {
        var foreign = new List<string>();
        foreach (var (file, number) in InOrder(plan).Reverse())
        {
            var now = files.State(file.Path);
            if (now == file.Old)
            {
                continue;
            }

            if (now != file.New && !(now == FileState.Other && file.New.Kind == FileStateKind.Absent && PersonFiles.TryRemoveEmpty(files.Full(file.Path))))
            {
                foreign.Add(file.Path);
            }
            else if (file.Old.Kind == FileStateKind.Absent)
            {
                File.Delete(files.Full(file.Path));
            }
            else if (PersonFiles.IsThere(OldCopy(number)))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(files.Full(file.Path))!);
                File.Move(OldCopy(number), files.Full(file.Path), overwrite: true);
            }
        }

        CleanUp(plan);
        foreach (var directory in plan.NewDirectories.Reverse())
        {
            PersonFiles.TryRemoveEmpty(files.Full(directory));
        }

        return foreign;
    }

    /// <summary>Removes what is left of a plan: temporary files, and directories that it emptied.</summary>
    public void CleanUp(ApplyPlan plan)
    {
        foreach (var (file, number) in Numbered(plan))
        {
            Remove(OldCopy(number));
            Remove(NewCopy(number));
        }

        foreach (var file in plan.Files.Where(f => f.New.Kind == FileStateKind.Absent && files.State(f.Path) == FileState.Absent))
        {
            files.RemoveEmptyParents(file.Path);
        }
    }

    private static IEnumerable<(PlannedFile File, int Number)> Numbered(ApplyPlan plan) => plan.Files.Select((f, i) => (f, i));

    /// <summary>What goes comes first, inner places before outer ones: a file may take the place of a directory, and the other way round.</summary>
    private static IEnumerable<(PlannedFile File, int Number)> InOrder(ApplyPlan plan) =>
        Numbered(plan).OrderBy(p => p.File.New.Kind != FileStateKind.Absent).ThenByDescending(p => p.File.New.Kind == FileStateKind.Absent ? p.File.Path : "", StringComparer.Ordinal);

    /// <summary>Temporary files lie at the root: no directory that goes or comes holds one.</summary>
    private string Temporary(int number, string kind) => files.Full($".edgecoder-{token}-{number}.{kind}");

    private string OldCopy(int number) => Temporary(number, "old");

    private string NewCopy(int number) => Temporary(number, "new");

    private FileState Now(PlannedFile file, FileState expected)
    {
        var now = files.State(file.Path, look: expected.Kind != FileStateKind.Absent);
        // A directory whose files went a moment ago, for a file that takes its place.
        return now == FileState.Other && expected.Kind == FileStateKind.Absent && IsEmptyDirectory(files.Full(file.Path)) ? FileState.Absent : now;
    }

    private void ClearDirectory(PlannedFile file)
    {
        if (file.Old.Kind == FileStateKind.Absent && Directory.Exists(files.Full(file.Path)))
        {
            PersonFiles.TryRemoveEmpty(files.Full(file.Path));
        }
    }

    private static bool IsEmptyDirectory(string full) =>
        new DirectoryInfo(full) is { Exists: true, LinkTarget: null } directory && !directory.EnumerateFileSystemInfos().Any();

    private static void Remove(string full)
    {
        if (PersonFiles.IsThere(full))
        {
            File.Delete(full);
        }
    }
}
