using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary><c>task_events</c>: what has happened to a task after a sequence number, and what happens within a while.</summary>
internal sealed class TaskEventsTool(Func<SubmitterClient> open, TimeProvider time) : McpTool
{
    private const int MostEvents = 200;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["task_id"],"properties":{
        "task_id":{"type":"string","minLength":1,"maxLength":128,"description":"The task."},
        "after":{"type":"integer","minimum":0,"maximum":9007199254740991,"description":"Sequence number of the last event that is known already. Default 0: all."},
        "wait_seconds":{"type":"integer","minimum":1,"maximum":600,"description":"How many seconds to follow the task, 1 to 600; it ends earlier with the task, or after 200 events. Default 2."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "task_events";

    /// <inheritdoc/>
    public override string Description => "The events of a submitted task after a sequence number, followed for a while and reported as progress. Returns {events, last, ended}; ask again with after=last.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override bool OpenWorld => true;

    /// <inheritdoc/>
    public override async Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        var (id, after) = (call.Arguments.Text("task_id"), call.Arguments.TryGetProperty("after", out var given) ? given.GetInt64() : 0);
        using var client = open();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(call.Arguments.Number("wait_seconds", 2, 1, 600)), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var events = new List<TaskEvent>();
        try
        {
            await foreach (var one in client.FollowAsync(id, after, either.Token).ConfigureAwait(false))
            {
                events.Add(one);
                await call.Progress(one.Type).ConfigureAwait(false);
                if (events.Count == MostEvents)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time to follow it is over; what has come is the answer.
        }

        var seen = new McpTaskEvents(events, events.Count == 0 ? after : events[^1].Sequence, events is [.., { Type: "end" }]);
        return McpAnswer.Of(JsonSerializer.SerializeToElement(seen, McpJson.Default.McpTaskEvents));
    }
}
