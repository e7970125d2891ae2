using System.Globalization;
using System.Text.Json;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
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
            .Select(s => new WaitingSubtask(s.SubtaskId, s.Position, s.State, s.StateReason, s.DependsOnJson, s.Baseline, s.NotBeforeMs)).ToListAsync(cancellationToken);
        var agents = await surroundings.Agents(cancellationToken);
        var queued = subtasks.Where(s => s.State is SubtaskState.Queued).Select(s => s.SubtaskId).ToArray();
        var judged = queued.Length == 0 ? [] : (await grains.GetGrain<IQueuePartitionGrain>(task.Partition).JudgeAsync(queued, agents)).ToDictionary(j => j.SubtaskId, StringComparer.Ordinal);
        var forOperators = caller.Kind is CallerKinds.Operator;
        var states = subtasks.ToDictionary(s => s.SubtaskId, s => (s.State, s.Position), StringComparer.Ordinal);
        var explained = subtasks.Select(s => Subtask(s, judged.GetValueOrDefault(s.SubtaskId), agents, states, taskId, forOperators)).ToList();
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

    private SubtaskExplanation Subtask(
        WaitingSubtask subtask, SubtaskJudgement? judged, IReadOnlyList<AgentFacts> agents, Dictionary<string, (SubtaskState State, int Position)> states, string taskId, bool forOperators)
    {
        var (reason, message, rules) = subtask.State switch
        {
            SubtaskState.Queued => Queued(subtask, judged, agents),
            SubtaskState.Blocked => ("waiting_dependency", Dependencies(subtask, states), []),
            SubtaskState.Leased => ("leased", "An agent works on it.", []),
            SubtaskState.Reported => ("no_verifier", "Its result waits for a verifier. Should none come, look at the coordinator's verifier pool with GET /status.", []),
            SubtaskState.Verifying => ("verifying", "A verifier runs its result again.", []),
            SubtaskState.Accepted => ("accepted", "It is accepted.", []),
            SubtaskState.Rejected => ("waiting_human", $"It has no attempt left ({subtask.StateReason}). The waterfall or a person works on it: GET /escalate/{taskId}.", []),
            SubtaskState.Cancelled => ("cancelled", $"It was cancelled: {subtask.StateReason ?? "its task ended"}.", Array.Empty<ExclusionRule>()),
            _ => throw new InvalidOperationException($"No words for {subtask.State}."),
        };
        return new()
        {
            SubtaskId = subtask.SubtaskId,
            State = subtask.State,
            Reason = reason,
            Message = message,
            Eligible = rules.Count(r => r is ExclusionRule.None),
            Excluded = [.. rules.Where(r => r is not ExclusionRule.None).GroupBy(r => r).OrderBy(g => g.Key).Select(g => new Exclusion(g.Key.Code(), g.Count(), g.Key.Message()))],
            Agents = !forOperators || rules.Length == 0 ? null : [.. rules.Select((rule, i) => new AgentExclusion(agents[i].AgentId, Rule(rule), rule.Message()))],
        };
    }

    private (string Reason, string Message, ExclusionRule[] Rules) Queued(WaitingSubtask subtask, SubtaskJudgement? judged, IReadOnlyList<AgentFacts> agents)
    {
        if (subtask.Baseline is BaselineState.Waiting)
        {
            return ("waiting_baseline", "Its check is first tried on the untouched snapshot by a verifier. Should that take long, look at the verifier pool with GET /status.", judged?.Rules ?? []);
        }

        if (agents.Count == 0)
        {
            return ("no_agents", "No agent is enrolled here. Make a code with `edgecoder node enroll` and run `edgecoder worker join CODE` on a machine.", []);
        }

        if (judged is null)
        {
            return ("leasing", "It is being leased to an agent at this moment.", []);
        }

        if (judged.Rules.Contains(ExclusionRule.None))
        {
            return ("eligible", "An eligible agent gets it with its next pull.", judged.Rules);
        }

        // The rule that is nearest to the end of the list is what has to change first.
        var nearest = judged.Rules.Max();
        var pause = nearest is ExclusionRule.NotBefore ? string.Create(CultureInfo.InvariantCulture, $" {Math.Max(0, subtask.NotBeforeMs - time.GetUtcNow().ToUnixTimeMilliseconds())} ms are left.") : "";
        return (nearest.Code(), nearest.Message() + pause, judged.Rules);
    }

    private static string Dependencies(WaitingSubtask subtask, Dictionary<string, (SubtaskState State, int Position)> states)
    {
        var open = subtask.DependsOnJson is null ? [] : JsonSerializer.Deserialize(subtask.DependsOnJson, QueueJson.Default.StringArray)!.Where(id => states.TryGetValue(id, out var on) && on.State is not SubtaskState.Accepted).Select(id => states[id].Position + 1);
        return $"It waits until subtask {string.Join(", ", open)} is accepted.";
    }

    private static string Rule(ExclusionRule rule) => rule is ExclusionRule.None ? "eligible" : rule.Code();

    private sealed record WaitingSubtask(string SubtaskId, int Position, SubtaskState State, string? StateReason, string? DependsOnJson, BaselineState Baseline, long NotBeforeMs);
}
