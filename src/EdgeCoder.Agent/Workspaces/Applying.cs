using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>
/// Brings a change into the person's files, all or nothing, and takes it back (agent-executor-models 2.6). Their index, branch, stash and hooks take no part.
/// </summary>
internal sealed class Applying(WorkspaceFolder folder, WorkspaceRecord record, PrivateRepository repository, Func<string, bool> isDenied, string lockFile)
{
    private const int MostRounds = 3;

    private readonly ApplyStore _store = new(folder.AppliesFile);
    private readonly PersonTree _person = new(repository, record.Root, record.GitDirectory);

    /// <summary>Applies the change from a base to a tree.</summary>
    public Task<ApplyOutcome> ApplyAsync(string @base, string tree, CancellationToken cancellationToken) => LockedAsync(
        async state =>
        {
            AppliedChange[] before = [.. state.Changes.Where(c => !c.Undone)];
            return await MergeAsync(@base, tree, change => [.. before, change], cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Takes back what was applied last.</summary>
    public Task<ApplyOutcome> UndoAsync(CancellationToken cancellationToken) => LockedAsync(
        async state =>
        {
            var number = state.Changes.ToList().FindLastIndex(c => !c.Undone);
            if (number < 0)
            {
                return new ApplyOutcome(false, [], "Nothing of this session is applied.");
            }

            return await BackAsync(state.Changes[number], [.. state.Changes.Select((c, i) => i == number ? c with { Undone = true } : c)], cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Applies again what was taken back last.</summary>
    public Task<ApplyOutcome> RedoAsync(CancellationToken cancellationToken) => LockedAsync(
        async state =>
        {
            var number = state.Changes.ToList().FindIndex(c => c.Undone);
            if (number < 0)
            {
                return new ApplyOutcome(false, [], "Nothing of this session was taken back.");
            }

            var (before, after) = (state.Changes[number].Before, state.Changes[number].After);
            return await MergeAsync(before, after, change => [.. state.Changes.Select((c, i) => i == number ? change : c)], cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Sees to what a crash left; gives what a person should know, or null.</summary>
    public Task<string?> RecoverAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_store.Read().Pending is null)
        {
            return Task.FromResult<string?>(null);
        }

        using var held = Lock();
        return Task.FromResult(Recover(_store.Read()));
    }

    private string? Recover(ApplyState state)
    {
        if (state.Pending is not { } plan)
        {
            return null;
        }

        using var files = new PersonFiles(record.Root);
        var writer = new ApplyWriter(files, plan.Token);
        IReadOnlyList<string> foreign = [];
        if (plan.Committed)
        {
            writer.CleanUp(plan);
        }
        else
        {
            foreign = writer.RollBack(plan);
        }

        _store.Write(state with { Pending = null });
        return foreign.Count > 0
            ? $"An apply was cut off and taken back; files that you changed since then were left as they are: {string.Join(", ", foreign)}."
            : plan.Committed ? null : "An apply was cut off; every file is as it was before.";
    }

    private async Task<ApplyOutcome> LockedAsync(Func<ApplyState, Task<ApplyOutcome>> work, CancellationToken cancellationToken)
    {
        using var held = Lock();
        Recover(_store.Read());
        try
        {
            return await work(_store.Read()).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RepositoryException("apply_failed", $"The change could not be written: {fault.Message}. {TakenBack()}", "Free some space or check who may write the files, then apply again.", fault);
        }
        finally
        {
            RemoveStage();
        }
    }

    private string TakenBack()
    {
        try
        {
            return Recover(_store.Read()) ?? "Nothing was changed.";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"What was written could not be taken back either ({fault.Message}); the next command on this session does it.";
        }
    }

    /// <summary>Merge of the change from a base to a tree into the person's tree.</summary>
    private async Task<ApplyOutcome> MergeAsync(string @base, string tree, Func<AppliedChange, IReadOnlyList<AppliedChange>> then, CancellationToken cancellationToken)
    {
        // 1 The person's files as they are now.
        var person = await _person.TakeAsync(@base, cancellationToken).ConfigureAwait(false);
        for (var round = 0; round < MostRounds; round++)
        {
            // 2 Three-way merge, in trees alone.
            var merge = await TreeMerge.RunAsync(repository, @base, person, tree, cancellationToken).ConfigureAwait(false);
            if (merge.Conflicts.Count > 0)
            {
                return new ApplyOutcome(false, [.. merge.Conflicts.Select(c => c.ToString())], await merge.DescribeAsync(repository, isDenied, cancellationToken).ConfigureAwait(false));
            }

            // 3 Writing; when a file has changed since 1, all over again.
            var (outcome, again) = await MoveAsync(person, merge.Tree, then(new AppliedChange(person, merge.Tree, Undone: false)), cancellationToken).ConfigureAwait(false);
            if (again is null)
            {
                return outcome;
            }

            person = again;
        }

        return new ApplyOutcome(false, [], "The files of the project keep changing; nothing was written. Apply again when they are at rest.");
    }

    /// <summary>Puts back the files of an applied change; one that is not as it was applied is a conflict.</summary>
    private async Task<ApplyOutcome> BackAsync(AppliedChange change, IReadOnlyList<AppliedChange> then, CancellationToken cancellationToken)
    {
        var person = await _person.TakeAsync(change.After, cancellationToken).ConfigureAwait(false);
        var applied = await DifferencesAsync(change.Before, change.After, cancellationToken).ConfigureAwait(false);
        var since = (await DifferencesAsync(change.After, person, cancellationToken).ConfigureAwait(false)).Select(d => d.Path).ToHashSet();
        var conflicts = applied.Select(d => d.Path).Where(since.Contains).ToList();
        if (conflicts.Count > 0)
        {
            return new ApplyOutcome(false, [.. conflicts.Select(c => c.ToString())], $"You changed these files after the change was applied: {string.Join(", ", conflicts)}. Nothing was taken back.");
        }

        var back = await DifferencesAsync(change.After, change.Before, cancellationToken).ConfigureAwait(false);
        var target = await repository.ReplaceAsync(person, back.Select(b => b.After), cancellationToken).ConfigureAwait(false);
        var (outcome, again) = await MoveAsync(person, target, then, cancellationToken).ConfigureAwait(false);
        return again is null ? outcome : new ApplyOutcome(false, [], "A file changed while the change was being taken back. Nothing was written; try again.");
    }

    /// <summary>Writes the difference of two trees into the person's files, which must be as the first one says.</summary>
    /// <returns>The outcome; or the person's tree when it is another one by now.</returns>
    private async Task<(ApplyOutcome Outcome, string? Again)> MoveAsync(string from, string to, IReadOnlyList<AppliedChange> then, CancellationToken cancellationToken)
    {
        var differences = await DifferencesAsync(from, to, cancellationToken).ConfigureAwait(false);
        if (differences.Count == 0)
        {
            // A change that wrote nothing is nothing to take back: undo must reach the one before it.
            if (then is not [.., { } last] || last.Before != last.After)
            {
                _store.Write(new ApplyState { Changes = then });
            }

            return (new ApplyOutcome(true, [], "Your files hold the change already."), null);
        }

        if (differences.Where(d => d.Path.Text is null || d.IsSubmodule).Select(d => d.Path.ToString()).ToList() is { Count: > 0 } unwritable)
        {
            return (new ApplyOutcome(false, unwritable, $"Cannot be written here: {string.Join(", ", unwritable)} (a name that is not UTF-8, or a submodule). Nothing was written."), null);
        }

        // 1 The new files, beside the person's.
        var stage = await StageAsync(to, differences, cancellationToken).ConfigureAwait(false);

        // 2 The old ones: looked at first, then compared with the tree. What changes after this look is found by its hash at the last moment.
        using var files = new PersonFiles(record.Root);
        var plan = Plan(files, differences, stage, then);
        var again = await _person.TakeAsync(from, cancellationToken).ConfigureAwait(false);
        if (again != from)
        {
            return (new ApplyOutcome(false, [], ""), again);
        }

        if (plan.Files.Where(IsInTheWay(files, plan)).Select(f => f.Path).ToList() is { Count: > 0 } inTheWay)
        {
            return (new ApplyOutcome(false, inTheWay, $"Something that git ignores, or a link, is in the way of {string.Join(", ", inTheWay)}. Nothing was written."), null);
        }

        // 3 The plan on the disk, then the files.
        cancellationToken.ThrowIfCancellationRequested();
        return (Write(files, plan, stage), null);
    }

    private ApplyOutcome Write(PersonFiles files, ApplyPlan plan, string stage)
    {
        var state = _store.Read();
        var writer = new ApplyWriter(files, plan.Token);
        string Staged(string path) => Path.Combine(stage, path);
        _store.Write(state with { Pending = plan });
        writer.Prepare(plan, Staged);
        var changed = writer.Write(plan, Staged);
        if (changed.Count > 0)
        {
            _store.Write(state with { Pending = null });
            return new ApplyOutcome(false, changed, $"{string.Join(", ", changed)} changed at the last moment. Every file is as it was before.");
        }

        // From here on it is applied, whatever happens.
        _store.Write(new ApplyState { Changes = plan.Then, Pending = plan with { Committed = true } });
        writer.CleanUp(plan);
        _store.Write(new ApplyState { Changes = plan.Then });
        return new ApplyOutcome(true, [.. plan.Files.Select(f => f.Path)], plan.Files.Count == 1 ? "1 file written." : $"{plan.Files.Count} files written.");
    }

    private static ApplyPlan Plan(PersonFiles files, IReadOnlyList<RawChange> differences, string stage, IReadOnlyList<AppliedChange> then)
    {
        var planned = differences.Select(d => Planned(files, d, stage)).ToList();
        var directories = planned.Where(f => f.New.Kind != FileStateKind.Absent).SelectMany(f => files.MissingParents(f.Path)).Distinct().Order(StringComparer.Ordinal).ToList();
        return new ApplyPlan { Token = Guid.NewGuid().ToString("N")[..12], Files = planned, NewDirectories = directories, Then = then };
    }

    private static PlannedFile Planned(PersonFiles files, RawChange difference, string stage)
    {
        var path = difference.Path.Text!;
        var old = difference.Status == 'A' ? FileState.Absent : files.State(path);
        if (difference.Status == 'D')
        {
            return new PlannedFile(path, old, FileState.Absent);
        }

        // A mode that does not change stays what it is on the disk: a repository may be told not to look at it.
        var executable = difference.OldMode == difference.NewMode ? old.Executable : difference.NewMode == TreeEntry.Executable;
        return new PlannedFile(path, old, StagedState(stage, path) with { Executable = executable });
    }

    private static FileState StagedState(string stage, string path)
    {
        using var staged = new PersonFiles(stage);
        return staged.State(path);
    }

    /// <summary>A new file whose place is taken, unless by a file or directory that goes with the same change; or an old one that is no file.</summary>
    private static Func<PlannedFile, bool> IsInTheWay(PersonFiles files, ApplyPlan plan)
    {
        var going = plan.Files.Where(f => f.New.Kind == FileStateKind.Absent).Select(f => f.Path).ToList();
        return file => file.Old.Kind == FileStateKind.Absent
            ? (files.IsBlocked(file.Path) || files.Within(file.Path, (directory, name) => directory.Look(name) is not null))
              && !going.Any(g => g.StartsWith(file.Path + "/", StringComparison.Ordinal) || file.Path.StartsWith(g + "/", StringComparison.Ordinal))
            : file.Old.Kind == FileStateKind.Other;
    }

    private async Task<string> StageAsync(string tree, IReadOnlyList<RawChange> differences, CancellationToken cancellationToken)
    {
        RemoveStage();
        OwnerOnly.CreateDirectory(folder.Stage);
        await _person.CheckOutAsync(tree, differences.Where(d => d.Status != 'D').Select(d => d.Path), record.Root, folder.Stage, cancellationToken).ConfigureAwait(false);
        return folder.Stage;
    }

    private async Task<IReadOnlyList<RawChange>> DifferencesAsync(string from, string to, CancellationToken cancellationToken)
    {
        var answer = await repository.RunAsync(GitCall.Of("diff-tree", "-r", "-z", "--raw", "--no-renames", "--ignore-submodules=none", from, to), cancellationToken).ConfigureAwait(false);
        return RawChange.Read(answer.Bytes, out _);
    }

    private void RemoveStage()
    {
        if (Directory.Exists(folder.Stage))
        {
            Directory.Delete(folder.Stage, recursive: true);
        }
    }

    private FileStream Lock()
    {
        try
        {
            return new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException fault) when (File.Exists(lockFile))
        {
            throw new RepositoryException("project_in_use", $"Another session is writing into {record.Root}.", "Try again when it is done.", fault);
        }
    }
}
