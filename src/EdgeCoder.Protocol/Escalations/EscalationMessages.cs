using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Protocol.Escalations;

/// <summary>Body of <c>POST /escalate</c> at a coordinator (agent-executor-models 7.2).</summary>
public sealed record EscalationRequest
{
    /// <summary>The subtask that failed, or its task when it has one subtask.</summary>
    public string? TaskId { get; init; }

    /// <summary>Who tried.</summary>
    public string? AgentId { get; init; }

    /// <summary>What was asked for.</summary>
    public string? Task { get; init; }

    /// <summary>The last code.</summary>
    public string? FailedCode { get; init; }

    /// <summary>What went wrong, oldest first.</summary>
    public IReadOnlyList<string>? ErrorHistory { get; init; }

    /// <summary>Language.</summary>
    public string? Language { get; init; }

    /// <summary>At least 1.</summary>
    public int? IterationsAttempted { get; init; }

    /// <summary>Tests to run the code with.</summary>
    public string? Tests { get; init; }

    /// <summary>Snapshot.</summary>
    public string? SnapshotRef { get; init; }

    /// <summary>Between coordinators: peer ids that the escalation came through, the first one first. Fewer than 4, none twice.</summary>
    public IReadOnlyList<string>? Hops { get; init; }

    /// <summary>Between coordinators: where the work may run.</summary>
    public SharedDataClass? DataClass { get; init; }
}

/// <summary>What an escalation came to, so far. A later one merges into an earlier one: what is absent here erases nothing there.</summary>
public record EscalationResult
{
    /// <summary>As in the request.</summary>
    public string? TaskId { get; init; }

    /// <summary>Where it is.</summary>
    public EscalationStatus? Status { get; init; }

    /// <summary>The best candidate so far. It counts only once <see cref="Verification"/> says <c>accepted</c>.</summary>
    public string? ImprovedCode { get; init; }

    /// <summary>In words.</summary>
    public string? Explanation { get; init; }

    /// <summary>Agent, peer or person that the candidate is of.</summary>
    public string? ResolvedByAgentId { get; init; }

    /// <summary>Model that the candidate is of.</summary>
    public string? ResolvedByModel { get; init; }

    /// <summary>Record that a person answers.</summary>
    public string? EscalationId { get; init; }

    /// <summary><c>accepted</c>, <c>rejected</c>, <c>inconclusive</c> by this coordinator's verifier; <c>unverified</c> before that.</summary>
    public string? Verification { get; init; }
}

/// <summary>Answer of <c>GET /escalate/{taskId}</c>.</summary>
public sealed record EscalationDetail : EscalationResult
{
    /// <summary>The subtask.</summary>
    public string? SubtaskId { get; init; }

    /// <summary>Who tried last.</summary>
    public string? AgentId { get; init; }

    /// <summary>What was asked for.</summary>
    public string? Task { get; init; }

    /// <summary>The last code.</summary>
    public string? FailedCode { get; init; }

    /// <summary>What went wrong, oldest first.</summary>
    public IReadOnlyList<string>? ErrorHistory { get; init; }

    /// <summary>Language.</summary>
    public string? Language { get; init; }

    /// <summary>Iterations before the escalation.</summary>
    public int? IterationsAttempted { get; init; }

    /// <summary>What the waterfall did, in order, with the reason of every step that was passed over.</summary>
    public IReadOnlyList<AutomatedAttempt>? AutomatedAttempts { get; init; }

    /// <summary>Account of the task, for the portal alone, where it asks for its operators.</summary>
    public string? AccountId { get; init; }

    /// <summary>The person's record, once there is one.</summary>
    public HumanEscalation? Human { get; init; }

    /// <summary>When it was stored.</summary>
    public long? CreatedAtMs { get; init; }

    /// <summary>Last change.</summary>
    public long? UpdatedAtMs { get; init; }
}

/// <summary>One step of the waterfall.</summary>
/// <param name="Step">Which.</param>
/// <param name="Outcome"><c>candidate</c>, <c>failed</c>, <c>passed_over</c>, <c>rejected</c>, <c>accepted</c>, <c>inconclusive</c>.</param>
/// <param name="Reason">Why, with what to do about it.</param>
/// <param name="Model">Model that answered.</param>
/// <param name="AtMs">When.</param>
public sealed record AutomatedAttempt(EscalationStep Step, string Outcome, string Reason, string? Model, long AtMs);

/// <summary>Answer of <c>GET /escalate</c>, newest first.</summary>
public sealed record EscalationList(IReadOnlyList<EscalationDetail> Escalations);

/// <summary>What a person decides about (agent-executor-models 7.2). Secrets are redacted before it is stored.</summary>
public sealed record HumanEscalation
{
    /// <summary>UUID of this record; a subtask that escalates again has another.</summary>
    public required string EscalationId { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Who tried last.</summary>
    public required string AgentId { get; init; }

    /// <summary>What was asked for.</summary>
    public string? Task { get; init; }

    /// <summary>The last code.</summary>
    public string? FailedCode { get; init; }

    /// <summary>What went wrong, oldest first.</summary>
    public IReadOnlyList<string>? ErrorHistory { get; init; }

    /// <summary>Language.</summary>
    public required string Language { get; init; }

    /// <summary>Iterations before the escalation.</summary>
    public required int IterationsAttempted { get; init; }

    /// <summary>What the waterfall did.</summary>
    public required IReadOnlyList<AutomatedAttempt> AutomatedAttempts { get; init; }

    /// <summary>Where it is.</summary>
    public required HumanEscalationStatus Status { get; init; }

    /// <summary>Context that the person gave.</summary>
    public string? HumanContext { get; init; }

    /// <summary>Code that the person wrote.</summary>
    public string? HumanEditedCode { get; init; }

    /// <summary>Who decided.</summary>
    public string? RespondedByUserId { get; init; }

    /// <summary>When it was stored.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Last change.</summary>
    public required long UpdatedAtMs { get; init; }
}

/// <summary>Body of <c>POST /escalate/{taskId}/respond</c>.</summary>
public sealed record EscalationResponse
{
    /// <summary>The person's record; default: the one that waits.</summary>
    public string? EscalationId { get; init; }

    /// <summary>What to do.</summary>
    public EscalationAction? Action { get; init; }

    /// <summary>With <see cref="EscalationAction.ProvideContext"/>.</summary>
    public string? Context { get; init; }

    /// <summary>With <see cref="EscalationAction.EditCode"/>.</summary>
    public string? EditedCode { get; init; }

    /// <summary>Who decided; the portal names it, else it is the caller.</summary>
    public string? RespondedByUserId { get; init; }
}

/// <summary>Answer of <c>POST /escalate/{taskId}/respond</c>.</summary>
public sealed record EscalationResponded
{
    /// <summary>Always true; refusals are problem documents.</summary>
    public bool Ok { get; init; } = true;

    /// <summary>Where the person's record is.</summary>
    public required HumanEscalationStatus Status { get; init; }

    /// <summary>The code that is being verified.</summary>
    public string? ImprovedCode { get; init; }

    /// <summary>The context that was added.</summary>
    public string? HumanContext { get; init; }

    /// <summary>Where the task is.</summary>
    public TaskState? TaskState { get; init; }
}

/// <summary>Body of <c>POST /escalate</c> at the inference service (agent-executor-models 5).</summary>
public sealed record InferenceEscalation
{
    /// <summary>What was asked for.</summary>
    public string? Task { get; init; }

    /// <summary>The last code.</summary>
    public string? FailedCode { get; init; }

    /// <summary>What went wrong, oldest first.</summary>
    public IReadOnlyList<string>? ErrorHistory { get; init; }

    /// <summary>Language.</summary>
    public string? Language { get; init; }

    /// <summary>Tests to run the answer with.</summary>
    public string? Tests { get; init; }
}

/// <summary>Answer of <c>POST /escalate</c> at the inference service.</summary>
public sealed record InferenceEscalationAnswer
{
    /// <summary>The whole program; empty with 502.</summary>
    public required string ImprovedCode { get; init; }

    /// <summary>What the model says of it, or what failed.</summary>
    public required string Explanation { get; init; }

    /// <summary>Model that answered.</summary>
    public string? Model { get; init; }

    /// <summary>Run with the tests; absent without tests.</summary>
    public RunResult? RunResult { get; init; }
}
