using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Queues the subtasks that waited for an accepted one (coordinator-and-mesh 4.6): only <c>accepted</c> releases.</summary>
internal static class Dependents
{
    /// <summary>A longer output is passed as the digest of a blob, never cut.</summary>
    public const int MostOutputBytes = 16_384;

    /// <summary>Queues every blocked subtask of the task whose dependencies are all accepted now.</summary>
    public static void Release(IStoreBatch batch, string taskId, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        var blocked = batch.Query(
            "SELECT subtask_id, partition, depends_on_json, COALESCE(own_input, input), input_salt FROM subtasks WHERE task_id = $1 AND state = 'blocked' ORDER BY position",
            row => (Id: row.Text(0), Partition: (int)row.Number(1), On: JsonSerializer.Deserialize(row.Text(2), QueueJson.Default.StringArray)!, Input: row.Text(3), Salt: row.Bytes(4)),
            taskId);
        if (blocked.Count == 0)
        {
            return;
        }

        var accepted = batch.Query(
            "SELECT s.subtask_id, s.position, r.output FROM subtasks s LEFT JOIN results r ON r.lease_id = s.lease_id WHERE s.task_id = $1 AND s.state = 'accepted'",
            row => (Id: row.Text(0), Position: (int)row.Number(1), Output: row.TextOrNull(2) ?? ""), taskId).ToDictionary(a => a.Id, StringComparer.Ordinal);
        foreach (var subtask in blocked)
        {
            if (!subtask.On.All(accepted.ContainsKey))
            {
                continue;
            }

            var input = WithContext(subtask.Input, subtask.On.Select(on => (accepted[on].Position + 1, accepted[on].Output)));
            batch.Execute(
                "UPDATE subtasks SET state = 'queued', own_input = COALESCE(own_input, input), input = $1, input_hash = $2, queued_at_ms = $3, updated_at_ms = $3 WHERE subtask_id = $4 AND state = 'blocked'",
                input, InputHash.Of(subtask.Salt, input), nowMs, subtask.Id);
            journal.SubtaskState(subtask.Id, "queued");
            changes.Queued(subtask.Partition, SubtaskFactsReader.Read(batch, subtask.Id)!);
        }
    }

    /// <summary>The input with the outputs of its dependencies before it, in their order.</summary>
    public static string WithContext(string input, IEnumerable<(int Number, string Output)> dependencies)
    {
        var text = new StringBuilder("[Context from previous subtasks]\n");
        foreach (var (number, output) in dependencies)
        {
            text.Append("Subtask ").Append(number).Append(" result: ").Append(Passed(output)).Append('\n');
        }

        return text.Append("\n[Your task]\n").Append(input).ToString();
    }

    /// <summary>Hex SHA-256 of an output that is passed as a blob; null when it is short enough to travel.</summary>
    public static string? BlobOf(string output) =>
        output.Length * 3 <= MostOutputBytes || Encoding.UTF8.GetByteCount(output) <= MostOutputBytes ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(output)));

    private static string Passed(string output) => BlobOf(output) is { } digest ? "sha256:" + digest : output;
}
