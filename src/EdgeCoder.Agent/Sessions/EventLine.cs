using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>One stored event: exactly one of its members.</summary>
internal sealed record EventLine : ILine
{
    public StatusEvent? Status { get; init; }

    public TextEvent? Text { get; init; }

    public PlanEvent? Plan { get; init; }

    public CodeEvent? Code { get; init; }

    public RunResultEvent? RunResult { get; init; }

    public TestReportEvent? TestReport { get; init; }

    public PromptEvent? Prompt { get; init; }

    public ToolCallEvent? ToolCall { get; init; }

    public ToolResultEvent? ToolResult { get; init; }

    public ApprovalEvent? Approval { get; init; }

    public ShellRequestEvent? ShellRequest { get; init; }

    public ShellOutputEvent? ShellOutput { get; init; }

    public DiffEvent? Diff { get; init; }

    public SavePointEvent? SavePoint { get; init; }

    public UsageEvent? Usage { get; init; }

    public EscalationEvent? Escalation { get; init; }

    public ErrorEvent? Error { get; init; }

    public DoneEvent? Done { get; init; }

    /// <summary>The member that is there.</summary>
    [JsonIgnore]
    public SessionEvent? Event =>
        (SessionEvent?)Status ?? (SessionEvent?)Text ?? (SessionEvent?)Plan
        ?? (SessionEvent?)Code ?? (SessionEvent?)RunResult ?? (SessionEvent?)TestReport ?? (SessionEvent?)Usage
        ?? (SessionEvent?)Prompt ?? (SessionEvent?)ToolCall ?? (SessionEvent?)ToolResult ?? (SessionEvent?)Approval
        ?? (SessionEvent?)ShellRequest ?? (SessionEvent?)ShellOutput ?? (SessionEvent?)Diff ?? (SessionEvent?)SavePoint
        ?? (SessionEvent?)Escalation ?? (SessionEvent?)Error ?? Done;

    /// <inheritdoc/>
    [JsonIgnore]
    public bool IsWhole => Event is not null;

    /// <summary>The line of an event.</summary>
    public static EventLine Of(SessionEvent @event) => @event switch
    {
        StatusEvent e => new() { Status = e },
        TextEvent e => new() { Text = e },
        PlanEvent e => new() { Plan = e },
        CodeEvent e => new() { Code = e },
        RunResultEvent e => new() { RunResult = e },
        TestReportEvent e => new() { TestReport = e },
        PromptEvent e => new() { Prompt = e },
        ToolCallEvent e => new() { ToolCall = e },
        ToolResultEvent e => new() { ToolResult = e },
        ApprovalEvent e => new() { Approval = e },
        ShellRequestEvent e => new() { ShellRequest = e },
        ShellOutputEvent e => new() { ShellOutput = e },
        DiffEvent e => new() { Diff = e },
        SavePointEvent e => new() { SavePoint = e },
        UsageEvent e => new() { Usage = e },
        EscalationEvent e => new() { Escalation = e },
        ErrorEvent e => new() { Error = e },
        DoneEvent e => new() { Done = e },
        _ => throw new ArgumentOutOfRangeException(nameof(@event), @event, "Not an event that is stored."),
    };
}
