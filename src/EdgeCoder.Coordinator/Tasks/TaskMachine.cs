using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>States of a task (coordinator-and-mesh 4.2). Pure.</summary>
internal static class TaskMachine
{
    /// <summary>Whether a task has ended.</summary>
    public static bool IsFinal(TaskState state) => state is TaskState.Completed or TaskState.Failed or TaskState.Cancelled;

    /// <summary>Whether a task may go from one state to another.</summary>
    public static bool Allows(TaskState from, TaskState to) => (from, to) switch
    {
        (TaskState.Submitted, TaskState.Planned or TaskState.Failed or TaskState.Cancelled) => true,
        (TaskState.Planned, TaskState.Running or TaskState.Completed or TaskState.Failed or TaskState.Cancelled or TaskState.Escalated) => true,
        (TaskState.Running, TaskState.Completed or TaskState.Failed or TaskState.Cancelled or TaskState.Escalated) => true,
        (TaskState.Escalated, TaskState.Running or TaskState.Completed or TaskState.Failed or TaskState.Cancelled) => true,
        _ => false,
    };
}
