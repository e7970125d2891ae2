using EdgeCoder.Agent.Approvals;

namespace EdgeCoder.Agent.Repositories;

/// <summary>How a session works in a repository; the requests come as prompts.</summary>
public sealed record RepositoryTask
{
    /// <summary>The project's root: an existing directory that a person has trusted once.</summary>
    public required string Root { get; init; }

    /// <summary>Id of the new session, a UUID that no other has, where somebody had to name it before it begins (an editor); absent: drawn.</summary>
    public string? SessionId { get; init; }

    /// <summary><c>local</c> (default), <c>team</c> or <c>mesh</c>: where the work may run. It narrows with what is read and never widens.</summary>
    public string DataClass { get; init; } = "local";

    /// <summary>What is allowed without asking.</summary>
    public ApprovalMode Mode { get; init; } = ApprovalMode.WorkspaceWrite;

    /// <summary>Whether the person's uncommitted changes are carried into the worktree as its base.</summary>
    public bool CarryUncommitted { get; init; }

    /// <summary>Test command that the person named, instead of a detected one.</summary>
    public IReadOnlyList<string>? TestCommand { get; init; }

    /// <summary>Files, as globs relative to the root, that may not be changed: a change of one is no success.</summary>
    public IReadOnlyList<string> Protected { get; init; } = [];

    /// <summary>Denied files that the person opened for this session, as exact paths relative to the root.</summary>
    public IReadOnlyList<string> AllowedSecrets { get; init; } = [];

    /// <summary>MCP servers that the editor of this session gave, besides those that are listed; not stored, because variables of theirs may be secret.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<Mcp.McpServerEntry> EditorServers { get; init; } = [];

    /// <summary>Most model calls of one prompt. Default 20, 1 to 1,000.</summary>
    public int MaxSteps { get; init; } = 20;

    /// <summary>Most tokens of one prompt, read and written together; absent: not limited.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>Most wall time of one prompt; absent: not limited. Waiting for a person does not count.</summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>Most wall time of one command or one run of the tests; absent: 10 minutes.</summary>
    public TimeSpan? RunTime { get; init; }

    /// <summary>Whether old tool output is summarised when the window fills. Default yes.</summary>
    public bool Compaction { get; init; } = true;

    /// <summary>Seed from which the seeds of all calls are derived; absent: drawn at the start and kept in the journal.</summary>
    public long? Seed { get; init; }
}
