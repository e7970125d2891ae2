using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Coordinator.Planning;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Makes the rows of a plan.</summary>
internal static class SubtaskRows
{
    /// <summary>Rows in the order of the plan: queued where nothing is waited for, else blocked.</summary>
    public static SubtaskRow[] Of(TaskRow task, IReadOnlyList<PlanItem> plan, int[][] waitsFor, long nowMs)
    {
        var ids = plan.Select(_ => Guid.NewGuid().ToString()).ToArray();
        return [.. plan.Select((item, i) => Of(task, item, i, ids, waitsFor[i], nowMs))];
    }

    /// <summary>Ids for the answer: runnable ones before blocked ones.</summary>
    public static string[] RunnableFirst(IEnumerable<(string Id, SubtaskState State)> subtasks) => [.. subtasks.OrderBy(s => s.State is SubtaskState.Blocked).Select(s => s.Id)];

    private static SubtaskRow Of(TaskRow task, PlanItem item, int position, string[] ids, int[] waitsFor, long nowMs)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var (checkJson, checkDigest) = FrozenCheck.Of(item.Check);
        return new()
        {
            SubtaskId = ids[position],
            TaskId = task.TaskId,
            Partition = task.Partition,
            Position = position,
            Kind = item.Kind,
            Language = item.Language,
            State = waitsFor.Length == 0 ? SubtaskState.Queued : SubtaskState.Blocked,
            Input = item.Input,
            InputSalt = salt,
            InputHash = InputHash.Of(salt, item.Input),
            DependsOnJson = waitsFor.Length == 0 ? null : JsonSerializer.Serialize([.. waitsFor.Select(on => ids[on])], QueueJson.Default.StringArray),
            TimeoutMs = item.TimeoutMs,
            AttemptTimeoutMs = item.AttemptTimeoutMs,
            LimitsJson = AttemptLimitsJson.Write(item.Limits),
            MaxAttempts = item.MaxAttempts,
            Attempts = 0,
            Releases = 0,
            Inconclusive = 0,
            RequestedModel = item.RequestedModel,
            CheckJson = checkJson,
            CheckDigest = checkDigest,
            SnapshotDigest = item.Kind is SubtaskKind.RepoChange ? task.SnapshotDigest : null,
            Baseline = item.Check is null || item.Kind is SubtaskKind.SingleStep ? BaselineState.None : BaselineState.Waiting,
            BaselineTests = 0,
            BaselineClaimUntilMs = 0,
            QueuedAtMs = nowMs,
            NotBeforeMs = 0,
            UpdatedAtMs = nowMs,
        };
    }
}
