using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_branch</c>: a new branch of the session's own worktree, which then is on it.</summary>
internal sealed class GitBranchTool(GitView view) : GitTool(view)
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["name"],"properties":{
        "name":{"type":"string","minLength":1,"maxLength":200,"description":"Name of the branch."},
        "create":{"type":"boolean","description":"Must be true: the worktree can go on under a new branch, and stays on its own line of work."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "git_branch";

    /// <inheritdoc/>
    public override string Description => "Makes a new branch at the last commit of this session's worktree, which then is on it. The person's own branches and checkout are not touched.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override ToolAccess Access => ToolAccess.Write;

    /// <inheritdoc/>
    protected override ToolAction Described(ToolAction action, JsonElement arguments) => action with { Summary = $"make branch {Branch(arguments)["refs/heads/".Length..]}" };

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        var branch = Branch(arguments);
        var head = await View.CommitAsync("HEAD", cancellationToken).ConfigureAwait(false);
        var made = await View.Repository.RunAsync(GitCall.Of("update-ref", branch, head, "") with { Answers = [128] }, cancellationToken).ConfigureAwait(false);
        if (made.ExitCode != 0)
        {
            throw new ToolException($"{branch["refs/heads/".Length..]} exists already, or a branch is in its way. Choose another name.");
        }

        await View.Repository.RunAsync(GitCall.Of("symbolic-ref", "HEAD", branch), cancellationToken).ConfigureAwait(false);
        return new ToolResult { Text = $"The worktree is on the new branch {branch["refs/heads/".Length..]} at {head[..12]}." };
    }

    private static string Branch(JsonElement arguments)
    {
        var name = GitView.Reference(arguments.Text("name"));
        return !arguments.Flag("create")
            ? throw new ToolException("The worktree stays on its own line of work: only a new branch can be made (create: true). Look at other branches with git_show and git_diff.")
            : GitReferences.IsName($"refs/heads/{name}") ? $"refs/heads/{name}" : throw new ToolException($"\"{GitView.Name(name)}\" is no name for a branch.");
    }
}
