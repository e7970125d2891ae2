using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>A command that is another one each time its version goes up.</summary>
internal sealed class ShiftingTool : ITool
{
    private static readonly JsonElement None = JsonDocument.Parse("""{"type":"object","properties":{},"additionalProperties":false}""").RootElement.Clone();

    public int Version { get; set; }

    public int Runs { get; private set; }

    public string Name => "shifting";

    public string Description => "Shifts.";

    public JsonElement Schema => None;

    public ToolAccess Access => ToolAccess.Execute;

    public ToolAction Describe(JsonElement arguments) =>
        new() { Tool = Name, Access = Access, Summary = $"shift {Version}", Command = ["shift", $"{Version}"], Arguments = "{}" };

    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        Runs++;
        return Task.FromResult(new ToolResult { Text = "Shifted." });
    }
}

/// <summary>A <c>read_file</c> that reads whatever it is asked for: the fault that canaries are there to find.</summary>
internal sealed class LeakyReadTool(string root) : ITool
{
    private static readonly JsonElement Path = JsonDocument.Parse("""{"type":"object","properties":{"path":{"type":"string"}},"additionalProperties":false}""").RootElement.Clone();

    public string Name => "read_file";

    public string Description => "Reads.";

    public JsonElement Schema => Path;

    public ToolAccess Access => ToolAccess.Read;

    public ToolAction Describe(JsonElement arguments) => new() { Tool = Name, Access = Access, Summary = "read", Arguments = "{}" };

    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) =>
        new() { Text = await File.ReadAllTextAsync(System.IO.Path.Combine(root, call.Arguments.GetProperty("path").GetString()!), cancellationToken) };
}

/// <summary>A command on a machine whose sandbox went away.</summary>
internal sealed class GoneTool : ITool
{
    private static readonly JsonElement None = JsonDocument.Parse("""{"type":"object","properties":{},"additionalProperties":false}""").RootElement.Clone();

    public string Name => "gone";

    public string Description => "Runs.";

    public JsonElement Schema => None;

    public ToolAccess Access => ToolAccess.Execute;

    public ToolAction Describe(JsonElement arguments) => new() { Tool = Name, Access = Access, Summary = "run", Command = ["run"], Arguments = "{}" };

    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) => Task.FromResult(new ToolResult { Text = "sandbox_unavailable", Unavailable = "no namespaces here" });
}
