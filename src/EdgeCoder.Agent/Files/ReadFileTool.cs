using System.Globalization;
using System.Text.Json;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Files;

/// <summary><c>read_file</c>: numbered lines of a text; binary and oversized files are described, not dumped.</summary>
internal sealed class ReadFileTool(ProjectFiles files) : ITool
{
    private const int UsualLines = 2_000;
    private const int LongestLine = 2_000;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["path"],"properties":{
        "path":{"type":"string","description":"File, relative to the project's root."},
        "offset":{"type":"integer","minimum":1,"description":"First line to show, from 1. Default 1."},
        "limit":{"type":"integer","minimum":1,"description":"Most lines to show. Default 2000."}}}
        """);

    /// <inheritdoc/>
    public string Name => "read_file";

    /// <inheritdoc/>
    public string Description => "Shows lines of a text file, each with its number and a tab before it. Use offset and limit for long files.";

    /// <inheritdoc/>
    public JsonElement Schema => Shape;

    /// <inheritdoc/>
    public ToolAccess Access => ToolAccess.Read;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        var path = files.ToRead(arguments.Text("path"));
        return new() { Tool = Name, Access = Access, Summary = $"read {path}", Paths = [path.Value], Arguments = arguments.Canonical() };
    }

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) => Task.Run(() => Read(call.Arguments), cancellationToken);

    private ToolResult Read(JsonElement arguments)
    {
        var path = files.ToRead(arguments.Text("path"));
        using var file = files.Open(path);
        if (file.Length > ProjectFiles.LargestFile)
        {
            return new() { Text = $"{path} has {file.Length} bytes, too many to show (limit {ProjectFiles.LargestFile}). Use search_files with this path to find the part you need." };
        }

        var bytes = Bytes(path, file);
        if (FileText.Decode(bytes) is not { } text)
        {
            return new() { Text = $"{path} is a binary file of {bytes.Length} bytes{Kind(bytes)}; it is not shown." };
        }

        var lines = LineEnds.Split(text.Text);
        return lines.Count == 0 ? Empty(path, file, bytes) : Show(path, file, bytes, text, lines, arguments);
    }

    private ToolResult Empty(ProjectPath path, OpenedFile file, byte[] bytes)
    {
        files.Ledger.NoteRead(file.Real, bytes, 1, 0, 0);
        return new() { Text = $"{path} is empty.", Shown = [file.Real.Value] };
    }

    private ToolResult Show(ProjectPath path, OpenedFile file, byte[] bytes, FileText text, List<string> lines, JsonElement arguments)
    {
        var first = arguments.Number("offset", 1, 1, int.MaxValue);
        if (first > lines.Count)
        {
            throw new ToolException($"{path} has {lines.Count} lines; there is no line {first}.");
        }

        var wanted = Math.Min(arguments.Number("limit", UsualLines, 1, int.MaxValue), lines.Count - first + 1);
        var shown = 0;
        var shortened = false;
        var result = new CappedText();
        while (shown < wanted && result.Add(Numbered(first + shown, lines[first - 1 + shown], ref shortened)))
        {
            shown++;
        }

        files.Ledger.NoteRead(file.Real, bytes, first, shortened ? 0 : shown, lines.Count);
        if (shown < lines.Count)
        {
            result.Note($"[lines {first} to {first + shown - 1} of {lines.Count}{(first + shown <= lines.Count ? $"; go on with offset {first + shown}" : "")}]");
        }

        if (text.Encoding != TextEncoding.Utf8 || lines[0].EndsWith("\r\n", StringComparison.Ordinal))
        {
            result.Note($"[encoding {text.Encoding}, line ends {(LineEnds.Of(text.Text) == "\n" ? "LF" : "CRLF")}; both are kept by edits]");
        }

        return new() { Text = result.ToString(), Truncated = shown < wanted || shortened, Shown = [file.Real.Value] };
    }

    private static byte[] Bytes(ProjectPath path, OpenedFile file)
    {
        try
        {
            return file.Read(ProjectFiles.LargestFile);
        }
        catch (IOException fault)
        {
            throw DiskFault.ToTool(path, fault);
        }
    }

    private static string Numbered(int number, string line, ref bool shortened)
    {
        var body = LineEnds.Body(line);
        var cut = body.Length > LongestLine;
        shortened |= cut;
        return string.Create(CultureInfo.InvariantCulture, $"{number,6}\t{(cut ? body[..LongestLine] : body)}{(cut ? $" [{body.Length - LongestLine} more characters in this line]" : "")}");
    }

    private static string Kind(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x7f, (byte)'E', (byte)'L', (byte)'F', ..] or [(byte)'M', (byte)'Z', ..] => " (a program or library)",
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => " (a PNG image)",
        [0xff, 0xd8, 0xff, ..] => " (a JPEG image)",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => " (a GIF image)",
        [(byte)'P', (byte)'K', 3, 4, ..] => " (a ZIP archive)",
        [0x1f, 0x8b, ..] => " (compressed by gzip)",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => " (a PDF document)",
        [(byte)'S', (byte)'Q', (byte)'L', (byte)'i', (byte)'t', (byte)'e', ..] => " (an SQLite database)",
        _ => "",
    };
}
