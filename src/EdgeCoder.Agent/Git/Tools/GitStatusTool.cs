using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_status</c>: what differs from the last commit, untracked files too.</summary>
internal sealed class GitStatusTool(GitView view) : GitTool(view)
{
    private static readonly JsonElement Shape = JsonElement.Parse("""{"type":"object","additionalProperties":false,"properties":{}}""");

    /// <inheritdoc/>
    public override string Name => "git_status";

    /// <inheritdoc/>
    public override string Description => "Shows the branch and the files that differ from the last commit: A new, M changed, D deleted, R renamed, T another kind of file.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        var branch = await View.BranchAsync(cancellationToken).ConfigureAwait(false);
        var head = await View.CommitAsync("HEAD", cancellationToken).ConfigureAwait(false);
        var now = await View.WorkTreeAsync(cancellationToken).ConfigureAwait(false);
        var changes = await View.Changes.RawAsync(await View.Repository.TreeAsync(head, cancellationToken).ConfigureAwait(false), now, cancellationToken).ConfigureAwait(false);
        var lines = changes.OrderBy(c => c.Path).Select(Line).Prepend($"On branch {(branch.Length == 0 ? "(none)" : branch)} at {head[..12]}.");
        return Result(changes.Count == 0 ? lines.Append("Nothing differs from the last commit.") : lines, [], "look at one directory with git_diff path");
    }

    private static string Line(RawChange change) => change.OldPath is { } old
        ? $"{change.Status} {GitView.Name(old.ToString())} -> {GitView.Name(change.Path.ToString())}"
        : $"{change.Status} {GitView.Name(change.Path.ToString())}";
}
