using System.Text.Json.Serialization;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Protocol;

namespace EdgeCoder.Agent.Approvals;

/// <summary>What is allowed without asking.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ApprovalMode>))]
public enum ApprovalMode
{
    /// <summary>Reading; everything else is asked for.</summary>
    ReadOnly,

    /// <summary>Reading, writing in the worktree, <c>run_tests</c> and what rules allow. The default.</summary>
    WorkspaceWrite,

    /// <summary>All of these and every command; network by the list of hosts. The sandbox stays.</summary>
    Full,
}

/// <summary>Somebody who can be asked. The other side is a person: at a terminal, in an editor, or nobody.</summary>
public interface IApprover
{
    /// <summary>Asks. A cancellation, a closed connection and the time-out (5 minutes) are <see cref="ApprovalAnswer.Expired"/> or a throw of the cancellation.</summary>
    Task<ApprovalAnswer> AskAsync(ApprovalRequest request, CancellationToken cancellationToken);
}

/// <summary>An answer.</summary>
public enum ApprovalAnswer
{
    /// <summary>This once.</summary>
    Once,

    /// <summary>For this rule, until the session ends.</summary>
    Session,

    /// <summary>For this rule, in this project from now on.</summary>
    Always,

    /// <summary>No.</summary>
    Denied,

    /// <summary>Nobody answered.</summary>
    Expired,
}

/// <summary>What somebody is asked.</summary>
public sealed record ApprovalRequest
{
    /// <summary>Unguessable id, used once.</summary>
    public required string Id { get; init; }

    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>Id of the tool call.</summary>
    public required string CallId { get; init; }

    /// <summary>Exactly what will be done.</summary>
    public required ToolAction Action { get; init; }

    /// <summary>SHA-256 of <see cref="Action"/>; the answer holds for it alone.</summary>
    public required string ActionHash { get; init; }

    /// <summary>Why somebody is asked, for a person.</summary>
    public required string Reason { get; init; }

    /// <summary>The rule that "session" and "always" would add, in words; absent when no rule can stand for the action (a compound command).</summary>
    public string? Rule { get; init; }

    /// <summary>When it is too late, epoch milliseconds.</summary>
    public required long ExpiresAtMs { get; init; }
}
