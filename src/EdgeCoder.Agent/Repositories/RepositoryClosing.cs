using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>How a prompt ended, as events. Pure.</summary>
internal static class RepositoryClosing
{
    /// <summary>The whole change, what stopped it, and <c>done</c>.</summary>
    public static IReadOnlyList<SessionEvent> Events(BeginRecord begin, string root, SessionEnd end, RepositoryProgress progress, SessionUsage usage, IReadOnlyList<FileChange> changes, string? patch, bool onThisMachine)
    {
        var events = new List<SessionEvent>();
        events.AddRange(changes.Select(c => DiffEvents.Of(DiffEvents.Review, c)));
        if (end.ErrorCode is { } code)
        {
            events.Add(new ErrorEvent { Code = code, Message = end.Message ?? code, Hint = end.Hint });
        }

        if (end.Reason is { } reason)
        {
            events.Add(new EscalationEvent { State = "not_sent", Reason = reason, Message = WhyNotSent(progress.DataClass) });
        }

        var execution = Execution(begin, root, end, progress, usage, patch, onThisMachine);
        events.Add(new DoneEvent { Outcome = execution.Outcome, Verification = execution.Verification, Usage = usage, Execution = execution });
        return events;
    }

    private static string WhyNotSent(string dataClass) => DataClasses.MayLeave(dataClass)
        ? $"The work was not handed on: its class is {dataClass}, but no other model or reviewer is configured."
        : "The work was not handed on: its class is local, so it may not leave this machine. A stronger local model may do it.";

    private static AgentExecution Execution(BeginRecord begin, string root, SessionEnd end, RepositoryProgress progress, SessionUsage usage, string? patch, bool onThisMachine) => new()
    {
        SessionId = begin.SessionId,
        Plan = end.Outcome == SessionOutcome.Failed ? [.. progress.Plan.Select(s => s with { Status = PlanStepStatus.Failed })] : progress.Plan,
        Patch = string.IsNullOrEmpty(patch) ? null : patch,
        Root = root,
        TestReport = progress.LastReport,
        TestsBy = progress.LastReport is null ? null : begin.Repository!.TestCommand is null ? "project" : "acceptance",
        Iterations = progress.TestRuns,
        History = progress.History,
        Outcome = end.Outcome,
        OutcomeMessage = end.Message,
        Escalated = false,
        EscalationReason = end.Reason,
        Model = begin.Model,
        RanOn = new RanOn { Kind = "this-machine", SandboxBackend = progress.Sandbox?.Backend, SandboxDigest = progress.Sandbox?.Digest },
        DataClass = progress.DataClass,
        Egress = onThisMachine || usage.ModelCalls == 0
            ? []
            : [$"prompts with the request, the repository map, rules, files that were read, tool results and test output, to {begin.Model.Id} ({begin.Model.Provider})"],
        Verification = end.Outcome == SessionOutcome.Succeeded ? Verification.ProjectTested : Verification.Unverified,
        Usage = usage,
    };
}
