using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Body of <c>POST /debug/enqueue</c>.</summary>
internal sealed record DebugEnqueue(string? Input, string? Language, string? TaskId, string? SubmitterAccountId);

/// <summary>Its answer.</summary>
internal sealed record DebugEnqueued(string TaskId, string SubtaskId, bool Queued);

/// <summary>JSON of the debug route.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DebugEnqueue))]
[JsonSerializable(typeof(DebugEnqueued))]
internal sealed partial class DebugJson : JsonSerializerContext;

/// <summary>An operator queues a text with both credentials (coordinator-and-mesh 4.7): <c>single_step</c>, 30,000 ms, project <c>debug</c>.</summary>
internal static class DebugEndpoint
{
    /// <summary>Queues it.</summary>
    public static async Task<IResult> EnqueueAsync(HttpContext http, ITaskQueue queue, QueueSurroundings surroundings, CancellationToken cancellationToken)
    {
        var body = JsonBody.Read(http, DebugJson.Default.DebugEnqueue);
        if (body.Input is not { Length: >= 1 and <= 10_000 })
        {
            throw Refusal.Invalid([new("input", "1 to 10,000 characters")]);
        }

        var task = new TaskSubmission
        {
            TaskId = body.TaskId ?? "debug-" + Guid.NewGuid(),
            Prompt = body.Input,
            Kind = SubtaskKind.SingleStep,
            Language = body.Language,
            Plan = TaskPlan.Given,
            ProjectId = "debug",
            SubmitterAccountId = body.SubmitterAccountId ?? "ops:" + surroundings.PeerId,
            Subtasks = [new() { Prompt = body.Input, TimeoutMs = 30_000 }],
        };
        var accepted = await queue.SubmitAsync(task, JsonSerializer.SerializeToUtf8Bytes(task, MeshJson.Default.TaskSubmission), http.Caller(), TimeSpan.Zero, cancellationToken);
        return TypedResults.Json(new DebugEnqueued(accepted.TaskId, accepted.Subtasks[0], true), DebugJson.Default.DebugEnqueued);
    }
}
