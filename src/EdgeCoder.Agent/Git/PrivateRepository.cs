using System.Text;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Git;

/// <summary>
/// A repository of this program's own: its configuration, references, indexes and new objects; older objects are borrowed, read-only, from the project's
/// repository. Git works on this one alone, so the project's configuration and hooks are never read and its repository is never written.
/// </summary>
internal sealed class PrivateRepository(GitProcess git, string directory, IReadOnlyList<CommandMount> mounts, TimeProvider time)
{
    /// <summary>The repository's directory.</summary>
    public string Directory => directory;

    /// <summary>Path of an index file of its own.</summary>
    public string Index(string name) => Path.Combine(directory, $"index-{name}");

    /// <summary>Writes a new repository.</summary>
    /// <param name="directory">Where; must not be there.</param>
    /// <param name="configuration">What is taken over.</param>
    /// <param name="objects">Object directories that it borrows from.</param>
    /// <param name="references">References that it starts with.</param>
    /// <param name="branch">Full name of the branch that it is on.</param>
    public static void Create(string directory, GitConfiguration configuration, IReadOnlyList<string> objects, IEnumerable<KeyValuePair<string, string>> references, string branch)
    {
        foreach (var part in (string[])["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"])
        {
            OwnerOnly.CreateDirectory(Path.Combine(directory, part));
        }

        File.WriteAllText(Path.Combine(directory, "HEAD"), $"ref: {branch}\n");
        File.WriteAllText(Path.Combine(directory, "config"), configuration.ToText());
        if (objects.Count > 0)
        {
            File.WriteAllText(Path.Combine(directory, "objects", "info", "alternates"), string.Concat(objects.Select(o => $"{o}\n")));
        }

        var packed = new StringBuilder("# pack-refs with: sorted \n");
        foreach (var (name, id) in references.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            packed.Append(id).Append(' ').Append(name).Append('\n');
        }

        File.WriteAllText(Path.Combine(directory, "packed-refs"), packed.ToString());
    }

    /// <summary>Runs git on it.</summary>
    public Task<GitAnswer> RunAsync(GitCall call, CancellationToken cancellationToken) =>
        RunAsync(call, GitIdentity.Program(time.GetUtcNow()), cancellationToken);

    /// <summary>Runs git on it, as somebody.</summary>
    public async Task<GitAnswer> RunAsync(GitCall call, GitIdentity identity, CancellationToken cancellationToken)
    {
        try
        {
            return await git.RunAsync(call with { Mounts = [.. mounts, .. call.Mounts] }, directory, identity, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is OperationCanceledException or RepositoryException { Code: "git_timeout" or "git_output_limit" })
        {
            RemoveLocks(call);
            throw;
        }
    }

    /// <summary>Runs git and gives the first line of its answer.</summary>
    public async Task<string> LineAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments) =>
        (await RunAsync(GitCall.Of(arguments), cancellationToken).ConfigureAwait(false)).Line;

    /// <summary>The tree of a commit or tree.</summary>
    public Task<string> TreeAsync(string id, CancellationToken cancellationToken) =>
        LineAsync(cancellationToken, "rev-parse", "--verify", "--quiet", "--end-of-options", $"{id}^{{tree}}");

    /// <summary>The tree without entries.</summary>
    public async Task<string> EmptyTreeAsync(CancellationToken cancellationToken) =>
        (await RunAsync(GitCall.Of("mktree", "-z"), cancellationToken).ConfigureAwait(false)).Line;

    /// <summary>Writes a commit.</summary>
    public async Task<string> CommitAsync(string tree, IReadOnlyList<string> parents, string message, GitIdentity identity, CancellationToken cancellationToken)
    {
        var call = GitCall.Of(["commit-tree", "--no-gpg-sign", tree, .. parents.SelectMany(p => (string[])["-p", p]), "-F", "-"]) with { Input = Encoding.UTF8.GetBytes(message) };
        return (await RunAsync(call, identity, cancellationToken).ConfigureAwait(false)).Line;
    }

    /// <summary>The content of a blob.</summary>
    public async Task<byte[]> BlobAsync(string id, CancellationToken cancellationToken) =>
        (await RunAsync(GitCall.Of("cat-file", "blob", id), cancellationToken).ConfigureAwait(false)).Bytes;

    /// <summary>Writes a blob as it is.</summary>
    public async Task<string> WriteBlobAsync(byte[] content, CancellationToken cancellationToken) =>
        (await RunAsync(GitCall.Of("hash-object", "-w", "--no-filters", "--stdin") with { Input = content }, cancellationToken).ConfigureAwait(false)).Line;

    /// <summary>What a git that was killed has locked; nothing of it runs any more, and nobody else uses its index.</summary>
    private void RemoveLocks(GitCall call)
    {
        if (call.Index is not null)
        {
            File.Delete(call.Index + ".lock");
        }

        if (call.Arguments is ["update-ref", var name, ..])
        {
            File.Delete(Path.Combine(directory, name + ".lock"));
            if (name == "HEAD" && File.ReadAllText(Path.Combine(directory, "HEAD")) is var head && head.StartsWith("ref: ", StringComparison.Ordinal))
            {
                File.Delete(Path.Combine(directory, head[5..].Trim() + ".lock"));
            }
        }
    }

    /// <summary>Tree with some entries of another replaced.</summary>
    /// <param name="tree">The other.</param>
    /// <param name="entries">The entries; one without id is removed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<string> ReplaceAsync(string tree, IEnumerable<TreeEntry> entries, CancellationToken cancellationToken)
    {
        var index = Index($"replace-{Guid.NewGuid():N}");
        try
        {
            await RunAsync(GitCall.Of("read-tree", tree) with { Index = index }, cancellationToken).ConfigureAwait(false);
            // Removals first: a file may take the place of a directory.
            var lines = NulText.Join(entries.OrderBy(e => e.Id is not null).Select(e => e.ToIndexInfo(tree.Length)));
            await RunAsync(GitCall.Of("update-index", "-z", "--index-info") with { Index = index, Input = lines }, cancellationToken).ConfigureAwait(false);
            return (await RunAsync(GitCall.Of("write-tree") with { Index = index }, cancellationToken).ConfigureAwait(false)).Line;
        }
        finally
        {
            File.Delete(index);
        }
    }
}
