using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Log;

/// <summary>Log events are written in the transaction of the change they tell of (coordinator-and-mesh 11): neither is there without the other.</summary>
internal static class LogOutbox
{
    /// <summary>Adds an event.</summary>
    /// <param name="batch">Transaction of the change.</param>
    /// <param name="eventType">One of the names in coordinator-and-mesh 11.</param>
    /// <param name="taskId">Task.</param>
    /// <param name="subtaskId">Subtask, when it is about one.</param>
    /// <param name="actorId">Who caused it, by id.</param>
    /// <param name="payloadJson">JSON of the event's own members; ids, hashes, counts and codes only.</param>
    /// <param name="nowMs">When.</param>
    public static void Append(IStoreBatch batch, string eventType, string taskId, string? subtaskId, string actorId, string? payloadJson, long nowMs) =>
        batch.Insert(new LogEventRow { EventType = eventType, TaskId = taskId, SubtaskId = subtaskId, ActorId = actorId, PayloadJson = payloadJson, AtMs = nowMs });
}
