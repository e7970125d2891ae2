using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary>What the git tools have in common.</summary>
internal abstract class GitTool(GitView view) : ITool
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Description { get; }

    /// <inheritdoc/>
    public abstract JsonElement Schema { get; }

    /// <inheritdoc/>
    public virtual ToolAccess Access => ToolAccess.Read;

    /// <summary>Where it looks.</summary>
    protected GitView View => view;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        _ = arguments.TextOrNull("ref") is { } reference ? GitView.Reference(reference) : null;
        var path = arguments.TextOrNull("path") is { } text ? view.Path(text) : null;
        return Described(new ToolAction { Tool = Name, Access = Access, Summary = Name.Replace('_', ' ') + (path is null ? "" : $" {path}"), Paths = path is null ? [] : [path], Arguments = arguments.Canonical() }, arguments);
    }

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await AnswerAsync(call.Arguments, cancellationToken).ConfigureAwait(false);
        }
        catch (RepositoryException fault) when (fault.Code is "git_failed" or "git_output_limit" or "git_timeout")
        {
            throw new ToolException(fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}");
        }
    }

    /// <summary>Adds what is particular to the tool; throws <see cref="ToolException"/> for a call that can only fail.</summary>
    protected virtual ToolAction Described(ToolAction action, JsonElement arguments) => action;

    /// <summary>Answers.</summary>
    protected abstract Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken);

    /// <summary>Lines as a result, cut at the cap.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="shown">Files whose content they show.</param>
    /// <param name="less">How to get less.</param>
    protected static ToolResult Result(IEnumerable<string> lines, IReadOnlyList<string> shown, string less)
    {
        var text = new CappedText();
        var left = 0;
        foreach (var line in lines)
        {
            left += text.Add(line) ? 0 : 1;
        }

        if (left > 0)
        {
            text.Note($"[{left} more lines were cut; {less}]");
        }

        return new ToolResult { Text = text.ToString(), Truncated = left > 0, Shown = shown };
    }

    /// <summary>The commit of argument <c>ref</c>, HEAD by default.</summary>
    protected Task<string> CommitAsync(JsonElement arguments, CancellationToken cancellationToken) => view.CommitAsync(arguments.TextOrNull("ref") ?? "HEAD", cancellationToken);

    /// <summary>The path of argument <c>path</c>; null for the whole project.</summary>
    protected string? PathOf(JsonElement arguments) => arguments.TextOrNull("path") is { } text && view.Path(text) is { Length: > 0 } path ? path : null;

    /// <summary>A diff of two trees as lines, denied files named alone.</summary>
    protected async Task<(List<string> Lines, IReadOnlyList<string> Shown)> DiffAsync(string from, string to, string? path, CancellationToken cancellationToken)
    {
        var raw = await view.Changes.RawAsync(from, to, cancellationToken, path).ConfigureAwait(false);
        var denied = raw.Where(view.Changes.IsDenied).ToList();
        var lines = GitView.Text(await view.Changes.PatchAsync(from, to, cancellationToken, path, binary: false).ConfigureAwait(false)).TrimEnd('\n').Split('\n').Where(l => l.Length > 0).ToList();
        lines.AddRange(denied.Select(d => $"[{GitView.Name(d.Path.ToString())} differs; its content is denied by the secret-file policy]"));
        return (lines, [.. raw.Except(denied).Select(r => r.Path.ToString())]);
    }
}
