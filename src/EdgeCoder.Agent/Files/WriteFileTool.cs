using System.Text.Json;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Files;

/// <summary><c>write_file</c>: a whole file. One that exists must have been read whole; its encoding and line ends stay.</summary>
internal sealed class WriteFileTool(ProjectFiles files) : ITool
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["path","content"],"properties":{
        "path":{"type":"string","description":"File, relative to the project's root. Directories on the way are created."},
        "content":{"type":"string","description":"The whole new content."}}}
        """);

    /// <inheritdoc/>
    public string Name => "write_file";

    /// <inheritdoc/>
    public string Description => "Writes a whole file, new or over one that was read whole before. For a change within a file use edit_file.";

    /// <inheritdoc/>
    public JsonElement Schema => Shape;

    /// <inheritdoc/>
    public ToolAccess Access => ToolAccess.Write;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        var path = files.ToWrite(arguments.Text("path"));
        var there = Check(path);
        return new() { Tool = Name, Access = Access, Summary = $"{(there is null ? "create" : "overwrite")} {path}", Paths = [(there?.Real ?? path).Value], Arguments = arguments.Canonical() };
    }

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) => Task.Run(() => Write(call.Arguments), cancellationToken);

    private ToolResult Write(JsonElement arguments)
    {
        var path = files.ToWrite(arguments.Text("path"));
        var content = arguments.Text("content");
        if (Check(path) is { } there)
        {
            var text = content.StartsWith('\ufeff') && there.Text.Encoding != TextEncoding.Utf8 ? content[1..] : content;
            var kept = there.Text.Text.Contains('\n') ? LineEnds.Set(text, LineEnds.Of(there.Text.Text)) : text;
            var bytes = (there.Text with { Text = kept }).Encode();
            files.Replace(path, there, bytes, whole: true);
            return new() { Text = $"Overwrote {path} ({bytes.Length} bytes, {LineEnds.Split(kept).Count} lines)." };
        }

        var created = new FileText(content, TextEncoding.Utf8).Encode();
        files.Create(path, created);
        return new() { Text = $"Created {path} ({created.Length} bytes, {LineEnds.Split(content).Count} lines)." };
    }

    private Loaded? Check(ProjectPath path)
    {
        if (files.LoadIfThere(path) is not { } there)
        {
            return null;
        }

        var reason = files.Ledger.Of(there.Real, there.Bytes) switch
        {
            ReadState.Unread when there.Bytes.Length > 0 => "exists and was not read. Read it first, so that nothing in it is lost by oversight",
            ReadState.Part => "was read only in part. Read the rest first, or use edit_file",
            ReadState.Changed => "changed since it was read. Read it again",
            _ => null,
        };
        return reason is null ? there : throw new ToolException($"{path} {reason}. Nothing was written.");
    }
}
