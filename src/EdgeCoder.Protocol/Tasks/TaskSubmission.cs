using EdgeCoder.Protocol.Checks;

namespace EdgeCoder.Protocol.Tasks;

/// <summary>Limits of one attempt.</summary>
public sealed record AttemptLimits
{
    /// <summary>Most model calls (repository) or iterations (snippet).</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Most tokens, read and written together.</summary>
    public long? MaxTokens { get; init; }
}

/// <summary>Body of <c>POST /tasks</c> and <c>POST /submit</c> (coordinator-and-mesh 4.1).</summary>
public sealed record TaskSubmission
{
    /// <summary>Idempotency key, chosen by the client: see <see cref="Identifiers.ClientId"/>.</summary>
    public string? TaskId { get; init; }

    /// <summary>The request, 1 to 262,144 bytes of UTF-8.</summary>
    public string? Prompt { get; init; }

    /// <summary><c>python</c> (default) or <c>javascript</c>; a free label for <see cref="SubtaskKind.RepoChange"/>.</summary>
    public string? Language { get; init; }

    /// <summary>Default <see cref="SubtaskKind.MicroLoop"/>.</summary>
    public SubtaskKind? Kind { get; init; }

    /// <summary>Default <see cref="TaskPlan.Given"/> with <see cref="Subtasks"/>, else <see cref="TaskPlan.Auto"/>.</summary>
    public TaskPlan? Plan { get; init; }

    /// <summary><c>sha256:</c> and 64 hex digits (a blob), a commit of 40 hex digits, or an https address. Required for <see cref="SubtaskKind.RepoChange"/>.</summary>
    public string? SnapshotRef { get; init; }

    /// <summary>Where the snapshot is, when <see cref="SnapshotRef"/> is a commit.</summary>
    public string? SnapshotUrl { get; init; }

    /// <summary>What the snapshot's bytes hash to.</summary>
    public string? SnapshotSha256 { get; init; }

    /// <summary>Account that pays; the caller must belong to it. Absent: the only account of the caller.</summary>
    public string? SubmitterAccountId { get; init; }

    /// <summary>Default <c>default</c>.</summary>
    public string? ProjectId { get; init; }

    /// <summary>Tenant of the caller; forces <see cref="SandboxRequired"/>.</summary>
    public string? TenantId { get; init; }

    /// <summary>Default <c>team</c>. As text, so that <c>local</c> is refused with its own code.</summary>
    public string? DataClass { get; init; }

    /// <summary>Default <see cref="Tasks.ResourceClass.Cpu"/>.</summary>
    public ResourceClass? ResourceClass { get; init; }

    /// <summary>0 to 100, default 50.</summary>
    public int? Priority { get; init; }

    /// <summary>Model wished for, or demanded with <see cref="ModelRequired"/>.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>Whether only <see cref="RequestedModel"/> will do.</summary>
    public bool? ModelRequired { get; init; }

    /// <summary>Whether an agent without a proven sandbox is excluded, also for text.</summary>
    public bool? SandboxRequired { get; init; }

    /// <summary>What decides. Absent: the result is labelled unverified.</summary>
    public AcceptanceCheck? AcceptanceCheck { get; init; }

    /// <summary>Per attempt.</summary>
    public AttemptLimits? Limits { get; init; }

    /// <summary>1 to 10, default 3.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>When an unfinished task fails.</summary>
    public long? DeadlineMs { get; init; }

    /// <summary>Most credits, at most three decimals.</summary>
    public decimal? MaxCredits { get; init; }

    /// <summary>Grant of the submitter's policy for cloud review. Default no.</summary>
    public bool? AllowCloudReview { get; init; }

    /// <summary>At most 200.</summary>
    public IReadOnlyList<SubtaskSubmission>? Subtasks { get; init; }
}

/// <summary>One subtask of a given plan.</summary>
public sealed record SubtaskSubmission
{
    /// <summary>The request.</summary>
    public string? Prompt { get; init; }

    /// <summary>Name by which others depend on it.</summary>
    public string? Key { get; init; }

    /// <summary>Default: the task's.</summary>
    public string? Language { get; init; }

    /// <summary>Default: the task's.</summary>
    public SubtaskKind? Kind { get; init; }

    /// <summary>Keys or 0-based indexes.</summary>
    public IReadOnlyList<SubtaskReference>? DependsOn { get; init; }

    /// <summary>Limit of each run, 1,000 to 600,000. Default as for a plan: <c>min(5000 + ⌊length/50⌋·1000, 60000)</c>.</summary>
    public int? TimeoutMs { get; init; }

    /// <summary>Limit of the attempt, 10,000 to 7,200,000. Default clamp(20 × timeoutMs, 120,000, 1,800,000).</summary>
    public int? AttemptTimeoutMs { get; init; }

    /// <summary>Default: the task's.</summary>
    public AttemptLimits? Limits { get; init; }

    /// <summary>Default: the task's.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Default: the task's.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>Default: the task's, when there is one subtask.</summary>
    public AcceptanceCheck? AcceptanceCheck { get; init; }
}

/// <summary>Answer to a submission.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="State">Its state.</param>
/// <param name="Subtasks">Ids, runnable ones first.</param>
public sealed record TaskAccepted(string TaskId, TaskState State, IReadOnlyList<string> Subtasks);
