using System.Globalization;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Explanations;

/// <summary>A subtask as it stands in its rows.</summary>
internal sealed record ExplainedSubtask
{
    /// <summary>State.</summary>
    public required SubtaskState State { get; init; }

    /// <summary>Why it is in that state; null where the state says all.</summary>
    public string? StateReason { get; init; }

    /// <summary>Whether its check was tried on untouched input.</summary>
    public BaselineState Baseline { get; init; }

    /// <summary>Not leased before.</summary>
    public long NotBeforeMs { get; init; }

    /// <summary>Positions, from 1 on, of what it waits for and is not accepted.</summary>
    public IReadOnlyList<int> Open { get; init; } = [];

    /// <summary>Who runs its result again; null without a result.</summary>
    public VerifierPlace? Verifier { get; init; }

    /// <summary>Results, or untried checks, that the coordinator's sandbox takes before this one.</summary>
    public int Before { get; init; }
}

/// <summary>
/// Why a subtask is where it is, and what to do about it: never empty. Pure. The rules are those that the queue names for the subtask, or for the verify lease of its
/// result, one for each agent; null when the queue does not hold it.
/// </summary>
internal static class SubtaskWords
{
    private const string NoAgents = "no agent is enrolled here. Make a code with `edgecoder node enroll` and run `edgecoder worker join CODE` on a machine";

    /// <summary>Stable reason and words.</summary>
    /// <param name="subtask">The subtask.</param>
    /// <param name="rules">As above; empty when no agent is enrolled.</param>
    /// <param name="taskId">Its task.</param>
    /// <param name="nowMs">Now.</param>
    public static (string Reason, string Message) Of(ExplainedSubtask subtask, IReadOnlyList<ExclusionRule>? rules, string taskId, long nowMs) => subtask.State switch
    {
        SubtaskState.Queued => Queued(subtask, rules, nowMs),
        SubtaskState.Blocked when subtask.Open.Count == 0 => ("waiting_dependency", "What it depends on is accepted: it is queued at this moment."),
        SubtaskState.Blocked => ("waiting_dependency", $"It waits until subtask {string.Join(", ", subtask.Open)} is accepted."),
        SubtaskState.Leased => ("leased", "An agent works on it. Should the agent fall silent, its lease ends by itself and another gets the subtask."),
        SubtaskState.Reported => Reported(subtask, rules, nowMs),
        SubtaskState.Verifying => ("verifying", "A verifier runs its result again. Should it fall silent, another takes the result."),
        SubtaskState.Accepted => ("accepted", "It is accepted."),
        SubtaskState.Rejected => ("waiting_human", $"It has no attempt left ({subtask.StateReason ?? "no reason was given"}). The waterfall or a person works on it: see `edgecoder escalations show {taskId}`."),
        SubtaskState.Cancelled => ("cancelled", $"It was cancelled: {subtask.StateReason ?? "its task ended"}. Submit the task again under another id if it is wanted."),
        _ => throw new InvalidOperationException($"No words for {subtask.State}."),
    };

    private static (string Reason, string Message) Queued(ExplainedSubtask subtask, IReadOnlyList<ExclusionRule>? rules, long nowMs)
    {
        if (subtask.Baseline is BaselineState.Waiting)
        {
            return ("waiting_baseline", $"Its check is first tried on the untouched snapshot, in the coordinator's own sandbox. {Line(subtask.Before, "checks")}");
        }

        return rules switch
        {
            null => ("leasing", "It is being leased to an agent at this moment."),
            [] => ("no_agents", $"It waits, because {NoAgents}."),
            _ when rules.Contains(ExclusionRule.None) => ("eligible", "An eligible agent gets it with its next pull."),
            _ => (Nearest(rules).Code(), Nearest(rules).Message() + Pause(subtask, rules, nowMs)),
        };
    }

    // The operator's own agent worked for somebody else: neither may say whether that was good (coordinator-and-mesh 5.2).
    private static (string Reason, string Message) Reported(ExplainedSubtask subtask, IReadOnlyList<ExclusionRule>? rules, long nowMs)
    {
        const string Why = "Its result was made by a machine of this coordinator's operator, so a machine of another owner has to run it again";
        return subtask.Verifier is not VerifierPlace.AnotherOwner
            ? ("waiting_verifier", $"Its result waits to be run again in the coordinator's own sandbox. {Line(subtask.Before, "results")}")
            : rules switch
            {
                null => ("leasing", $"{Why}; it is being leased to one at this moment."),
                [] => ("no_verifier", $"{Why}, and {NoAgents} of another owner."),
                _ when rules.Contains(ExclusionRule.None) => ("waiting_verifier", $"{Why}: an eligible one gets it with its next pull."),
                _ => ("no_verifier", $"{Why}, and no such machine can now. The nearest: {Nearest(rules).Message()}{Pause(subtask, rules, nowMs)}"),
            };
    }

    private static string Line(int before, string what) =>
        (before == 0 ? "It is the next to be taken." : string.Create(CultureInfo.InvariantCulture, $"{before} other {what} are taken before it."))
        + " Should that not move, run `edgecoder doctor` on the coordinator's machine: without a working sandbox there nothing is verified.";

    // The rule that is nearest to the end of the list is what has to change first.
    private static ExclusionRule Nearest(IReadOnlyList<ExclusionRule> rules) => rules.Max();

    private static string Pause(ExplainedSubtask subtask, IReadOnlyList<ExclusionRule> rules, long nowMs) =>
        Nearest(rules) is ExclusionRule.NotBefore && subtask.NotBeforeMs > nowMs ? string.Create(CultureInfo.InvariantCulture, $" {subtask.NotBeforeMs - nowMs} ms are left.") : "";
}
