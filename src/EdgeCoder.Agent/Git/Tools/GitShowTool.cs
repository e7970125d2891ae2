using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_show</c>: a commit with its change, or a file as it was then.</summary>
internal sealed class GitShowTool(GitView view) : GitTool(view)
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"properties":{
        "ref":{"type":"string","description":"Branch, tag or commit. Default: the last commit."},
        "path":{"type":"string","description":"Only the change of this file or directory."},
        "content":{"type":"boolean","description":"The whole file at path as it was in that commit, instead of the change. Default false."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "git_show";

    /// <inheritdoc/>
    public override string Description => "Shows a commit and its change against its first parent; with content, a file as it was in that commit.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        var commit = await CommitAsync(arguments, cancellationToken).ConfigureAwait(false);
        var path = PathOf(arguments);
        return arguments.Flag("content") ? await ContentAsync(commit, path, cancellationToken).ConfigureAwait(false) : await ChangeAsync(commit, path, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ToolResult> ContentAsync(string commit, string? path, CancellationToken cancellationToken)
    {
        var listed = path is null ? null : await View.Repository.RunAsync(GitCall.Of("--literal-pathspecs", "ls-tree", "-z", "--full-tree", commit, "--", path), cancellationToken).ConfigureAwait(false);
        if (listed?.Parts is not [var entry] || GitView.Text(entry).Split(' ', '\t') is not [var mode, "blob", var id, ..] || mode == TreeEntry.Link)
        {
            throw new ToolException(path is null ? "content needs the path of a file." : $"{path} is no file in {commit[..12]}.");
        }

        var content = await View.Repository.BlobAsync(id, cancellationToken).ConfigureAwait(false);
        return content.AsSpan(0, Math.Min(content.Length, 8_000)).Contains((byte)0)
            ? new ToolResult { Text = $"{path} is binary there, {content.Length} bytes." }
            : Result(GitView.Text(content).TrimEnd('\n').Split('\n'), [path!], "look at the change alone");
    }

    private async Task<ToolResult> ChangeAsync(string commit, string? path, CancellationToken cancellationToken)
    {
        var format = GitCall.Of("log", "-z", "--no-show-signature", "--no-color", "--max-count=1", "--date=iso-strict", "--format=commit %H%nParents: %P%nAuthor: %an%nDate: %cd%n%n%B", "--end-of-options", commit);
        var header = GitView.Text((await View.Repository.RunAsync(format, cancellationToken).ConfigureAwait(false)).Bytes).TrimEnd('\0', '\n').Split('\n');
        var parents = await View.Repository.RunAsync(GitCall.Of("rev-list", "--parents", "--max-count=1", commit), cancellationToken).ConfigureAwait(false);
        var parent = parents.Line.Split(' ') is [_, var first, ..] ? first : await View.Repository.EmptyTreeAsync(cancellationToken).ConfigureAwait(false);
        var (lines, shown) = await DiffAsync(await View.Repository.TreeAsync(parent, cancellationToken).ConfigureAwait(false), await View.Repository.TreeAsync(commit, cancellationToken).ConfigureAwait(false), path, cancellationToken).ConfigureAwait(false);
        return Result([.. header, "", .. lines], shown, "name a path");
    }
}
