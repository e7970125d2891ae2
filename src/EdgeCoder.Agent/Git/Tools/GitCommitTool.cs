using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_commit</c>: commits the named files on the session's branch. There is no "all".</summary>
internal sealed class GitCommitTool(GitView view, Func<GitIdentity> author) : GitTool(view)
{
    private const int MostFiles = 1_000;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["message","files"],"properties":{
        "message":{"type":"string","minLength":1,"description":"The commit message."},
        "files":{"type":"array","minItems":1,"items":{"type":"string"},"description":"Exactly the files to commit, relative to the project's root; deleted ones too. No directories, no patterns."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "git_commit";

    /// <inheritdoc/>
    public override string Description => "Commits exactly the named files, as they are now, on the branch of this session's worktree. The person's own branches are not touched.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override ToolAccess Access => ToolAccess.Write;

    /// <inheritdoc/>
    protected override ToolAction Described(ToolAction action, JsonElement arguments)
    {
        var files = Files(arguments);
        return action with { Paths = files, Summary = $"commit {string.Join(", ", files.Take(5))}{(files.Count > 5 ? $" and {files.Count - 5} more" : "")}" };
    }

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        // 1 What differs from the last commit, and of that what was named.
        var files = Files(arguments);
        var head = await View.CommitAsync("HEAD", cancellationToken).ConfigureAwait(false);
        var tree = await View.Repository.TreeAsync(head, cancellationToken).ConfigureAwait(false);
        var now = await View.WorkTreeAsync(cancellationToken).ConfigureAwait(false);
        var changed = (await View.Changes.RawAsync(tree, now, cancellationToken, renames: false).ConfigureAwait(false)).ToDictionary(c => c.Path);
        if (files.Where(f => !changed.ContainsKey(GitPath.Of(f))).ToList() is { Count: > 0 } same)
        {
            throw new ToolException($"These do not differ from the last commit, are ignored, or are directories: {string.Join(", ", same.Select(GitView.Name))}. git_status lists what differs; name files one by one.");
        }

        // 2 A tree with these alone, a commit, and the branch, unless it moved meanwhile.
        var committed = await View.Repository.ReplaceAsync(tree, files.Select(f => changed[GitPath.Of(f)].After), cancellationToken).ConfigureAwait(false);
        var commit = await View.Repository.CommitAsync(committed, [head], arguments.Text("message").TrimEnd() + "\n", author(), cancellationToken).ConfigureAwait(false);
        await View.Repository.RunAsync(GitCall.Of("update-ref", "HEAD", commit, head), cancellationToken).ConfigureAwait(false);
        return new ToolResult { Text = $"Committed {files.Count} {(files.Count == 1 ? "file" : "files")} as {commit[..12]} on {await View.BranchAsync(cancellationToken).ConfigureAwait(false)}." };
    }

    private List<string> Files(JsonElement arguments)
    {
        var files = arguments.GetProperty("files").EnumerateArray().Select(f => View.Path(f.GetString() ?? "")).Distinct().ToList();
        return files.Count is 0 or > MostFiles
            ? throw new ToolException($"files must name 1 to {MostFiles} files.")
            : files.Contains("") ? throw new ToolException("The project's root is no file: name files one by one.") : files;
    }
}
