using System.Text;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>
/// The events of one change of one task. <see cref="Write"/> counts them in the task's row and inserts them with those numbers, in the transaction of the
/// change: sequences have neither gaps nor doubles.
/// </summary>
internal sealed class TaskJournal(IStoreBatch batch, string taskId, QueueChanges changes, long nowMs)
{
    private const string CountAll = "UPDATE tasks SET events = events + $1, updated_at_ms = $2 WHERE task_id = $3 RETURNING events";
    private const string CountAndStart = "UPDATE tasks SET state = 'running', waiting_for = NULL, events = events + $1, updated_at_ms = $2 WHERE task_id = $3 RETURNING events";

    private static readonly string[] Inserts = [.. Enumerable.Range(0, 9).Select(Insert)];
    private readonly List<(string Type, string Data)> _events = new(4);

    /// <summary>An event to come.</summary>
    public void Add(string type, string data) => _events.Add((type, data));

    /// <summary>A subtask's state, with a reason.</summary>
    public void SubtaskState(string subtaskId, string state, string? reason = null) => Add("subtask.state", EventData.Of(("subtaskId", subtaskId), ("state", state), ("reason", reason)));

    /// <summary>The task's state, with a reason. The last event of a final task is <c>end</c>.</summary>
    public void TaskState(string state, string? reason = null) => Add("task.state", EventData.Of(("taskId", taskId), ("state", state), ("reason", reason)));

    /// <summary>Writes what was added; with <paramref name="start"/> the task is running from now on.</summary>
    public void Write(bool start = false)
    {
        if (_events.Count == 0)
        {
            return;
        }

        var last = batch.Query(start ? CountAndStart : CountAll, static row => row.Number(0), _events.Count, nowMs, taskId);
        WriteFrom(last[0] - _events.Count + 1);
    }

    /// <summary>Writes what was added with numbers from <paramref name="first"/>; the task's row counts them already.</summary>
    public void WriteFrom(long first)
    {
        changes.Tasks.Add(taskId);
        for (var at = 0; at < _events.Count; at += 8)
        {
            var count = Math.Min(8, _events.Count - at);
            var values = new object?[count * 5];
            for (var i = 0; i < count; i++)
            {
                var (type, data) = _events[at + i];
                (values[i * 5], values[(i * 5) + 1], values[(i * 5) + 2], values[(i * 5) + 3], values[(i * 5) + 4]) = (taskId, first + at + i, type, nowMs, data);
            }

            batch.Execute(Inserts[count], values);
        }

        _events.Clear();
    }

    /// <summary>How many were added.</summary>
    public int Count => _events.Count;

    private static string Insert(int count)
    {
        var sql = new StringBuilder("INSERT INTO task_events (task_id, sequence, type, at_ms, data_json) VALUES ");
        for (var i = 0; i < count; i++)
        {
            sql.Append(i == 0 ? "(" : ", (").AppendJoin(", ", Enumerable.Range((i * 5) + 1, 5).Select(n => $"${n}")).Append(')');
        }

        return sql.ToString();
    }
}
