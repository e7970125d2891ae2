using System.Threading.Channels;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Subset;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Snippets;

/// <summary>One session from its journal to its last event.</summary>
internal sealed class SnippetSession(SessionJournal journal, AgentModel model, ICodeExecutor executor, ChannelWriter<SessionEvent> reader, TimeProvider time)
{
    private readonly BeginRecord _begin = journal.Begin;
    private readonly SnippetProgress _progress = new();
    private readonly SessionMeter _meter = new(BudgetOf(journal.Begin.Snippet), journal.Elapsed, time);
    private readonly SessionEvents _events = new(reader, journal, journal.Begin.SessionId, time);

    /// <summary>What left this machine: a model elsewhere has seen every prompt.</summary>
    private IReadOnlyList<string> Egress => model.OnThisMachine || _meter.Usage.ModelCalls == 0
        ? []
        : [$"prompts with the request, tests, code and their output, to {model.Identity.Id} ({model.Identity.Provider})"];

    /// <summary>Runs the session to its end and tells it, whatever happens.</summary>
    public async Task DriveAsync(CancellationToken cancellationToken)
    {
        if (journal.End is { Resumable: false } ended)
        {
            // It ended for good; a crash may have come before its last events were told.
            _events.Close([.. ended.Events.Select(l => l.Event!).Where(e => journal.StoredEvents.All(s => s.Seq != e.Seq))]);
            return;
        }

        var end = await RunAsync(cancellationToken).ConfigureAwait(false);
        var closing = _events.Number(Closing(_begin, end, _progress, _meter.Usage, Egress));
        try
        {
            journal.Finish(new EndRecord { Resumable = end.Resumable, Events = [.. closing.Select(EventLine.Of)] });
            _events.Close(closing);
        }
        catch (SessionStoreException fault)
        {
            _events.StopStoring();
            _events.Close(end.ErrorCode is null ? _events.Number(Closing(_begin, Unkept(end, fault), _progress, _meter.Usage, Egress)) : closing);
        }
    }

    /// <summary>Tells a session that never began.</summary>
    public static void TellRefusal(BeginRecord begin, SessionEnd refusal, ChannelWriter<SessionEvent> reader, TimeProvider time)
    {
        var events = new SessionEvents(reader, journal: null, begin.SessionId, time);
        events.Close(events.Number(Closing(begin, refusal, new SnippetProgress(), new SessionUsage(), [])));
    }

    private async Task<SessionEnd> RunAsync(CancellationToken cancellationToken)
    {
        var task = _begin.Snippet;
        var steps = new SessionSteps(model, executor, journal, _meter, _events, time);
        IPromptWriter prompts = model.IsDemonstration ? new DemonstrationPrompts(task) : new SnippetPrompts(task, Terms(task));
        try
        {
            return await new SnippetLoop(task, model, prompts, steps, _events, _meter, _progress, _begin.Seed).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return SessionEnd.Cancelled;
        }
        catch (SessionStoreException fault)
        {
            _events.StopStoring();
            return SessionEnd.Stopped(fault.Code, fault.Message, fault.Hint, resumable: fault.Code is "disk_full" or "session_unwritable");
        }
    }

    /// <summary>The work is done but its end could not be kept: the person is told both.</summary>
    private static SessionEnd Unkept(SessionEnd end, SessionStoreException fault) =>
        end with { ErrorCode = fault.Code, Message = $"{end.Message} {fault.Message}".TrimStart(), Hint = fault.Hint };

    private static IReadOnlyList<SessionEvent> Closing(BeginRecord begin, SessionEnd end, SnippetProgress progress, SessionUsage usage, IReadOnlyList<string> egress)
    {
        var events = new List<SessionEvent>();
        if (end.ErrorCode is { } code)
        {
            events.Add(new ErrorEvent { Code = code, Message = end.Message ?? code, Hint = end.Hint });
        }

        if (end.Reason is { } reason)
        {
            events.Add(new EscalationEvent { State = "not_sent", Reason = reason, Message = WhyNotSent(begin.Snippet) });
        }

        var execution = Execution(begin, end, progress, usage, egress);
        events.Add(new DoneEvent { Outcome = execution.Outcome, Verification = execution.Verification, Usage = usage, Execution = execution });
        return events;
    }

    private static string WhyNotSent(SnippetTask task) => task.DataClass == "local"
        ? "The work was not handed on: its class is local, so it may not leave this machine. A stronger local model may do it."
        : $"The work was not handed on: its class is {task.DataClass}, but no other model or reviewer is configured.";

    private static AgentExecution Execution(BeginRecord begin, SessionEnd end, SnippetProgress progress, SessionUsage usage, IReadOnlyList<string> egress) => new()
    {
        SessionId = begin.SessionId,
        Plan = end.Outcome == SessionOutcome.Failed ? [.. progress.Plan.Select(s => s with { Status = PlanStepStatus.Failed })] : progress.Plan,
        Language = Enum.IsDefined(begin.Snippet.Language) ? SnippetFiles.For(begin.Snippet.Language).Tag : null,
        GeneratedCode = progress.Code.Count > 0 ? progress.CodeText : null,
        RunResult = end.Refused ?? progress.LastRun,
        Tests = progress.Tests.Count > 0 ? SnippetProgress.TextOf(progress.Tests) : null,
        TestsBy = progress.TestsBy,
        Iterations = progress.Iterations,
        History = progress.History,
        Outcome = end.Outcome,
        OutcomeMessage = end.Message,
        Escalated = false,
        EscalationReason = end.Reason,
        Model = begin.Model,
        RanOn = new RanOn { Kind = "this-machine", SandboxBackend = progress.LastRun?.Sandbox?.Backend, SandboxDigest = progress.LastRun?.Sandbox?.Digest },
        DataClass = begin.Snippet.DataClass,
        Egress = egress,
        Verification = (end.Outcome, progress.TestsBy) switch
        {
            (SessionOutcome.Succeeded, "acceptance") => Verification.ProjectTested,
            (SessionOutcome.Succeeded, _) => Verification.SelfTested,
            _ => Verification.Unverified,
        },
        Usage = usage,
    };

    private static SessionBudget BudgetOf(SnippetTask task) => new(task.MaxSteps, task.MaxTokens, task.MaxTime);

    private static ExecutionTerms Terms(SnippetTask task) => new(
        Subset: SubsetRules.Describe(task.Language),
        Limits: $"A run has {(task.Limits.Time ?? TimeSpan.FromSeconds(4)).TotalSeconds:0.#} s and {(task.Limits.MemoryBytes ?? 256L << 20) >> 20} MiB.");
}
