using EdgeCoder.Agent.Files;
using System.Text.Json;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>A command that appends a line to a file behind the back of policy, as any program in the sandbox can. It counts its runs in the file itself.</summary>
internal sealed class ChangeFileTool(Func<string> file, Func<CancellationToken, Task>? after = null) : ITool
{
    private static readonly JsonElement Arguments = JsonDocument.Parse("""{"type":"object","properties":{"path":{"type":"string"}},"additionalProperties":false}""").RootElement.Clone();

    public string Name => "change_file";

    public string Description => "Appends a line.";

    public JsonElement Schema => Arguments;

    public ToolAccess Access => ToolAccess.Execute;

    public ToolAction Describe(JsonElement arguments) =>
        new() { Tool = Name, Access = Access, Summary = "change a file", Command = ["change"], Arguments = arguments.Canonical() };

    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        await File.AppendAllTextAsync(file(), "changed\n", cancellationToken);
        if (after is not null)
        {
            await after(cancellationToken);
        }

        return new ToolResult { Text = "Changed." };
    }
}
