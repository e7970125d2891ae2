using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_diff</c>: the worktree against a commit.</summary>
internal sealed class GitDiffTool(GitView view) : GitTool(view)
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"properties":{
        "ref":{"type":"string","description":"Branch, tag or commit that the worktree is compared with. Default: the last commit."},
        "path":{"type":"string","description":"File or directory, relative to the project's root. Default: everything."},
        "staged":{"type":"boolean","description":"Only what is staged. Default false."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "git_diff";

    /// <inheritdoc/>
    public override string Description => "Shows how the worktree differs from a commit, new files included, as a unified diff.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        if (arguments.Flag("staged"))
        {
            return new ToolResult { Text = "Nothing is ever staged here: git_commit commits exactly the files that it is given. Call git_diff without staged." };
        }

        var from = await View.Repository.TreeAsync(await CommitAsync(arguments, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var to = await View.WorkTreeAsync(cancellationToken).ConfigureAwait(false);
        var (lines, shown) = await DiffAsync(from, to, PathOf(arguments), cancellationToken).ConfigureAwait(false);
        return lines.Count == 0 ? new ToolResult { Text = "No difference." } : Result(lines, shown, "name a path");
    }
}
