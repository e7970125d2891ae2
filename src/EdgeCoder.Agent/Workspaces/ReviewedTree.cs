using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>A tree that holds of a change only what a review kept.</summary>
internal sealed class ReviewedTree(PrivateRepository repository, TreeChanges changes, string workTree)
{
    /// <summary>Writes it.</summary>
    /// <param name="base">The tree before the change.</param>
    /// <param name="tree">The tree after it.</param>
    /// <param name="kept">What is kept; a file that is not named is rejected.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<string> WriteAsync(string @base, string tree, IReadOnlyList<ReviewedFile> kept, CancellationToken cancellationToken)
    {
        var pairs = (await changes.PairsAsync(@base, tree, cancellationToken).ConfigureAwait(false)).ToDictionary(p => p.Raw.Path.ToString());
        var entries = new List<TreeEntry>();
        foreach (var file in kept)
        {
            if (!pairs.TryGetValue(file.Path, out var pair))
            {
                throw new RepositoryException("review_unknown_file", $"{file.Path} is not part of the change.", "Look at the change again.");
            }

            entries.AddRange(await EntriesAsync(file, pair.Raw, pair.Patch, cancellationToken).ConfigureAwait(false));
        }

        return entries.Count == 0 ? @base : await repository.ReplaceAsync(@base, entries, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IEnumerable<TreeEntry>> EntriesAsync(ReviewedFile file, RawChange raw, PatchFile? patch, CancellationToken cancellationToken)
    {
        var source = raw is { Status: 'R', OldPath: { } old } ? new TreeEntry(old, raw.OldMode, null) : null;
        TreeEntry[] gone = source is null ? [] : [source];
        var all = patch is null || file.Hunks is null || file.Hunks.Distinct().Count() == patch.Hunks.Count;
        if (file.Edited is { } edited)
        {
            return [.. gone, new TreeEntry(raw.Path, raw.Status == 'D' ? raw.OldMode : raw.NewMode, await EditedAsync(file.Path, edited, cancellationToken).ConfigureAwait(false))];
        }

        if (file.Hunks is { Count: 0 } && patch is { Hunks.Count: > 0 })
        {
            return [];
        }

        if (all)
        {
            return [.. gone, raw.After];
        }

        if (patch!.Binary || file.Hunks!.Any(h => h < 0 || h >= patch.Hunks.Count))
        {
            throw new RepositoryException("review_unknown_hunk", $"{file.Path} has no such hunk.", "Look at the change again.");
        }

        // A part of a deletion is a change of the old file; a part of a new file is a new file.
        var content = raw.Status == 'A' ? [] : await repository.BlobAsync(raw.OldId, cancellationToken).ConfigureAwait(false);
        var id = await repository.WriteBlobAsync(HunkSelection.Apply(content, patch.Hunks, file.Hunks!.ToHashSet()), cancellationToken).ConfigureAwait(false);
        return [.. gone, new TreeEntry(raw.Path, raw.Status == 'D' ? raw.OldMode : raw.NewMode, id)];
    }

    /// <summary>What a person edited is text of the work tree: line ends become what the repository keeps.</summary>
    private async Task<string> EditedAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        var call = GitCall.Of("hash-object", "-w", "--stdin", $"--path={path}") with { Input = content, WorkTree = workTree };
        return (await repository.RunAsync(call, cancellationToken).ConfigureAwait(false)).Line;
    }
}
