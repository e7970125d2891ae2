using EdgeCoder.Agent.Git;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>The person's files as a git tree, taken without touching their index: all that is not ignored, as it is on the disk.</summary>
internal sealed class PersonTree
{
    private readonly TreeSnapshot _snapshot;
    private readonly string _index;
    private readonly string? _theirIndex;
    private readonly PrivateRepository _repository;

    public PersonTree(PrivateRepository repository, string root, string? gitDirectory)
    {
        _repository = repository;
        _index = repository.Index("person");
        _theirIndex = gitDirectory is null ? null : Path.Combine(gitDirectory, "index");
        Mounts = [new CommandMount(root, root)];
        _snapshot = new TreeSnapshot(repository, _index, root, Mounts);
    }

    /// <summary>How git sees the person's files: read-only.</summary>
    public IReadOnlyList<CommandMount> Mounts { get; }

    /// <summary>Takes the tree as it is now.</summary>
    /// <param name="start">Tree to start from where there is no index that can be used; null: nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<string> TakeAsync(string? start, CancellationToken cancellationToken)
    {
        if (!File.Exists(_index))
        {
            var copied = _theirIndex is not null && File.Exists(_theirIndex) && await _snapshot.TryStartFromIndexAsync(_theirIndex, cancellationToken).ConfigureAwait(false);
            if (!copied && start is not null)
            {
                await _snapshot.StartFromAsync(start, cancellationToken).ConfigureAwait(false);
            }
        }

        return await _snapshot.TakeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes files of a tree into an empty directory, as they would be checked out here.</summary>
    public async Task CheckOutAsync(string tree, IEnumerable<GitPath> paths, string root, string directory, CancellationToken cancellationToken)
    {
        var index = _repository.Index("apply");
        await _repository.RunAsync(GitCall.Of("read-tree", "--reset", tree) with { Index = index }, cancellationToken).ConfigureAwait(false);
        var call = GitCall.Of("checkout-index", "-z", "--stdin", $"--prefix={directory}/") with { Index = index, WorkTree = root, Mounts = Mounts, Input = NulText.Join(paths.Select(p => p.Bytes)) };
        await _repository.RunAsync(call, cancellationToken).ConfigureAwait(false);
    }
}
