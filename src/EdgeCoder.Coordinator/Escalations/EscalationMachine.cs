using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>The rules of the waterfall (agent-executor-models 7.1), without a clock and without anything that waits.</summary>
internal static class EscalationMachine
{
    /// <summary>Fewer than this many coordinators hand an escalation on.</summary>
    public const int MostHops = 4;

    /// <summary>The step that a phase belongs to.</summary>
    public static EscalationStep StepOf(string phase) => phase switch
    {
        EscalationPhase.Waiting or EscalationPhase.Inference or EscalationPhase.InferenceOffer or EscalationPhase.InferenceVerify => EscalationStep.InferenceService,
        EscalationPhase.Parent or EscalationPhase.ParentOffer or EscalationPhase.ParentVerify => EscalationStep.ParentCoordinator,
        EscalationPhase.Cloud => EscalationStep.CloudInference,
        _ => EscalationStep.Human,
    };

    /// <summary>The phase after a step that brought nothing. A peer's escalation ends with it: the peer has people of its own.</summary>
    public static string NextStep(string phase, bool ofPeer) => StepOf(phase) switch
    {
        EscalationStep.InferenceService => EscalationPhase.Parent,
        EscalationStep.ParentCoordinator => ofPeer ? EscalationPhase.Done : EscalationPhase.Cloud,
        EscalationStep.CloudInference => EscalationPhase.Human,
        _ => EscalationPhase.HumanWait,
    };

    /// <summary>The phase in which a step's candidate enters verification.</summary>
    public static string OfferOf(string phase) => StepOf(phase) switch
    {
        EscalationStep.InferenceService => EscalationPhase.InferenceOffer,
        EscalationStep.ParentCoordinator => EscalationPhase.ParentOffer,
        _ => EscalationPhase.HumanOffer,
    };

    /// <summary>The phase in which a step's candidate is verified.</summary>
    public static string VerifyOf(string phase) => StepOf(phase) switch
    {
        EscalationStep.InferenceService => EscalationPhase.InferenceVerify,
        EscalationStep.ParentCoordinator => EscalationPhase.ParentVerify,
        _ => EscalationPhase.HumanVerify,
    };

    /// <summary>Why the inference service is passed over; null when it is asked.</summary>
    public static string? PassOverInference(SubtaskKind? kind, string language, EscalationSettings settings) =>
        settings.InferenceToken is null ? "INFERENCE_AUTH_TOKEN is not set at this coordinator, so it has no inference service."
        : kind is SubtaskKind.RepoChange ? "The subtask changes a repository; the inference service writes single programs."
        : kind is SubtaskKind.SingleStep ? "The subtask asks for text; the inference service writes programs."
        : language is not ("python" or "javascript") ? "The inference service writes Python and JavaScript only."
        : null;

    /// <summary>Why the parent is passed over; null when it is asked.</summary>
    public static string? PassOverParent(SharedDataClass dataClass, SubtaskKind? kind, IReadOnlyList<string> hops, string ownPeerId, EscalationSettings settings) =>
        settings.ParentUrl is null ? "PARENT_COORDINATOR_URL is not set, so there is no parent coordinator."
        : dataClass != SharedDataClass.Mesh ? "The work is of class team, which no other coordinator may see."
        : kind is SubtaskKind.RepoChange or SubtaskKind.SingleStep ? "Only single programs are handed to a parent coordinator."
        : hops.Contains(ownPeerId, StringComparer.Ordinal) ? "The escalation came through this coordinator already."
        : hops.Count + 1 >= MostHops ? $"The escalation came through {hops.Count} coordinators; fewer than {MostHops} may hand it on."
        : null;

    /// <summary>Why cloud review is passed over. There is no other answer yet: no reviewer can be configured.</summary>
    public static string PassOverCloud(bool allowed) => allowed
        ? "The submitter allows cloud review, but no reviewer is configured at this coordinator and no grant names the bytes that would leave."
        : "The submitter did not allow cloud review, so there is no grant.";

    /// <summary>Why a peer's escalation is refused; null when it is taken.</summary>
    public static (string Error, string Detail)? RefuseHops(IReadOnlyList<string> hops, string senderPeerId, string ownPeerId) =>
        hops.Count == 0 || hops[^1] != senderPeerId ? ("escalation_hops_invalid", "The last entry of hops must be the coordinator that sends. Add its peer id.")
        : hops.Contains(ownPeerId, StringComparer.Ordinal) || hops.Distinct(StringComparer.Ordinal).Count() != hops.Count ? ("escalation_loop", "The escalation came through this coordinator already. Decide it where it is.")
        : hops.Count >= MostHops ? ("escalation_too_many_hops", $"An escalation goes through fewer than {MostHops} coordinators. Decide it where it is.")
        : null;

    /// <summary>
    /// Pause before try <paramref name="tries"/> + 1 of a back-end: the base doubled for each try, with up to a quarter more so that many do not come
    /// back together.
    /// </summary>
    /// <param name="tries">Tries that failed, from 1.</param>
    /// <param name="baseDelay">Base.</param>
    /// <param name="jitter">0 to 1.</param>
    public static long RetryDelayMs(int tries, TimeSpan baseDelay, double jitter)
    {
        var delay = Math.Min(baseDelay.TotalMilliseconds * Math.Pow(2, Math.Clamp(tries - 1, 0, 20)), 600_000);
        return (long)(delay * (1 + (Math.Clamp(jitter, 0, 1) / 4)));
    }

    /// <summary>What became of a subtask while its escalation was under way; null when the waterfall goes on.</summary>
    public static (EscalationStatus Status, string Why)? Ended(EscalatedSubtask? subtask) => subtask switch
    {
        null => (EscalationStatus.Failed, "The task is no longer here."),
        { State: SubtaskState.Accepted } => (EscalationStatus.Completed, "An attempt of the subtask was accepted."),
        { TaskIsFinal: true } => (EscalationStatus.Failed, $"The task ended before: {subtask.TaskState.ToString().ToLowerInvariant()}."),
        { State: SubtaskState.Cancelled } => (EscalationStatus.Failed, "The subtask was cancelled."),
        _ => null,
    };
}
