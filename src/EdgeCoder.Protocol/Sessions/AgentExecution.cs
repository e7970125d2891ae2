using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Protocol.Sessions;

/// <summary>How a session ended.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SessionOutcome>))]
public enum SessionOutcome
{
    /// <summary>Every counted test passed and at least one ran.</summary>
    Succeeded,

    /// <summary>No test was possible.</summary>
    Unverified,

    /// <summary>It did not get there.</summary>
    Failed,

    /// <summary>Handed on.</summary>
    Escalated,

    /// <summary>A person stopped it.</summary>
    Cancelled,

    /// <summary>The budget ended it.</summary>
    BudgetExhausted,
}

/// <summary>How far the result can be trusted.</summary>
[JsonConverter(typeof(VerificationConverter))]
public enum Verification
{
    /// <summary>Nothing ran.</summary>
    Unverified,

    /// <summary>Only tests that the model wrote.</summary>
    SelfTested,

    /// <summary>The project's or the person's own tests.</summary>
    ProjectTested,

    /// <summary>A verdict: accepted.</summary>
    Accepted,

    /// <summary>A verdict: rejected.</summary>
    Rejected,

    /// <summary>A verdict: inconclusive.</summary>
    Inconclusive,
}

/// <summary>Writes <see cref="Verification"/> with hyphens, as documented.</summary>
public sealed class VerificationConverter() : JsonStringEnumConverter<Verification>(System.Text.Json.JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>Why work is handed on.</summary>
[JsonConverter(typeof(SnakeCaseEnum<EscalationReason>))]
public enum EscalationReason
{
    /// <summary>Outside the subset twice in a row.</summary>
    OutsideSubset,

    /// <summary>Time limit twice in a row.</summary>
    Timeout,

    /// <summary>Memory limit twice in a row.</summary>
    MemoryLimit,

    /// <summary>Output limit twice in a row.</summary>
    OutputLimit,

    /// <summary>The model cannot do it: window too small, refusal, nothing but empty or malformed replies.</summary>
    ModelLimit,

    /// <summary>A person asked for it.</summary>
    Manual,

    /// <summary>All iterations used.</summary>
    MaxIterationsExhausted,

    /// <summary>The same code or the same failure for the third time.</summary>
    NoProgress,

    /// <summary>The budget ended it.</summary>
    BudgetExhausted,

    /// <summary>The model went away.</summary>
    ModelUnavailable,
}

/// <summary>The model that answered.</summary>
public sealed record ModelIdentity
{
    /// <summary>Model id.</summary>
    public required string Id { get; init; }

    /// <summary><c>edgecoder-local</c>, <c>ollama-local</c> or <c>openai-compatible</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Digest of its weights, <c>sha256:…</c>; <c>unpinned</c> where the server names none.</summary>
    public required string Digest { get; init; }

    /// <summary>Quantization, where known.</summary>
    public string? Quantization { get; init; }

    /// <summary>Largest context, in tokens, that was proven or stated for it.</summary>
    public int? ProvenContext { get; init; }
}

/// <summary>Counts of a session.</summary>
public sealed record SessionUsage
{
    /// <summary>Tokens read by the model.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Tokens written by the model.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>Calls of the model.</summary>
    public int ModelCalls { get; init; }

    /// <summary>Calls of tools.</summary>
    public int ToolCalls { get; init; }

    /// <summary>Wall time, in milliseconds.</summary>
    public long WallMs { get; init; }

    /// <summary>Of which the program itself took: neither model nor sandbox. In milliseconds.</summary>
    public long OwnMs { get; init; }
}

/// <summary>One turn of the loop.</summary>
public sealed record IterationRecord
{
    /// <summary>From 1.</summary>
    public required int Iteration { get; init; }

    /// <summary><c>plan</c>, <c>tests</c>, <c>code</c> or <c>reflect</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>The plan at that time.</summary>
    public IReadOnlyList<PlanStep>? Plan { get; init; }

    /// <summary>The code of this turn.</summary>
    public string? Code { get; init; }

    /// <summary>What running it gave.</summary>
    public RunResult? RunResult { get; init; }

    /// <summary>The test files' text of this turn, when the model wrote them.</summary>
    public string? Tests { get; init; }

    /// <summary>Version of the prompt.</summary>
    public required string PromptVersion { get; init; }

    /// <summary>SHA-256 of the prompt that was sent, lower-case hex.</summary>
    public required string PromptHash { get; init; }

    /// <summary>Sampling seed.</summary>
    public long? Seed { get; init; }

    /// <summary>Counts of this turn.</summary>
    public SessionUsage? Usage { get; init; }

    /// <summary>What the loop noted: feedback, refusal, revision reason.</summary>
    public string? Note { get; init; }
}

/// <summary>Everything about one session.</summary>
public sealed record AgentExecution
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The task it worked for, where there is one.</summary>
    public string? TaskId { get; init; }

    /// <summary>The plan at the end.</summary>
    public required IReadOnlyList<PlanStep> Plan { get; init; }

    /// <summary>Language of the snippet.</summary>
    public string? Language { get; init; }

    /// <summary>The code asked for; never the program's output.</summary>
    public string? GeneratedCode { get; init; }

    /// <summary>The change of a repository as a unified diff with git's extensions, from the base to the last save point; computed from the trees.</summary>
    public string? Patch { get; init; }

    /// <summary>The project's root, of repository work.</summary>
    public string? Root { get; init; }

    /// <summary>The last report of the project's tests.</summary>
    public TestReport? TestReport { get; init; }

    /// <summary>The last run.</summary>
    public RunResult? RunResult { get; init; }

    /// <summary>The tests' text.</summary>
    public string? Tests { get; init; }

    /// <summary><c>acceptance</c>, <c>project</c> or <c>model</c>.</summary>
    public string? TestsBy { get; init; }

    /// <summary>Turns of code that were run.</summary>
    public required int Iterations { get; init; }

    /// <summary>All turns.</summary>
    public required IReadOnlyList<IterationRecord> History { get; init; }

    /// <summary>How it ended.</summary>
    public required SessionOutcome Outcome { get; init; }

    /// <summary>Why it did not succeed, for a person; absent when it did.</summary>
    public string? OutcomeMessage { get; init; }

    /// <summary>Whether the work was handed on.</summary>
    public required bool Escalated { get; init; }

    /// <summary>Why it was or would be handed on.</summary>
    public EscalationReason? EscalationReason { get; init; }

    /// <summary>The model; absent when none answered.</summary>
    public ModelIdentity? Model { get; init; }

    /// <summary>Where it ran.</summary>
    public required RanOn RanOn { get; init; }

    /// <summary><c>local</c>, <c>team</c> or <c>mesh</c>.</summary>
    public required string DataClass { get; init; }

    /// <summary>What left the machine; empty when nothing did.</summary>
    public required IReadOnlyList<string> Egress { get; init; }

    /// <summary>How far the result can be trusted.</summary>
    public required Verification Verification { get; init; }

    /// <summary>Counts.</summary>
    public required SessionUsage Usage { get; init; }
}
