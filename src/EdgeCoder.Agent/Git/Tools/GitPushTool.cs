using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_push</c>: the commits of the session's branch to a remote, never by force.</summary>
internal sealed class GitPushTool(GitView view, IReadOnlyDictionary<string, string> remotes) : GitTool(view)
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["remote","branch"],"properties":{
        "remote":{"type":"string","minLength":1,"description":"Name of a configured remote, for instance origin. Never an address."},
        "branch":{"type":"string","minLength":1,"description":"Name of the branch there that gets the commits of this session."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "git_push";

    /// <inheritdoc/>
    public override string Description => "Pushes the commits of this session to a branch of a configured remote, never by force and without credentials. Uses the network: a person is asked.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override ToolAccess Access => ToolAccess.Network;

    /// <inheritdoc/>
    protected override ToolAction Described(ToolAction action, JsonElement arguments)
    {
        var remote = Remote(arguments);
        return action with { Host = remote.Host, Summary = $"push to {Branch(arguments)} of {remote.Name} ({remote.Host})" };
    }

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        var remote = Remote(arguments);
        var branch = Branch(arguments);
        var head = await View.CommitAsync("HEAD", cancellationToken).ConfigureAwait(false);
        var call = remote.Call(["push", "--quiet", "--porcelain", "--no-verify", "--no-signed", "--no-recurse-submodules"], $"{head}:refs/heads/{branch}") with { Answers = [1, 128] };
        var answer = await View.Repository.RunAsync(call, cancellationToken).ConfigureAwait(false);
        return answer.ExitCode == 0
            ? new ToolResult { Text = $"Pushed {head[..12]} to {branch} of {remote.Name}." }
            : throw new ToolException($"{remote.Host} refused, holds commits that this session does not have, or asks for a password, which is never given: {answer.Errors.Trim()}");
    }

    private static string Branch(JsonElement arguments) => GitView.Reference(arguments.Text("branch")) is var branch && GitReferences.IsName($"refs/heads/{branch}")
        ? branch
        : throw new ToolException($"\"{GitView.Name(branch)}\" is no name of a branch.");

    private GitRemote Remote(JsonElement arguments) => GitRemote.Of(GitView.Reference(arguments.Text("remote")), remotes);
}
