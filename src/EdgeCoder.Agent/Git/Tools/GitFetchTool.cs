using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_fetch</c>: branches of a remote into the session's repository. The project's own repository is not touched.</summary>
internal sealed class GitFetchTool(GitView view, IReadOnlyDictionary<string, string> remotes) : GitTool(view)
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["remote"],"properties":{
        "remote":{"type":"string","minLength":1,"description":"Name of a configured remote, for instance origin. Never an address."},
        "branch":{"type":"string","minLength":1,"description":"Only this branch. Default: all."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "git_fetch";

    /// <inheritdoc/>
    public override string Description => "Fetches branches of a configured remote, so that git_log, git_show and git_diff can look at <remote>/<branch>. Uses the network: a person is asked.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override ToolAccess Access => ToolAccess.Network;

    /// <inheritdoc/>
    protected override ToolAction Described(ToolAction action, JsonElement arguments)
    {
        var remote = Remote(arguments);
        _ = Specification(remote, arguments);
        return action with { Host = remote.Host, Summary = $"fetch from {remote.Name} ({remote.Host})" };
    }

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        var remote = Remote(arguments);
        var call = remote.Call(
            ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", "--no-show-forced-updates"], Specification(remote, arguments)) with { Answers = [1, 128] };
        var answer = await View.Repository.RunAsync(call, cancellationToken).ConfigureAwait(false);
        return answer.ExitCode == 0
            ? new ToolResult { Text = $"Fetched {remote.Name}. Look at {remote.Name}/<branch> with git_log, git_show and git_diff; git_branches lists them." }
            : throw new ToolException($"{remote.Host} refused, has no such branch, or asks for a password, which is never given: {answer.Errors.Trim()}");
    }

    private static string Specification(GitRemote remote, JsonElement arguments) => arguments.TextOrNull("branch") is not { } branch
        ? $"+refs/heads/*:refs/remotes/{remote.Name}/*"
        : GitReferences.IsName($"refs/heads/{GitView.Reference(branch)}")
            ? $"+refs/heads/{branch}:refs/remotes/{remote.Name}/{branch}"
            : throw new ToolException($"\"{GitView.Name(branch)}\" is no name of a branch.");

    private GitRemote Remote(JsonElement arguments) => GitRemote.Of(GitView.Reference(arguments.Text("remote")), remotes);
}
