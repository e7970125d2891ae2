using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_branches</c>: branches, remote branches and tags, as they were when the session began, and the session's own.</summary>
internal sealed class GitBranchesTool(GitView view) : GitTool(view)
{
    private const char Separator = '\u001f';

    private static readonly JsonElement Shape = JsonElement.Parse("""{"type":"object","additionalProperties":false,"properties":{}}""");

    /// <inheritdoc/>
    public override string Name => "git_branches";

    /// <inheritdoc/>
    public override string Description => "Lists branches, remote branches and tags with commit and subject; * marks the session's own branch.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        var current = await View.BranchAsync(cancellationToken).ConfigureAwait(false);
        var call = GitCall.Of("for-each-ref", $"--format=%(refname:lstrip=1){Separator}%(objectname:short=12){Separator}%(subject)", "refs/heads", "refs/remotes", "refs/tags");
        var answer = await View.Repository.RunAsync(call, cancellationToken).ConfigureAwait(false);
        var lines = GitView.Text(answer.Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(Separator)).Where(f => f.Length == 3);
        return Result(lines.Select(f => $"{(f[0] == $"heads/{current}" ? '*' : ' ')} {Short(f[0])} {f[1]} {f[2]}"), [], "there are very many");
    }

    private static string Short(string name) => name.StartsWith("heads/", StringComparison.Ordinal) ? name[6..] : name;
}
