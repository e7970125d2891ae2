using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>
/// Writes files into the person's tree, all or nothing, also when the process dies in between. Everything that needs space is written first, beside its
/// target; then come renames alone. What was there is taken aside by a rename and only then compared with what the plan expects, where nobody else writes to
/// it; it stays aside until every file is in place, so taking back is renames again. The plan is on the disk before the first one.
/// </summary>
/// <param name="files">The person's files.</param>
/// <param name="token">Part of the names of temporary files; unguessable.</param>
internal sealed class ApplyWriter(PersonFiles files, string token)
{
    /// <summary>Called before each file is put in its place, with its number; for tests that change or kill in between.</summary>
    internal static AsyncLocal<Action<int>?> BeforeWrite { get; } = new();

    private string Prefix => $".edgecoder-{token}-";

    /// <summary>Writes everything that needs space.</summary>
    /// <param name="plan">The plan; it is on the disk.</param>
    /// <param name="staged">Full path of the new content of a file.</param>
    public void Prepare(ApplyPlan plan, Func<string, string> staged)
    {
        foreach (var directory in plan.NewDirectories.Where(d => !files.IsBlocked(d) && files.State(d) == FileState.Absent))
        {
            files.MakeDirectory(directory);
        }

        foreach (var (file, number) in Numbered(plan).Where(p => p.File.New.Kind != FileStateKind.Absent))
        {
            Stage(file, number, staged);
        }
    }

    /// <summary>Puts every file in its place. Gives those that are not any more as the plan has them; then all others are put back.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="staged">Full path of the new content of a file.</param>
    public IReadOnlyList<string> Write(ApplyPlan plan, Func<string, string> staged)
    {
        foreach (var (file, number) in InOrder(plan))
        {
            BeforeWrite.Value?.Invoke(number);
            if (!Put(plan, file, number, staged))
            {
                RollBack(plan);
                return [file.Path];
            }
        }

        // Somebody who had a file open may have written to it since it was taken aside.
        var late = Numbered(plan).Where(p => p.File.Old.Kind != FileStateKind.Absent && files.Within(p.File.Path, (directory, _) => PersonFiles.StateOf(directory, Old(p.Number))) is { } old && old != FileState.Absent && old != p.File.Old)
            .Select(p => p.File.Path).ToList();
        if (late.Count > 0)
        {
            RollBack(plan);
        }

        return late;
    }

    /// <summary>
    /// Takes back what was written. A file that is neither as the plan found it nor as it left it was changed by the person meanwhile; it stays, and is named.
    /// </summary>
    public IReadOnlyList<string> RollBack(ApplyPlan plan)
    {
        var foreign = new List<string>();
        foreach (var (file, number) in InOrder(plan).Reverse())
        {
            if (plan.NewDirectories.Contains(file.Path))
            {
                // The file comes back to a place where a directory was made; inner ones of those first.
                foreach (var made in plan.NewDirectories.Where(d => d == file.Path || d.StartsWith(file.Path + "/", StringComparison.Ordinal)).Reverse())
                {
                    files.RemoveEmpty(made);
                }
            }

            if (files.Within(file.Path, (directory, name) => IsBack(directory, name, file, number) ? null : file.Path) is { } changed)
            {
                foreign.Add(changed);
            }
        }

        CleanUp(plan);
        foreach (var made in plan.NewDirectories.Reverse())
        {
            files.RemoveEmpty(made);
        }

        return foreign;
    }

    /// <summary>Removes what is left of a plan: temporary files, and directories that it emptied.</summary>
    public void CleanUp(ApplyPlan plan)
    {
        foreach (var (file, number) in Numbered(plan))
        {
            files.Within(file.Path, (directory, _) =>
            {
                Remove(directory, New(number));
                Remove(directory, Old(number));
                return true;
            });
        }

        foreach (var file in plan.Files.Where(f => f.New.Kind == FileStateKind.Absent))
        {
            files.RemoveEmptyParents(file.Path);
        }
    }

    private static IEnumerable<(PlannedFile File, int Number)> Numbered(ApplyPlan plan) => plan.Files.Select((f, i) => (f, i));

    /// <summary>What goes comes first, inner places before outer ones: a file may take the place of a directory, and the other way round.</summary>
    private static IEnumerable<(PlannedFile File, int Number)> InOrder(ApplyPlan plan) =>
        Numbered(plan).OrderBy(p => p.File.New.Kind != FileStateKind.Absent).ThenByDescending(p => p.File.New.Kind == FileStateKind.Absent ? p.File.Path : "", StringComparer.Ordinal);

    private string New(int number) => $"{Prefix}{number}n.tmp";

    private string Old(int number) => $"{Prefix}{number}o.tmp";

    private bool Stage(PlannedFile file, int number, Func<string, string> staged) => files.Within(file.Path, (directory, name) =>
    {
        if (directory.Look(New(number)) is null)
        {
            var mode = directory.Look(name) is { Kind: EntryKind.File } old && !OperatingSystem.IsWindows() ? old.Mode & 0b111_111_111 : (int?)null;
            PersonFiles.Copy(directory, New(number), staged(file.Path), mode, file.New.Executable);
        }

        return true;
    });

    private bool Put(ApplyPlan plan, PlannedFile file, int number, Func<string, string> staged)
    {
        if (file.New.Kind != FileStateKind.Absent)
        {
            // A directory that could not be made before a file had gone.
            foreach (var directory in plan.NewDirectories.Where(d => file.Path.StartsWith(d + "/", StringComparison.Ordinal)))
            {
                files.MakeDirectory(directory);
            }

            if (!Stage(file, number, staged))
            {
                return false;
            }
        }

        return files.Within(file.Path, (directory, name) => TakeAside(directory, name, file, number) && (file.New.Kind == FileStateKind.Absent || directory.Rename(New(number), name) || IsPutBack(directory, name, number)));
    }

    /// <summary>Takes aside what is there, and puts it back when it is not what the plan expects. With nothing expected, a directory may be there that this plan emptied.</summary>
    private bool TakeAside(IRootDirectory directory, string name, PlannedFile file, int number)
    {
        if (directory.Look(name) is null)
        {
            return file.Old.Kind == FileStateKind.Absent;
        }

        if (!directory.Rename(name, Old(number)))
        {
            return false;
        }

        return (file.Old.Kind == FileStateKind.Absent ? IsEmptied(directory, Old(number)) : PersonFiles.StateOf(directory, Old(number)) == file.Old) || IsPutBack(directory, name, number);
    }

    /// <summary>Puts back what was taken aside; never a success of the caller's.</summary>
    private bool IsPutBack(IRootDirectory directory, string name, int number)
    {
        if (directory.Look(Old(number)) is not null)
        {
            directory.Rename(Old(number), name);
        }

        return false;
    }

    /// <summary>Whether a place is, or now is again, as the plan found it.</summary>
    private bool IsBack(IRootDirectory directory, string name, PlannedFile file, int number)
    {
        var aside = directory.Look(Old(number)) is not null;
        var placed = file.New.Kind != FileStateKind.Absent && directory.Look(New(number)) is null;
        if (!aside && !(placed && file.Old.Kind == FileStateKind.Absent))
        {
            // Not begun.
            return true;
        }

        var now = PersonFiles.StateOf(directory, name);
        if (now != FileState.Absent)
        {
            if (now != file.New || !placed)
            {
                return !aside;
            }

            directory.Delete(name);
        }

        return !aside || directory.Rename(Old(number), name);
    }

    /// <summary>Whether a directory holds nothing but what this plan took aside.</summary>
    private bool IsEmptied(IRootDirectory directory, string name)
    {
        using var opened = directory.OpenDirectory(name);
        return opened is not null && opened.Entries().All(e => e.Reachable && (e.Name.StartsWith(Prefix, StringComparison.Ordinal) || (e.Kind == EntryKind.Directory && IsEmptied(opened, e.Name))));
    }

    private void Remove(IRootDirectory directory, string name)
    {
        switch (directory.Look(name))
        {
            case null:
                break;
            case { Kind: EntryKind.Directory }:
                using (var opened = directory.OpenDirectory(name))
                {
                    foreach (var entry in opened?.Entries().Where(e => e.Reachable && (e.Kind == EntryKind.Directory || e.Name.StartsWith(Prefix, StringComparison.Ordinal))) ?? [])
                    {
                        Remove(opened!, entry.Name);
                    }
                }

                directory.DeleteEmptyDirectory(name);
                break;
            default:
                directory.Delete(name);
                break;
        }
    }
}
