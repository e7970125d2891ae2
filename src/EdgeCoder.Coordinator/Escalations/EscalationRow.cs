using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>
/// An escalation (agent-executor-models 7): one for a subtask, for ever. The waterfall works from it alone, so a restart at any point goes on where it
/// was. A subtask that escalates again after a person's context begins a new round of the same row.
/// </summary>
internal sealed class EscalationRow
{
    /// <summary>The subtask; <c>peer:PEER:ID</c> for an escalation that a peer handed over.</summary>
    public required string SubtaskId { get; set; }

    /// <summary>Id of this round; the person's record has it too.</summary>
    public required string EscalationId { get; set; }

    /// <summary>From 1.</summary>
    public required int Round { get; set; }

    /// <summary>The task; for a peer's escalation the id that the peer gave.</summary>
    public required string TaskId { get; set; }

    /// <summary>Peer that handed it over; null when the subtask is ours.</summary>
    public string? OriginPeerId { get; set; }

    /// <summary>JSON array of the peers that it came through.</summary>
    public string? Hops { get; set; }

    /// <summary>Who tried last.</summary>
    public string? AgentId { get; set; }

    /// <summary>Language.</summary>
    public required string Language { get; set; }

    /// <summary>What was asked for.</summary>
    public required string TaskText { get; set; }

    /// <summary>The last code.</summary>
    public required string FailedCode { get; set; }

    /// <summary>JSON array of what went wrong, oldest first.</summary>
    public required string ErrorHistory { get; set; }

    /// <summary>Iterations before the escalation.</summary>
    public required int IterationsAttempted { get; set; }

    /// <summary>Tests to run a candidate with.</summary>
    public string? Tests { get; set; }

    /// <summary>Snapshot.</summary>
    public string? SnapshotRef { get; set; }

    /// <summary>Class that a peer named; null when the subtask is ours and its task says it.</summary>
    public string? DataClass { get; set; }

    /// <summary>pending, processing, completed, failed, pending_human.</summary>
    public required string Status { get; set; }

    /// <summary>Where the waterfall is: see <see cref="EscalationPhase"/>.</summary>
    public required string Phase { get; set; }

    /// <summary>Tries of this phase so far.</summary>
    public int Tries { get; set; }

    /// <summary>How often a back-end that has the work was asked whether it is done.</summary>
    public int Polls { get; set; }

    /// <summary>When the waterfall looks at it again.</summary>
    public required long NextAtMs { get; set; }

    /// <summary>Silo that works on it.</summary>
    public string? ClaimId { get; set; }

    /// <summary>When that claim lapses.</summary>
    public long ClaimUntilMs { get; set; }

    /// <summary>JSON array of the steps done.</summary>
    public required string Attempts { get; set; }

    /// <summary>Best candidate so far; never erased.</summary>
    public string? ImprovedCode { get; set; }

    /// <summary>In words.</summary>
    public string? Explanation { get; set; }

    /// <summary>Whose candidate it is.</summary>
    public string? ResolvedByAgentId { get; set; }

    /// <summary>Model of the candidate.</summary>
    public string? ResolvedByModel { get; set; }

    /// <summary>Peer that was given the work and may hand in its result.</summary>
    public string? GivenTo { get; set; }

    /// <summary>unverified, accepted, rejected, inconclusive.</summary>
    public string? Verification { get; set; }

    /// <summary>When it was stored.</summary>
    public required long CreatedAtMs { get; set; }

    /// <summary>Last change.</summary>
    public required long UpdatedAtMs { get; set; }

    /// <summary>When the callback is sent again; null when there is nothing to send.</summary>
    public long? CallbackAtMs { get; set; }

    /// <summary>Failed callbacks of the present state.</summary>
    public int CallbackTries { get; set; }
}

/// <summary>Where a round of the waterfall is.</summary>
internal static class EscalationPhase
{
    /// <summary>Waits until the subtask has no attempt left or under way.</summary>
    public const string Waiting = "waiting";

    /// <summary>Asks the inference service.</summary>
    public const string Inference = "inference";

    /// <summary>Its candidate enters verification.</summary>
    public const string InferenceOffer = "inference_offer";

    /// <summary>Its candidate is being verified.</summary>
    public const string InferenceVerify = "inference_verify";

    /// <summary>Asks the parent coordinator.</summary>
    public const string Parent = "parent";

    /// <summary>As above.</summary>
    public const string ParentOffer = "parent_offer";

    /// <summary>As above.</summary>
    public const string ParentVerify = "parent_verify";

    /// <summary>Cloud review.</summary>
    public const string Cloud = "cloud";

    /// <summary>Makes the person's record.</summary>
    public const string Human = "human";

    /// <summary>A person has it; nothing to do.</summary>
    public const string HumanWait = "human_wait";

    /// <summary>A person's context starts a new attempt.</summary>
    public const string HumanContext = "human_context";

    /// <summary>A person's code enters verification.</summary>
    public const string HumanOffer = "human_offer";

    /// <summary>A person's code is being verified.</summary>
    public const string HumanVerify = "human_verify";

    /// <summary>A person gave up: the task fails.</summary>
    public const string HumanAbandon = "human_abandon";

    /// <summary>Nothing to do any more.</summary>
    public const string Done = "done";
}

/// <summary>Table <c>escalations</c>.</summary>
internal sealed class EscalationRowConfiguration : IEntityTypeConfiguration<EscalationRow>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<EscalationRow> builder)
    {
        builder.ToTable("escalations");
        builder.HasKey(row => row.SubtaskId);
        builder.HasIndex(row => row.TaskId);
        builder.HasIndex(row => row.NextAtMs);
    }
}
