using System.Globalization;
using System.Text.Json;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Files;

/// <summary><c>list_directory</c>: what is in a directory, without what the project ignores.</summary>
internal sealed class ListDirectoryTool(ProjectFiles files) : ITool
{
    private const int UsualDepth = 3;
    private const int MostEntries = 100_000;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["path"],"properties":{
        "path":{"type":"string","description":"Directory, relative to the project's root; . is the root."},
        "recursive":{"type":"boolean","description":"Also what is below. Default false."},
        "depth":{"type":"integer","minimum":1,"maximum":20,"description":"How deep with recursive. Default 3."},
        "hidden":{"type":"boolean","description":"Also names that begin with a dot. Default false."}}}
        """);

    /// <inheritdoc/>
    public string Name => "list_directory";

    /// <inheritdoc/>
    public string Description => "Lists a directory: 'dir name/' and 'file name (N bytes)'. Ignored files are left out; names that begin with a dot are shown with hidden.";

    /// <inheritdoc/>
    public JsonElement Schema => Shape;

    /// <inheritdoc/>
    public ToolAccess Access => ToolAccess.Read;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        var path = files.Root.Parse(arguments.Text("path"));
        return new() { Tool = Name, Access = Access, Summary = $"list {path}", Paths = [path.Value], Arguments = arguments.Canonical() };
    }

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) => Task.Run(() => List(call.Arguments, cancellationToken), cancellationToken);

    private ToolResult List(JsonElement arguments, CancellationToken cancellationToken)
    {
        var path = files.Root.Parse(arguments.Text("path"));
        if (files.Root.Look(path) is { Kind: not EntryKind.Directory })
        {
            throw new ToolException($"{path} is a file; use read_file.");
        }

        var recursive = arguments.Flag("recursive") || arguments.TryGetProperty("depth", out _);
        var result = new CappedText();
        var left = 0;
        var total = 0;
        TreeWalk.Run(
            files.Root,
            path,
            files.Ignores,
            arguments.Flag("hidden"),
            recursive ? arguments.Number("depth", UsualDepth, 1, 20) : 1,
            entry =>
            {
                left += ++total > MostEntries || !result.Add(Line(files.Root, entry)) ? 1 : 0;
                return total <= MostEntries;
            },
            cancellationToken);
        if (left > 0)
        {
            result.Note($"[{left} more entries; list a directory below, or search]");
        }

        return new() { Text = total == 0 ? $"{path} has no entries that are not ignored or hidden." : result.ToString(), Truncated = left > 0 };
    }

    private static string Line(ProjectRoot root, WalkedEntry entry)
    {
        var indent = new string(' ', 2 * (entry.Depth - 1));
        var name = entry.Entry.Name.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);
        return indent + entry.Entry.Kind switch
        {
            EntryKind.Directory => $"dir {name}/",
            EntryKind.Link => $"link {name}{Target(root, entry.Path)}",
            EntryKind.Special => $"special {name} (device, socket or pipe)",
            _ when !entry.Entry.Reachable => $"file {name} (the name is not UTF-8: it cannot be opened by these tools)",
            _ => string.Create(CultureInfo.InvariantCulture, $"file {name} ({entry.State?.Size ?? 0} bytes)"),
        };
    }

    private static string Target(ProjectRoot root, ProjectPath link)
    {
        try
        {
            return root.Look(link) switch
            {
                { Kind: EntryKind.Directory } => " (to a directory)",
                { } state => string.Create(CultureInfo.InvariantCulture, $" (to a file, {state.Size} bytes)"),
                null => " (to nothing)",
            };
        }
        catch (ToolException)
        {
            return " (leads outside the project or to nothing)";
        }
    }
}
