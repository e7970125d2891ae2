using System.Globalization;
using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_log</c>: commits, the newest first.</summary>
internal sealed class GitLogTool(GitView view) : GitTool(view)
{
    private const int Usual = 20;
    private const int Most = 1_000;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"properties":{
        "ref":{"type":"string","description":"Branch, tag or commit to start from. Default: the last commit."},
        "path":{"type":"string","description":"Only commits that changed this file or directory."},
        "count":{"type":"integer","minimum":1,"maximum":1000,"description":"How many. Default 20."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "git_log";

    /// <inheritdoc/>
    public override string Description => "Lists commits, the newest first: id, date, author, subject.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        var commit = await CommitAsync(arguments, cancellationToken).ConfigureAwait(false);
        var count = arguments.Number("count", Usual, 1, Most);
        string[] path = PathOf(arguments) is { } only ? [only] : [];
        var call = GitCall.Of(
        [
            "--literal-pathspecs", "log", "-z", "--no-show-signature", "--no-color", "--no-decorate", "--date=format:%Y-%m-%d", "--format=%h %cd %an: %s",
            string.Create(CultureInfo.InvariantCulture, $"--max-count={count}"), "--end-of-options", commit, "--", .. path,
        ]);
        var lines = (await View.Repository.RunAsync(call, cancellationToken).ConfigureAwait(false)).Parts.Select(p => GitView.Name(GitView.Text(p))).ToList();
        return lines.Count == 0 ? new ToolResult { Text = "No commit." } : Result(lines, [], "ask for fewer with count");
    }
}
