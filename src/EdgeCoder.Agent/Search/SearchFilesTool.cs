using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Search;

/// <summary><c>search_files</c>: lines that match a regular expression, in this process on every system.</summary>
internal sealed class SearchFilesTool(ProjectFiles files) : ITool
{
    private const int UsualMatches = 50;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["pattern"],"properties":{
        "pattern":{"type":"string","description":"Regular expression, matched within lines; no look-around and no backreferences."},
        "path":{"type":"string","description":"Directory or file to search, relative to the project's root. Default the root."},
        "include":{"type":"string","description":"Glob of files to search, for instance *.py or src/**/*.{ts,tsx}."},
        "context":{"type":"integer","minimum":0,"maximum":20,"description":"Lines to show before and after each match. Default 0."},
        "ignore_case":{"type":"boolean","description":"Letters match in any case. Default false."},
        "max_results":{"type":"integer","minimum":1,"maximum":1000,"description":"Most matches to show. Default 50; all are counted."}}}
        """);

    /// <inheritdoc/>
    public string Name => "search_files";

    /// <inheritdoc/>
    public IReadOnlyList<string> Aliases => ["grep", "search"];

    /// <inheritdoc/>
    public string Description => "Searches the lines of files for a regular expression and shows 'path:line: text'. Ignored and binary files are left out.";

    /// <inheritdoc/>
    public JsonElement Schema => Shape;

    /// <inheritdoc/>
    public ToolAccess Access => ToolAccess.Read;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        var request = Request(arguments);
        SearchPattern.Parse(request.Pattern, request.IgnoreCase);
        return new() { Tool = Name, Access = Access, Summary = $"search {request.Pattern} in {request.Path}", Paths = [request.Path.Value], Arguments = arguments.Canonical() };
    }

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var request = Request(call.Arguments);
        return Result(request, await FileSearch.RunAsync(files, request, cancellationToken));
    }

    private SearchRequest Request(JsonElement arguments) => new()
    {
        Pattern = arguments.Text("pattern"),
        Path = arguments.TextOrNull("path") is { Length: > 0 } path ? files.ToRead(path) : ProjectPath.Root,
        Include = arguments.TextOrNull("include"),
        IgnoreCase = arguments.Flag("ignore_case"),
        Context = arguments.Number("context", 0, 0, 20),
        Most = arguments.Number("max_results", UsualMatches, 1, 1_000),
    };

    private static ToolResult Result(SearchRequest request, SearchOutcome outcome)
    {
        var text = new CappedText();
        var shown = 0;
        foreach (var (path, match) in outcome.Matches)
        {
            if (!Lines(path, match, request.Context).All(text.Add))
            {
                break;
            }

            shown++;
        }

        text.Note(Total(outcome, shown));
        if (outcome.TooLarge + outcome.TooSlow > 0 || outcome.OutOfTime)
        {
            text.Note($"[not searched: {outcome.TooLarge} too large, {outcome.TooSlow} too slow{(outcome.OutOfTime ? "; the time was over before all files were read: name a path or include" : "")}]");
        }

        return new() { Text = text.ToString(), Truncated = shown < outcome.Total || outcome.OutOfTime, Shown = [.. outcome.Matches.Take(shown).Select(found => found.Path.Value).Distinct()] };
    }

    private static IEnumerable<string> Lines(ProjectPath path, SearchMatch match, int context) =>
    [
        .. match.Before.Select((line, i) => $"{path}-{match.Number - match.Before.Count + i}- {line}"),
        $"{path}:{match.Number}: {match.Text}",
        .. match.After.Select((line, i) => $"{path}-{match.Number + 1 + i}- {line}"),
        .. context > 0 ? ["--"] : Array.Empty<string>(),
    ];

    private static string Total(SearchOutcome outcome, int shown) =>
        outcome.Total == 0 ? $"[no match in {outcome.FilesSearched} files]"
        : shown < outcome.Total ? $"[{shown} of {outcome.Total} matching lines shown, in {outcome.FilesWithMatches} of {outcome.FilesSearched} files; narrow the pattern, path or include]"
        : $"[{outcome.Total} matching lines in {outcome.FilesWithMatches} of {outcome.FilesSearched} files]";
}
