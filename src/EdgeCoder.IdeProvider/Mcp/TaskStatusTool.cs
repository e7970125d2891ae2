using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Protocol;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary><c>task_status</c>: where a task is, and why it waits.</summary>
internal sealed class TaskStatusTool(Func<SubmitterClient> open) : McpTool
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"properties":{
        "task_id":{"type":"string","minLength":1,"maxLength":128,"description":"The task. Without it: the newest tasks."},
        "limit":{"type":"integer","minimum":1,"maximum":100,"description":"Most tasks of the list, 1 to 100. Default 20."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "task_status";

    /// <inheritdoc/>
    public override string Description => "Where a submitted task is: state, subtasks, credits, and what it waits for; or the newest tasks.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override bool OpenWorld => true;

    /// <inheritdoc/>
    public override async Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        using var client = open();
        return McpAnswer.Of(call.Arguments.TextOrNull("task_id") is { } id
            ? JsonSerializer.SerializeToElement(await client.StatusAsync(id, cancellationToken).ConfigureAwait(false), MeshJson.Default.TaskView)
            : JsonSerializer.SerializeToElement(await client.ListAsync(call.Arguments.Number("limit", 20, 1, 100), cancellationToken).ConfigureAwait(false), MeshJson.Default.TaskList));
    }
}
