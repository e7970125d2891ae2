using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Reads of tasks that several routes share.</summary>
internal static class TaskReads
{
    /// <summary>A task that is not there, or not the caller's: the same answer.</summary>
    public static Refusal NotFound() => new(404, "task_not_found", "There is no such task among yours. List them with GET /tasks.");

    /// <summary>The answer to a submission as things are now.</summary>
    public static async Task<TaskAccepted> AcceptedAsync(IDbContextFactory<CoordinatorContext> contexts, string taskId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var state = await context.Set<TaskRow>().Where(t => t.TaskId == taskId).Select(t => t.State).FirstAsync(cancellationToken);
        var subtasks = await context.Set<SubtaskRow>().Where(s => s.TaskId == taskId).OrderBy(s => s.Position).Select(s => new { s.SubtaskId, s.State }).ToListAsync(cancellationToken);
        return new(taskId, state, SubtaskRows.RunnableFirst(subtasks.Select(s => (s.SubtaskId, s.State))));
    }
}
