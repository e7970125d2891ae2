using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Protocol;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary><c>task_result</c>: what came out of a task, with the signed verdicts of the re-runs.</summary>
internal sealed class TaskResultTool(Func<SubmitterClient> open) : McpTool
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["task_id"],"properties":{
        "task_id":{"type":"string","minLength":1,"maxLength":128,"description":"The task."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "task_result";

    /// <inheritdoc/>
    public override string Description =>
        "The outputs of a submitted task that were accepted, the verifier's own test counts, credits spent, and the signed verdicts in base64 for verify_receipt. Receipts of the log: task_receipts. Before the end: only its state.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override bool OpenWorld => true;

    /// <inheritdoc/>
    public override async Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        using var client = open();
        return McpAnswer.Of(JsonSerializer.SerializeToElement(await client.ResultAsync(call.Arguments.Text("task_id"), cancellationToken).ConfigureAwait(false), MeshJson.Default.TaskResult));
    }
}
