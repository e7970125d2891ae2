using System.Text;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;

namespace EdgeCoder.Coordinator.Log;

/// <summary>
/// Log events are written in the transaction of the change they tell of (coordinator-and-mesh 11): neither is there without the other. <see cref="LogKeeper"/>
/// makes leaves of them behind the requests.
/// </summary>
internal static class LogOutbox
{
    /// <summary>Stands for this coordinator's own id where an event is written by code that does not know it.</summary>
    public const string Self = "coordinator";

    /// <summary>Whether a text is a code or id: words of a person are no part of a log.</summary>
    public static bool IsCode(string? text) =>
        text is { Length: > 0 and <= 128 } && text.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-") < 0 && !RecordRules.Identifies(text);

    /// <summary>Adds an event.</summary>
    /// <param name="batch">Transaction of the change.</param>
    /// <param name="eventType">One of <see cref="RecordTypes"/>.</param>
    /// <param name="taskId">Task, or <c>kind:id</c> of what it is about.</param>
    /// <param name="subtaskId">Subtask, when it is about one.</param>
    /// <param name="actorId">Who caused it, by id.</param>
    /// <param name="payloadJson">JSON of the event's own members, as economy-and-ledger 10 names them; ids, hashes, counts and codes only.</param>
    /// <param name="nowMs">When.</param>
    /// <exception cref="Refusal">422 <c>personal_data_refused</c>: something in it is not for a log that everybody may read. The change is undone.</exception>
    public static void Append(IStoreBatch batch, string eventType, string taskId, string? subtaskId, string actorId, string? payloadJson, long nowMs)
    {
        if (RecordRules.Fault(eventType, taskId, subtaskId, actorId, payloadJson is null ? [] : Encoding.UTF8.GetBytes(payloadJson)) is { } fault)
        {
            throw new Refusal(422, RecordRules.Error, $"This would be written into the coordinator's log ({eventType}), and {fault}. Use ids and codes instead.");
        }

        batch.Insert(new LogEventRow { EventType = eventType, TaskId = taskId, SubtaskId = subtaskId, ActorId = actorId, PayloadJson = payloadJson, AtMs = nowMs });
    }
}
