using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Submissions;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary><c>task_receipts</c>: the receipts of a task, each a file that proves itself (economy-and-ledger 11).</summary>
internal sealed class TaskReceiptsTool(Func<SubmitterClient> open) : McpTool
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["task_id"],"properties":{
        "task_id":{"type":"string","minLength":1,"maxLength":128,"description":"The task."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "task_receipts";

    /// <inheritdoc/>
    public override string Description =>
        "Receipts of a submitted task: what ran, who ran it, what it was checked with, what it cost, each with the proof that it is in the coordinator's log. Returns {receipts, pending}; pending ones wait for the next checkpoint. Check one with verify_receipt.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override bool OpenWorld => true;

    /// <inheritdoc/>
    public override async Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        using var client = open();
        return McpAnswer.Of(JsonElement.Parse(await client.GetTextAsync($"tasks/{Uri.EscapeDataString(call.Arguments.Text("task_id"))}/receipts", cancellationToken).ConfigureAwait(false)));
    }
}
