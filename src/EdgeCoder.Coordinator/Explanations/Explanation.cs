using System.Text.Json;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Orleans;

namespace EdgeCoder.Coordinator.Explanations;

/// <summary>
/// Why subtasks wait and agents are idle (coordinator-and-mesh 4.3, 4.7). It asks the index that pulls are answered from, so it is true; it has an
/// answer for every state, so it is never empty.
/// </summary>
internal sealed class Explanation(TaskViews views, IDbContextFactory<CoordinatorContext> contexts, QueueSurroundings surroundings, QueueOptions options, IGrainFactory grains, QueueClock time)
{
    private const int MostSubtasks = 100;

    /// <summary>Explains a task and each of its subtasks.</summary>
    public async Task<TaskExplanation> OfTaskAsync(string taskId, Caller caller, CancellationToken cancellationToken)
    {
        var task = await views.FindAsync(taskId, caller, cancellationToken);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var subtasks = await context.Set<SubtaskRow>().Where(s => s.TaskId == taskId).OrderBy(s => s.Position)
            .Select(s => new WaitingSubtask(s.SubtaskId, s.Position, s.State, s.StateReason, s.DependsOnJson, s.Baseline, s.NotBeforeMs, s.QueuedAtMs, s.LeaseId)).ToListAsync(cancellationToken);
        var results = await ResultsAsync(context, subtasks, cancellationToken);
        var agents = await surroundings.Agents(cancellationToken);
        var judged = await JudgedAsync(task.Partition, subtasks, results, agents);
        var states = subtasks.ToDictionary(s => s.SubtaskId, s => (s.State, s.Position), StringComparer.Ordinal);
        var explained = new List<SubtaskExplanation>();
        foreach (var subtask in subtasks)
        {
            var result = subtask.LeaseId is { } lease ? results.GetValueOrDefault(lease) : null;
            var facts = new ExplainedSubtask
            {
                State = subtask.State,
                StateReason = subtask.StateReason,
                Baseline = subtask.Baseline,
                NotBeforeMs = subtask.NotBeforeMs,
                Open = Open(subtask, states),
                Verifier = result?.Place,
                Before = await BeforeAsync(context, subtask, result, cancellationToken),
            };
            explained.Add(Subtask(subtask.SubtaskId, facts, judged.GetValueOrDefault(QueueName(subtask)), agents, taskId, caller.Kind is CallerKinds.Operator));
        }

        var (waitingFor, message) = Task(task, explained);
        return new(taskId, task.State, waitingFor, message, explained);
    }

    /// <summary>Explains an agent: the first rule that keeps it idle, and the rule for each waiting subtask.</summary>
    public async Task<AgentExplanation> OfAgentAsync(string agentId, CancellationToken cancellationToken)
    {
        var agents = await surroundings.Agents(cancellationToken);
        if (agents.FirstOrDefault(a => a.AgentId == agentId) is not { } agent)
        {
            throw new Refusal(404, "agent_not_found", "No such agent is enrolled here. " + ExclusionRule.AgentUnknown.Message());
        }

        var judgements = new List<AgentJudgement>();
        for (var i = 0; i < options.Partitions; i++)
        {
            // Whose results are audited is not told: a worker would learn it of its own.
            var judged = await grains.GetGrain<IQueuePartitionGrain>(i).JudgeAgentAsync(agent, MostSubtasks);
            judgements.Add(judged with { Subtasks = [.. judged.Subtasks.Where(s => !RecheckIds.Is(s.SubtaskId))] });
        }

        var status = JsonNamingPolicy.SnakeCaseLower.ConvertName(agent.Status.ToString());
        return AgentWords.Of(agentId, status, agent, judgements, MostSubtasks);
    }

    private static (string? WaitingFor, string Message) Task(TaskRow task, List<SubtaskExplanation> subtasks) => task.State switch
    {
        TaskState.Completed => (null, "It is complete: GET /tasks/{id}/result."),
        TaskState.Failed => (null, $"It failed: {task.StateReason ?? "no reason was given"}. Submit it again under another id once that is mended."),
        TaskState.Cancelled => (null, "It was cancelled. Submit it again under another id if it is wanted."),
        TaskState.Escalated => ("waiting_human", "A subtask used up its attempts. The waterfall or a person works on it: GET /escalate/{taskId}."),
        TaskState.Submitted => (task.WaitingFor ?? "planning", task.WaitingFor switch
        {
            "inference_service_unavailable" => "No inference service answers, so it cannot be planned. Start one (`edgecoder up`) or submit with plan single.",
            "snapshot" => "Its snapshot is being fetched.",
            _ => "It is being planned.",
        }),
        _ => subtasks.FirstOrDefault(s => s.State is SubtaskState.Queued) is { } waiting ? (waiting.Reason, waiting.Message)
            : subtasks.FirstOrDefault(s => s.State is SubtaskState.Reported or SubtaskState.Verifying or SubtaskState.Leased) is { } running ? (running.Reason, running.Message)
            : ("waiting_dependency", "It waits for its other subtasks."),
    };

    private SubtaskExplanation Subtask(string subtaskId, ExplainedSubtask facts, SubtaskJudgement? judged, IReadOnlyList<AgentFacts> agents, string taskId, bool forOperators)
    {
        // Without agents there are no rules, whatever the queue holds.
        var rules = agents.Count == 0 ? [] : judged?.Rules;
        var (reason, message) = SubtaskWords.Of(facts, rules, taskId, time.GetUtcNow().ToUnixTimeMilliseconds());
        return new()
        {
            SubtaskId = subtaskId,
            State = facts.State,
            Reason = reason,
            Message = message,
            Eligible = rules?.Count(r => r is ExclusionRule.None) ?? 0,
            Excluded = [.. (rules ?? []).Where(r => r is not ExclusionRule.None).GroupBy(r => r).OrderBy(g => g.Key).Select(g => new Exclusion(g.Key.Code(), g.Count(), g.Key.Message()))],
            Agents = !forOperators || rules is not { Length: > 0 } ? null : [.. rules.Select((rule, i) => new AgentExclusion(agents[i].AgentId, Rule(rule), rule.Message()))],
        };
    }

    // A result waits in the queue under the name of its verify lease, and its subtask does not.
    private static string QueueName(WaitingSubtask subtask) => subtask is { State: SubtaskState.Reported, LeaseId: { } lease } ? RecheckIds.Verify(lease) : subtask.SubtaskId;

    private async Task<Dictionary<string, SubtaskJudgement>> JudgedAsync(int partition, List<WaitingSubtask> subtasks, Dictionary<string, WaitingResult> results, IReadOnlyList<AgentFacts> agents)
    {
        var waiting = subtasks.Where(s => s.State is SubtaskState.Queued || (s is { State: SubtaskState.Reported, LeaseId: { } lease } && results.GetValueOrDefault(lease)?.Place is VerifierPlace.AnotherOwner));
        var names = waiting.Select(QueueName).ToArray();
        return names.Length == 0 ? [] : (await grains.GetGrain<IQueuePartitionGrain>(partition).JudgeAsync(names, agents)).ToDictionary(j => j.SubtaskId, StringComparer.Ordinal);
    }

    private static async Task<Dictionary<string, WaitingResult>> ResultsAsync(CoordinatorContext context, List<WaitingSubtask> subtasks, CancellationToken cancellationToken)
    {
        var leases = subtasks.Where(s => s.State is SubtaskState.Reported).Select(s => s.LeaseId).OfType<string>().ToList();
        return leases.Count == 0 ? [] : await context.Set<ResultRow>().Where(r => leases.Contains(r.LeaseId)).Select(r => new WaitingResult(r.LeaseId, r.Place, r.ReportedAtMs))
            .ToDictionaryAsync(r => r.LeaseId, StringComparer.Ordinal, cancellationToken);
    }

    /// <summary>What the coordinator's own sandbox takes first: it goes by age.</summary>
    private static Task<int> BeforeAsync(CoordinatorContext context, WaitingSubtask subtask, WaitingResult? result, CancellationToken cancellationToken) => subtask switch
    {
        { State: SubtaskState.Queued, Baseline: BaselineState.Waiting } =>
            context.Set<SubtaskRow>().CountAsync(s => s.State == SubtaskState.Queued && s.Baseline == BaselineState.Waiting && s.QueuedAtMs < subtask.QueuedAtMs, cancellationToken),
        { State: SubtaskState.Reported } when result?.Place is VerifierPlace.Coordinator =>
            context.Set<ResultRow>().CountAsync(r => (r.State == ResultState.Reported || r.State == ResultState.Verifying) && r.Place == VerifierPlace.Coordinator && r.ReportedAtMs < result.ReportedAtMs, cancellationToken),
        _ => System.Threading.Tasks.Task.FromResult(0),
    };

    private static List<int> Open(WaitingSubtask subtask, Dictionary<string, (SubtaskState State, int Position)> states) =>
        subtask.DependsOnJson is null
            ? []
            : [.. JsonSerializer.Deserialize(subtask.DependsOnJson, QueueJson.Default.StringArray)!.Where(id => states.TryGetValue(id, out var on) && on.State is not SubtaskState.Accepted).Select(id => states[id].Position + 1)];

    private static string Rule(ExclusionRule rule) => rule is ExclusionRule.None ? "eligible" : rule.Code();

    private sealed record WaitingSubtask(
        string SubtaskId, int Position, SubtaskState State, string? StateReason, string? DependsOnJson, BaselineState Baseline, long NotBeforeMs, long QueuedAtMs, string? LeaseId);

    private sealed record WaitingResult(string LeaseId, VerifierPlace Place, long ReportedAtMs);
}
