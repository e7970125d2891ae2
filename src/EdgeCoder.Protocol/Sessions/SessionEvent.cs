using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Protocol.Sessions;

/// <summary>One event of a session. The same stream serves the terminal, <c>--json</c>, SSE, MCP and ACP.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StatusEvent), "status")]
[JsonDerivedType(typeof(TextEvent), "text")]
[JsonDerivedType(typeof(PlanEvent), "plan")]
[JsonDerivedType(typeof(CodeEvent), "code")]
[JsonDerivedType(typeof(RunResultEvent), "run_result")]
[JsonDerivedType(typeof(TestReportEvent), "test_report")]
[JsonDerivedType(typeof(PromptEvent), "prompt")]
[JsonDerivedType(typeof(ToolCallEvent), "tool_call")]
[JsonDerivedType(typeof(ToolResultEvent), "tool_result")]
[JsonDerivedType(typeof(ApprovalEvent), "approval")]
[JsonDerivedType(typeof(ShellRequestEvent), "shell_request")]
[JsonDerivedType(typeof(ShellOutputEvent), "shell_output")]
[JsonDerivedType(typeof(DiffEvent), "diff")]
[JsonDerivedType(typeof(SavePointEvent), "save_point")]
[JsonDerivedType(typeof(ReviewEvent), "review")]
[JsonDerivedType(typeof(UsageEvent), "usage")]
[JsonDerivedType(typeof(EscalationEvent), "escalation")]
[JsonDerivedType(typeof(ErrorEvent), "error")]
[JsonDerivedType(typeof(DoneEvent), "done")]
public abstract record SessionEvent
{
    /// <summary>Position in the session's stream, from 1, without gaps.</summary>
    public long Seq { get; init; }

    /// <summary>The session.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>Epoch milliseconds.</summary>
    public long AtMs { get; init; }
}

/// <summary>What the session is doing now.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SessionState>))]
public enum SessionState
{
    /// <summary>Asking for a plan.</summary>
    Planning,

    /// <summary>Asking for tests.</summary>
    WritingTests,

    /// <summary>Asking for code.</summary>
    Coding,

    /// <summary>Running code in the sandbox.</summary>
    Testing,

    /// <summary>Reading the result and writing feedback.</summary>
    Observing,

    /// <summary>Loading or waiting for the model.</summary>
    WaitingModel,

    /// <summary>Waiting for a person.</summary>
    WaitingApproval,

    /// <summary>Handing the work on.</summary>
    Escalating,
}

/// <summary>Where work ran.</summary>
public sealed record RanOn
{
    /// <summary><c>this-machine</c>, <c>agent</c> or <c>cloud</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Node, when it was an agent.</summary>
    public string? NodeId { get; init; }

    /// <summary>Isolation back-end.</summary>
    public string? SandboxBackend { get; init; }

    /// <summary>Digest of the sandbox.</summary>
    public string? SandboxDigest { get; init; }
}

/// <summary>What is left of the budget.</summary>
public sealed record BudgetLeft
{
    /// <summary>Model calls left.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens left; absent when not limited.</summary>
    public long? Tokens { get; init; }

    /// <summary>Seconds left; absent when not limited.</summary>
    public double? Seconds { get; init; }
}

/// <summary>The session moved to another state.</summary>
public sealed record StatusEvent : SessionEvent
{
    /// <summary>The state.</summary>
    public required SessionState State { get; init; }

    /// <summary>One line for a person.</summary>
    public required string Message { get; init; }

    /// <summary>Where it runs.</summary>
    public RanOn? RanOn { get; init; }

    /// <summary>What is left of the budget.</summary>
    public BudgetLeft? BudgetLeft { get; init; }
}

/// <summary>A piece of the model's text as it arrives.</summary>
public sealed record TextEvent : SessionEvent
{
    /// <summary>The piece.</summary>
    public required string Content { get; init; }
}

/// <summary>State of one step of the plan.</summary>
[JsonConverter(typeof(SnakeCaseEnum<PlanStepStatus>))]
public enum PlanStepStatus
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>Being done.</summary>
    InProgress,

    /// <summary>Done.</summary>
    Completed,

    /// <summary>Given up.</summary>
    Failed,
}

/// <summary>One step of the plan.</summary>
public sealed record PlanStep
{
    /// <summary>From 1.</summary>
    public required int Index { get; init; }

    /// <summary>What is to be done.</summary>
    public required string Description { get; init; }

    /// <summary>How far it is.</summary>
    public required PlanStepStatus Status { get; init; }
}

/// <summary>The plan, whole, whenever it changes.</summary>
public sealed record PlanEvent : SessionEvent
{
    /// <summary>The steps, in order.</summary>
    public required IReadOnlyList<PlanStep> Steps { get; init; }
}

/// <summary>What a <see cref="CodeEvent"/> holds.</summary>
[JsonConverter(typeof(SnakeCaseEnum<CodeKind>))]
public enum CodeKind
{
    /// <summary>The program.</summary>
    Code,

    /// <summary>Its tests.</summary>
    Tests,
}

/// <summary>A complete version of the code or of the tests.</summary>
public sealed record CodeEvent : SessionEvent
{
    /// <summary>Code or tests.</summary>
    public required CodeKind Kind { get; init; }

    /// <summary>Iteration, from 1; tests that came before the code have 0.</summary>
    public required int Iteration { get; init; }

    /// <summary>Language.</summary>
    public required string Language { get; init; }

    /// <summary>File name.</summary>
    public required string File { get; init; }

    /// <summary>The text.</summary>
    public required string Content { get; init; }

    /// <summary>Who wrote it: <c>model</c>, <c>acceptance</c> or <c>project</c>.</summary>
    public required string By { get; init; }
}

/// <summary>A run ended.</summary>
public sealed record RunResultEvent : SessionEvent
{
    /// <summary>Iteration, from 1.</summary>
    public required int Iteration { get; init; }

    /// <summary>What it gave.</summary>
    public required RunResult Result { get; init; }
}

/// <summary>The tests ended.</summary>
public sealed record TestReportEvent : SessionEvent
{
    /// <summary>Iteration, from 1.</summary>
    public required int Iteration { get; init; }

    /// <summary>The report.</summary>
    public required TestReport Report { get; init; }
}

/// <summary>Counts so far.</summary>
public sealed record UsageEvent : SessionEvent
{
    /// <summary>The counts.</summary>
    public required SessionUsage Usage { get; init; }
}

/// <summary>The work is handed on, or would have been.</summary>
public sealed record EscalationEvent : SessionEvent
{
    /// <summary><c>not_sent</c> or a state of the escalation.</summary>
    public required string State { get; init; }

    /// <summary>Why.</summary>
    public required EscalationReason Reason { get; init; }

    /// <summary>One line for a person: what happened to it.</summary>
    public required string Message { get; init; }
}

/// <summary>Something stopped the session or a step of it.</summary>
public sealed record ErrorEvent : SessionEvent
{
    /// <summary>Stable code, for instance <c>no_model_available</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What happened.</summary>
    public required string Message { get; init; }

    /// <summary>What to do next.</summary>
    public string? Hint { get; init; }
}

/// <summary>The last event of a session.</summary>
public sealed record DoneEvent : SessionEvent
{
    /// <summary>How it ended.</summary>
    public required SessionOutcome Outcome { get; init; }

    /// <summary>How far the result can be trusted.</summary>
    public required Verification Verification { get; init; }

    /// <summary>Counts.</summary>
    public required SessionUsage Usage { get; init; }

    /// <summary>Everything about the session.</summary>
    public required AgentExecution Execution { get; init; }
}
