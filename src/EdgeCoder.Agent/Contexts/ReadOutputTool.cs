using EdgeCoder.Agent.Files;
using System.Globalization;
using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Contexts;

/// <summary><c>read_output</c>: an earlier result again, which was cut or left out to save room.</summary>
internal sealed class ReadOutputTool(KeptOutputs outputs) : ITool
{
    private const int MostLines = 400;

    private static readonly JsonElement Arguments = JsonDocument.Parse(
        """
        {"type":"object","properties":{
        "handle":{"type":"string","description":"the handle, for instance r12"},
        "offset":{"type":"integer","minimum":1,"description":"first line, from 1"},
        "limit":{"type":"integer","minimum":1,"maximum":400,"description":"lines, 100 when absent"}},
        "required":["handle"],"additionalProperties":false}
        """).RootElement.Clone();

    /// <inheritdoc/>
    public string Name => "read_output";

    /// <inheritdoc/>
    public string Description => "Reads an earlier tool result again that was shortened to save room. Files may have changed since: for a file, use read_file.";

    /// <inheritdoc/>
    public JsonElement Schema => Arguments;

    /// <inheritdoc/>
    public ToolAccess Access => ToolAccess.Read;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments) => new()
    {
        Tool = Name,
        Access = Access,
        Summary = $"read output {arguments.GetProperty("handle").GetString()} again",
        Arguments = arguments.Canonical(),
    };

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var handle = call.Arguments.GetProperty("handle").GetString()!;
        var text = outputs.Find(handle) ?? throw new ToolException($"There is no output {handle}. Handles are named where an output was shortened.");
        var lines = text.Split('\n');
        var first = call.Arguments.TryGetProperty("offset", out var offset) ? offset.GetInt32() : 1;
        var count = call.Arguments.TryGetProperty("limit", out var limit) ? limit.GetInt32() : 100;
        if (first > lines.Length)
        {
            throw new ToolException(string.Create(CultureInfo.InvariantCulture, $"Output {handle} has {lines.Length} lines."));
        }

        var shown = lines.Skip(first - 1).Take(Math.Min(count, MostLines)).ToList();
        var last = first + shown.Count - 1;
        var head = string.Create(CultureInfo.InvariantCulture, $"Output {handle}, lines {first} to {last} of {lines.Length}:");
        return Task.FromResult(new ToolResult { Text = $"{head}\n{string.Join('\n', shown)}", Truncated = last < lines.Length });
    }
}
