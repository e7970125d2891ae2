using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Escalations;

internal sealed partial class EscalationWaterfall
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Escalation of subtask {SubtaskId}: {From} to {To}")]
    private partial void LogMoved(string subtaskId, string from, string to);

    [LoggerMessage(Level = LogLevel.Error, Message = "Escalation of subtask {SubtaskId} failed in {Phase}; it is tried again")]
    private partial void LogFault(Exception fault, string subtaskId, string phase);

    [LoggerMessage(Level = LogLevel.Error, Message = "Escalations could not be read; they are looked at again")]
    private partial void LogUnreadable(Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Telling of the escalation of subtask {SubtaskId} failed with status {Status}, try {Tries}")]
    private partial void LogUntold(string subtaskId, int status, int tries);
}
