namespace EdgeCoder.Protocol.Tasks;

/// <summary>Answer of <c>GET /tasks/{id}</c> (coordinator-and-mesh 4.7).</summary>
public sealed record TaskView
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Its state.</summary>
    public required TaskState State { get; init; }

    /// <summary>Why it failed or was cancelled.</summary>
    public string? StateReason { get; init; }

    /// <summary>Who pays.</summary>
    public required string SubmitterAccountId { get; init; }

    /// <summary>Project.</summary>
    public required string ProjectId { get; init; }

    /// <summary>Tenant.</summary>
    public string? TenantId { get; init; }

    /// <summary>Where it may run.</summary>
    public required SharedDataClass DataClass { get; init; }

    /// <summary>Kind.</summary>
    public required SubtaskKind Kind { get; init; }

    /// <summary>Language.</summary>
    public required string Language { get; init; }

    /// <summary>Resource class.</summary>
    public required ResourceClass ResourceClass { get; init; }

    /// <summary>0 to 100.</summary>
    public required int Priority { get; init; }

    /// <summary>Model wished for.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>Snapshot.</summary>
    public string? SnapshotDigest { get; init; }

    /// <summary>When it was stored.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Last change.</summary>
    public required long UpdatedAtMs { get; init; }

    /// <summary>When it became final.</summary>
    public long? FinishedAtMs { get; init; }

    /// <summary>When it fails if unfinished.</summary>
    public long? DeadlineMs { get; init; }

    /// <summary>What it holds and has cost.</summary>
    public required TaskCredits Credits { get; init; }

    /// <summary><c>unverified</c>, <c>audit_overturned</c>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>What it waits for: a reason of <c>explain</c>.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>What was asked for, for its owner alone; in lists its first 200 characters.</summary>
    public string? Prompt { get; init; }

    /// <summary>The frozen check as its owner gave it; absent in lists and for everybody else.</summary>
    public Checks.AcceptanceCheck? AcceptanceCheck { get; init; }

    /// <summary>The subtasks; absent in a list.</summary>
    public IReadOnlyList<SubtaskView>? Subtasks { get; init; }
}

/// <summary>Credits of a task, with three decimals.</summary>
/// <param name="Reserved">Held now.</param>
/// <param name="Posted">Paid.</param>
/// <param name="Voided">Given back.</param>
public sealed record TaskCredits(decimal Reserved, decimal Posted, decimal Voided);

/// <summary>A subtask as its task's owner sees it.</summary>
public sealed record SubtaskView
{
    /// <summary>The subtask.</summary>
    public required string SubtaskId { get; init; }

    /// <summary>0-based position.</summary>
    public required int Index { get; init; }

    /// <summary>Kind.</summary>
    public required SubtaskKind Kind { get; init; }

    /// <summary>State.</summary>
    public required SubtaskState State { get; init; }

    /// <summary>Ids of those it waits for.</summary>
    public required IReadOnlyList<string> DependsOn { get; init; }

    /// <summary>Attempts spent.</summary>
    public required int Attempts { get; init; }

    /// <summary>Most attempts.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>Limit of each run.</summary>
    public required int TimeoutMs { get; init; }

    /// <summary>Deadline of the live lease.</summary>
    public long? LeaseDeadlineMs { get; init; }

    /// <summary>Outcome of the last re-run.</summary>
    public LastVerdict? LastVerdict { get; init; }

    /// <summary>Last change.</summary>
    public required long UpdatedAtMs { get; init; }
}

/// <summary>Outcome of a re-run, in short.</summary>
public sealed record LastVerdict(Verdicts.VerdictKind Verdict, string ReasonCode);

/// <summary>Answer of <c>GET /tasks</c>.</summary>
public sealed record TaskList(IReadOnlyList<TaskView> Tasks, string? NextCursor);

/// <summary>Answer of <c>GET /tasks/{id}/result</c>; before the end only <see cref="TaskId"/> and <see cref="State"/>, with 202.</summary>
public sealed record TaskResult
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Its state.</summary>
    public required TaskState State { get; init; }

    /// <summary>Why it is not completed.</summary>
    public string? StateReason { get; init; }

    /// <summary>Whether every part was accepted.</summary>
    public bool? Ok { get; init; }

    /// <summary>Accepted outputs by position.</summary>
    public IReadOnlyList<SubtaskOutput>? Outputs { get; init; }

    /// <summary>Patch of all accepted patches in order: a blob.</summary>
    public string? PatchDigest { get; init; }

    /// <summary>Sum of the verifier's own counts.</summary>
    public Results.TestCounts? TestReport { get; init; }

    /// <summary>The signed verdicts, as their exact bytes in base64.</summary>
    public IReadOnlyList<string>? Verdicts { get; init; }

    /// <summary>Where the receipts are, below the coordinator's address; they come with the log's next checkpoint (economy-and-ledger 11).</summary>
    public IReadOnlyList<string>? Receipts { get; init; }

    /// <summary><c>unverified</c>, <c>audit_overturned</c>.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>What was paid, with three decimals.</summary>
    public decimal? CreditsSpent { get; init; }
}

/// <summary>An accepted output.</summary>
public sealed record SubtaskOutput(string SubtaskId, int Index, string Output)
{
    /// <summary>The model that made it, as its agent claims; absent where it named none.</summary>
    public Results.ModelClaim? Model { get; init; }
}

/// <summary>Answer of <c>GET /tasks/{id}/subtasks/{sid}/result</c>.</summary>
public sealed record SubtaskResult(SubtaskState State, string? Output, bool? Ok, decimal CreditsSpent);

/// <summary>Body of <c>POST /tasks/{id}/cancel</c>.</summary>
public sealed record CancelRequest(string? Reason);

/// <summary>An event of <c>GET /tasks/{id}/events</c>; <see cref="Sequence"/> is the SSE id and has no gaps.</summary>
public sealed record TaskEvent(long Sequence, string Type, long AtMs, System.Text.Json.JsonElement Data);

/// <summary>Answer of <c>GET /tasks/{id}/explain</c>: never empty for what waits, always true.</summary>
public sealed record TaskExplanation(string TaskId, TaskState State, string? WaitingFor, string Message, IReadOnlyList<SubtaskExplanation> Subtasks);

/// <summary>Why a subtask is where it is.</summary>
public sealed record SubtaskExplanation
{
    /// <summary>The subtask.</summary>
    public required string SubtaskId { get; init; }

    /// <summary>State.</summary>
    public required SubtaskState State { get; init; }

    /// <summary>Stable reason.</summary>
    public required string Reason { get; init; }

    /// <summary>For a person, with the next step.</summary>
    public required string Message { get; init; }

    /// <summary>Agents that could take it now.</summary>
    public required int Eligible { get; init; }

    /// <summary>Agents that cannot, by the first rule that excluded them.</summary>
    public required IReadOnlyList<Exclusion> Excluded { get; init; }

    /// <summary>One by one; for operators only.</summary>
    public IReadOnlyList<AgentExclusion>? Agents { get; init; }
}

/// <summary>How many agents a rule excluded.</summary>
public sealed record Exclusion(string Rule, int Count, string Message);

/// <summary>The first rule that excluded one agent.</summary>
public sealed record AgentExclusion(string AgentId, string Rule, string Message);

/// <summary>Answer of <c>GET /agents/{id}/explain</c>.</summary>
public sealed record AgentExplanation(string AgentId, string Status, bool CanLease, string? Rule, string Message, int FreeSlots, IReadOnlyList<AgentSubtaskRule> Subtasks);

/// <summary>Why an agent does not get a waiting subtask.</summary>
public sealed record AgentSubtaskRule(string SubtaskId, string Rule);
