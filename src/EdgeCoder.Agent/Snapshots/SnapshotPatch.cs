using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Snapshots;

/// <summary>
/// Applies the patch of a result to an unpacked snapshot, exactly or not at all (coordinator-and-mesh 5.2). Everything is known and checked before
/// anything is written. Nothing else may write to the directory meanwhile.
/// </summary>
public static class SnapshotPatch
{
    /// <summary>Every path that a patch names, old and new; a fault when it does not read or a path is refused by its form.</summary>
    public static PatchOutcome Read(ReadOnlyMemory<byte> patch) => Guarded(patch, _ => { });

    /// <summary>Applies a patch.</summary>
    /// <param name="patch">What <c>git diff --binary</c> wrote; an empty one changes nothing.</param>
    /// <param name="directory">The unpacked snapshot.</param>
    /// <param name="limits">Limits of the tree; the defaults when null.</param>
    public static PatchOutcome Apply(ReadOnlyMemory<byte> patch, string directory, SnapshotLimits? limits = null) =>
        Guarded(patch, changes => Write(Path.GetFullPath(directory), Plan(Path.GetFullPath(directory), changes, limits ?? SnapshotLimits.Default), changes));

    private static PatchOutcome Guarded(ReadOnlyMemory<byte> patch, Action<IReadOnlyList<FileChange>> go)
    {
        List<string> touched = [];
        try
        {
            var changes = GitDiff.Parse(patch);
            touched.AddRange(changes.SelectMany(change => new[] { change.OldPath, change.NewPath }).OfType<string>().Distinct());
            foreach (var path in touched)
            {
                if (SnapshotPath.WhyNot(path, SnapshotLimits.Default.PathBytes) is { } why)
                {
                    throw new PatchFaultException(PatchFaultKind.PathEscape, $"A path of the patch is refused: {why}.");
                }

                // A person's policy is no part of the work; whoever merges the patch would take it over.
                if (ProtectedNames.WhyNot(new(path)) is { } policy)
                {
                    throw new PatchFaultException(PatchFaultKind.PathEscape, $"A path of the patch is refused: {policy}.");
                }
            }

            go(changes);
            return new(null, touched);
        }
        catch (PatchFaultException fault)
        {
            return new(new(fault.Kind, fault.Message), touched);
        }
    }

    // The new content of each change, in their order; null for one that only removes.
    private static List<(byte[]? Content, bool Executable)> Plan(string directory, IReadOnlyList<FileChange> changes, SnapshotLimits limits)
    {
        var tree = SnapshotTree.Read(directory);
        CheckNames(tree, changes);
        List<(byte[]? Content, bool Executable)> plan = [];
        long total = 0;
        foreach (var change in changes)
        {
            var old = change.OldPath is { } path ? tree.ReadFile(path) : [];
            var executable = change.OldPath is { } was && tree.IsExecutable(was);
            if (change.OldPath is not null && change.OldExecutable is { } expected && expected != executable && !OperatingSystem.IsWindows())
            {
                throw Differs(change.OldPath, "its mode differs");
            }

            var content = change.Binary is { } binary ? binary.Apply(old, limits.Bytes) : ExactHunks.Apply(old, change.Hunks);
            if (content is null || (change.NewPath is null && content.Length > 0))
            {
                throw Differs((change.OldPath ?? change.NewPath)!, "the lines that the patch names are not there");
            }

            total += content.Length;
            if (total > limits.Bytes)
            {
                throw new PatchFaultException(PatchFaultKind.Malformed, $"The patch makes more than {limits.Bytes} bytes.");
            }

            plan.Add((change.NewPath is null ? null : content, change.NewExecutable ?? executable));
        }

        return plan;
    }

    private static void CheckNames(SnapshotTree tree, IReadOnlyList<FileChange> changes)
    {
        var after = new HashSet<string>(tree.Paths, StringComparer.Ordinal);
        var removed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            foreach (var path in new[] { change.OldPath, change.NewPath }.OfType<string>())
            {
                if (tree.LinkAbove(path) is { } link)
                {
                    throw new PatchFaultException(PatchFaultKind.PathEscape, $"{path} leads through the link {link}.");
                }
            }

            if (change.OldPath is { } old && (!after.Remove(old) || !removed.Add(old)))
            {
                throw Differs(old, "there is no such file");
            }
        }

        foreach (var path in changes.Select(change => change.NewPath).OfType<string>())
        {
            if (!after.Add(path))
            {
                throw Differs(path, "it is there already");
            }
        }

        var names = new PathTable();
        foreach (var path in after)
        {
            if (names.Add(path) is { } collision)
            {
                throw new PatchFaultException(PatchFaultKind.PathEscape, $"After the patch {collision}.");
            }
        }
    }

    private static void Write(string directory, List<(byte[]? Content, bool Executable)> plan, IReadOnlyList<FileChange> changes)
    {
        foreach (var old in changes.Select(change => change.OldPath).OfType<string>())
        {
            var path = Path.Combine(directory, old);
            File.Delete(path);
            for (var above = Path.GetDirectoryName(path)!; above.Length > directory.Length && !Directory.EnumerateFileSystemEntries(above).Any(); above = Path.GetDirectoryName(above)!)
            {
                Directory.Delete(above);
            }
        }

        for (var i = 0; i < changes.Count; i++)
        {
            if (changes[i].NewPath is { } @new && plan[i].Content is { } content)
            {
                var path = Path.Combine(directory, @new);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                using var file = SnapshotFiles.Create(path, plan[i].Executable);
                file.Write(content);
            }
        }
    }

    private static PatchFaultException Differs(string path, string why) => new(PatchFaultKind.DoesNotApply, $"The patch does not apply to {path}: {why}.");
}
