using EdgeCoder.Agent.Repositories;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Git;

/// <summary>
/// Tree of all files of a directory that are not ignored, untracked ones too, built with an index file of our own. Repositories within the directory
/// (submodules, and what a command may have made) are left as the tree had them: git is never let into them, for it would read their configuration.
/// </summary>
/// <param name="repository">Where the objects go.</param>
/// <param name="index">The index file; it remembers what was hashed.</param>
/// <param name="workTree">The directory.</param>
/// <param name="mounts">How it is seen.</param>
internal sealed class TreeSnapshot(PrivateRepository repository, string index, string workTree, IReadOnlyList<CommandMount> mounts)
{
    /// <summary>Takes the tree as it is now.</summary>
    public async Task<string> TakeAsync(CancellationToken cancellationToken)
    {
        // 1 What was written again with the same content is settled, so that it is not read each time.
        await GitAsync(Call("update-index", "-q", "--refresh", "--ignore-submodules") with { Answers = [1] }, cancellationToken).ConfigureAwait(false);

        // 2 Names of what differs. Tracked names go first: a file may have taken the place of a directory, and the other way round.
        var listed = await GitAsync(Call("ls-files", "-z", "-t", "--modified", "--others", "--exclude-standard"), cancellationToken).ConfigureAwait(false);
        var names = listed.Parts.Where(p => p.Length > 2 && p[^1] != (byte)'/').OrderBy(p => p[0] == (byte)'?').Select(p => p[2..]).ToList();

        // 3 Submodules stay as they are.
        if (names.Count > 0)
        {
            var submodules = await SubmodulesAsync(cancellationToken).ConfigureAwait(false);
            var changed = submodules.Count == 0 ? names : [.. names.Where(n => !submodules.Contains(GitPath.Of(n)))];
            await GitAsync(Call("update-index", "-z", "--add", "--remove", "--replace", "--stdin") with { Input = NulText.Join(changed) }, cancellationToken).ConfigureAwait(false);
        }

        // 4 The tree.
        return (await GitAsync(Call("write-tree"), cancellationToken).ConfigureAwait(false)).Line;
    }

    /// <summary>Puts the directory to a tree. What is in the index and not in the tree goes; ignored files stay.</summary>
    public Task RestoreAsync(string tree, CancellationToken cancellationToken) => GitAsync(Call("read-tree", "--reset", "-u", tree), cancellationToken);

    /// <summary>Makes the index describe a tree, without looking at the directory.</summary>
    public Task StartFromAsync(string tree, CancellationToken cancellationToken) => GitAsync(Call("read-tree", "--reset", tree), cancellationToken);

    /// <summary>
    /// Starts from a copy of the person's index, so that what it knows of the files need not be read again. Marks that hide a change of a file are taken off
    /// the copy: a change that is not seen would be overwritten. Gives false when the index cannot be used here.
    /// </summary>
    /// <param name="source">The person's index.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> TryStartFromIndexAsync(string source, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllBytesAsync(index, BoundedFile.Read(source, 1 << 30), cancellationToken).ConfigureAwait(false);
            var listed = await GitAsync(Call("ls-files", "-z", "-v"), cancellationToken).ConfigureAwait(false);
            if (listed.Parts.Any(p => p[0] is (byte)'M' or (byte)'m'))
            {
                // In the middle of a merge: it holds no tree.
                File.Delete(index);
                return false;
            }

            var marked = listed.Parts.Where(p => p.Length > 2 && p[0] is (byte)'S' or >= (byte)'a').ToList();
            await ClearAsync("--no-assume-unchanged", marked.Where(p => p[0] >= (byte)'a'), cancellationToken).ConfigureAwait(false);
            await ClearAsync("--no-skip-worktree", marked.Where(p => p[0] is (byte)'S' or (byte)'s' && IsThere(GitPath.Of(p.AsSpan(2)))), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception fault) when (fault is RepositoryException { Code: "git_failed" or "repository_unsupported" } or IOException or UnauthorizedAccessException)
        {
            File.Delete(index);
            return false;
        }
    }

    private async Task ClearAsync(string option, IEnumerable<byte[]> marked, CancellationToken cancellationToken)
    {
        var names = marked.Select(p => p[2..]).ToList();
        if (names.Count > 0)
        {
            await GitAsync(Call("update-index", option, "-z", "--stdin") with { Input = NulText.Join(names) }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HashSet<GitPath>> SubmodulesAsync(CancellationToken cancellationToken)
    {
        var staged = await GitAsync(Call("ls-files", "-z", "--stage"), cancellationToken).ConfigureAwait(false);
        return [.. staged.Parts.Where(p => p.AsSpan().StartsWith("160000 "u8)).Select(p => GitPath.Of(p.AsSpan(p.AsSpan().IndexOf((byte)'\t') + 1)))];
    }

    /// <summary>Whether something is there under a name; a name that cannot be looked up counts as there.</summary>
    private bool IsThere(GitPath path)
    {
        var full = path.Text is { } text ? Path.Combine(workTree, text) : null;
        return full is null || File.Exists(full) || Directory.Exists(full) || new FileInfo(full).LinkTarget is not null;
    }

    private GitCall Call(params IReadOnlyList<string> arguments) => GitCall.Of(arguments) with { WorkTree = workTree, Index = index, Mounts = mounts };

    private Task<GitAnswer> GitAsync(GitCall call, CancellationToken cancellationToken) => repository.RunAsync(call, cancellationToken);
}
