using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Escalations;

/// <summary>Where an escalation is (agent-executor-models 7.2).</summary>
[JsonConverter(typeof(SnakeCaseEnum<EscalationStatus>))]
public enum EscalationStatus
{
    /// <summary>Stored; no step of the waterfall has begun.</summary>
    Pending,

    /// <summary>A step works, or its candidate is being verified.</summary>
    Processing,

    /// <summary>A candidate was accepted. Final.</summary>
    Completed,

    /// <summary>Nothing will come of it. Final.</summary>
    Failed,

    /// <summary>A person decides.</summary>
    PendingHuman,
}

/// <summary>Where a person's record is.</summary>
[JsonConverter(typeof(SnakeCaseEnum<HumanEscalationStatus>))]
public enum HumanEscalationStatus
{
    /// <summary>Waits for an answer.</summary>
    PendingHuman,

    /// <summary>Answered: context starts a new attempt, or edited code is being verified.</summary>
    HumanResponded,

    /// <summary>The edited code was accepted. Final.</summary>
    Resolved,

    /// <summary>The person gave up; the task failed. Final.</summary>
    Abandoned,
}

/// <summary>What a person does with an escalation.</summary>
[JsonConverter(typeof(SnakeCaseEnum<EscalationAction>))]
public enum EscalationAction
{
    /// <summary>More context: a new attempt.</summary>
    ProvideContext,

    /// <summary>Code by hand: a candidate, verified like any.</summary>
    EditCode,

    /// <summary>The task fails and its reservation is voided.</summary>
    Abandon,
}

/// <summary>A step of the waterfall (agent-executor-models 7.1).</summary>
[JsonConverter(typeof(SnakeCaseEnum<EscalationStep>))]
public enum EscalationStep
{
    /// <summary>1: the inference service of the same operator.</summary>
    [JsonStringEnumMemberName("inference-service")]
    InferenceService,

    /// <summary>2: the parent coordinator.</summary>
    [JsonStringEnumMemberName("parent-coordinator")]
    ParentCoordinator,

    /// <summary>3: cloud review.</summary>
    [JsonStringEnumMemberName("cloud-inference")]
    CloudInference,

    /// <summary>4: a person.</summary>
    [JsonStringEnumMemberName("human")]
    Human,
}
