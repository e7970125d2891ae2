using System.Text;
using EdgeCoder.Agent.Git;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>Outcome of a three-way merge of trees.</summary>
/// <param name="Tree">The merged tree; with conflicts, files hold conflict marks.</param>
/// <param name="Conflicts">Files in conflict; empty when there are none.</param>
internal sealed record TreeMerge(string Tree, IReadOnlyList<GitPath> Conflicts)
{
    private const int ShownFiles = 3;
    private const int ShownLines = 40;

    /// <summary>Merges the change from a base to one tree into another tree. No work tree, no index and no program takes part.</summary>
    public static async Task<TreeMerge> RunAsync(PrivateRepository repository, string @base, string ours, string theirs, CancellationToken cancellationToken)
    {
        // merge-tree takes commits; these are made for it, of equal time, so that the same merge gives the same objects.
        var identity = GitIdentity.Program(DateTimeOffset.UnixEpoch);
        var root = await repository.CommitAsync(@base, [], "base\n", identity, cancellationToken).ConfigureAwait(false);
        var left = await repository.CommitAsync(ours, [root], "yours\n", identity, cancellationToken).ConfigureAwait(false);
        var right = await repository.CommitAsync(theirs, [root], "session\n", identity, cancellationToken).ConfigureAwait(false);
        var call = GitCall.Of("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", left, right) with { Answers = [1] };
        var answer = await repository.RunAsync(call, cancellationToken).ConfigureAwait(false);
        var parts = answer.Parts;
        return new TreeMerge(Encoding.ASCII.GetString(parts[0]), answer.ExitCode == 0 ? [] : [.. parts.Skip(1).Where(p => p.Length > 0).Select(p => GitPath.Of(p)).Distinct().Order()]);
    }

    /// <summary>The conflicts for a person: the first files with the lines around the marks; denied files are named alone.</summary>
    public async Task<string> DescribeAsync(PrivateRepository repository, Func<string, bool> isDenied, CancellationToken cancellationToken)
    {
        var text = new StringBuilder($"In conflict with your own changes: {string.Join(", ", Conflicts)}. Nothing was written.");
        foreach (var path in Conflicts.Where(p => p.Text is { } name && !isDenied(name)).Take(ShownFiles))
        {
            var found = await repository.RunAsync(GitCall.Of("ls-tree", "-z", "--full-tree", Tree, "--", path.Text!), cancellationToken).ConfigureAwait(false);
            if (found.Parts is [var entry, ..] && Encoding.ASCII.GetString(entry).Split(' ', '\t') is [_, "blob", var id, ..])
            {
                var lines = Encoding.UTF8.GetString(await repository.BlobAsync(id, cancellationToken).ConfigureAwait(false)).Split('\n');
                var first = Array.FindIndex(lines, l => l.StartsWith("<<<<<<< ", StringComparison.Ordinal));
                if (first >= 0)
                {
                    text.Append("\n--- ").Append(path).Append('\n').AppendJoin('\n', lines.Skip(Math.Max(0, first - 2)).Take(ShownLines));
                }
            }
        }

        return text.ToString();
    }
}
