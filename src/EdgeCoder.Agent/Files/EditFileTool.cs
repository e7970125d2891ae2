using System.Text.Json;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Files;

/// <summary><c>edit_file</c>: literal text for literal text.</summary>
internal sealed class EditFileTool(ProjectFiles files) : ITool
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["path","old_string","new_string"],"properties":{
        "path":{"type":"string","description":"File, relative to the project's root."},
        "old_string":{"type":"string","description":"Text to replace, exactly as in the file, without line numbers. It must occur once."},
        "new_string":{"type":"string","description":"Text to put there, taken literally."},
        "replace_all":{"type":"boolean","description":"Replace every occurrence. Default false."}}}
        """);

    /// <inheritdoc/>
    public string Name => "edit_file";

    /// <inheritdoc/>
    public string Description => "Replaces text in a file, literally: no patterns. old_string must be found exactly once unless replace_all is true; add lines around it to make it unique.";

    /// <inheritdoc/>
    public JsonElement Schema => Shape;

    /// <inheritdoc/>
    public ToolAccess Access => ToolAccess.Write;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        var (path, file, _, _) = Prepare(arguments);
        return new() { Tool = Name, Access = Access, Summary = $"edit {path}", Paths = [file.Real.Value], Arguments = arguments.Canonical() };
    }

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) => Task.Run(() => Edit(call.Arguments), cancellationToken);

    private ToolResult Edit(JsonElement arguments)
    {
        var (path, file, text, count) = Prepare(arguments);
        files.Replace(path, file, (file.Text with { Text = text }).Encode(), whole: false);
        return new() { Text = count == 1 ? $"Edited {path}." : $"Edited {path}: {count} occurrences." };
    }

    private (ProjectPath Path, Loaded File, string Text, int Count) Prepare(JsonElement arguments)
    {
        var path = files.ToWrite(arguments.Text("path"));
        var file = files.Load(path);
        files.CheckUnchanged(path, file);
        var (text, count) = LiteralEdit.Apply(path.Value, file.Text.Text, arguments.Text("old_string"), arguments.Text("new_string"), arguments.Flag("replace_all"));
        return (path, file, text, count);
    }
}
