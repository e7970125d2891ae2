using EdgeCoder.Agent.Files;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>
/// Does the steps of one prompt once each. A step that the journal has closed gives what it gave then. Any other is opened in the journal before its effect,
/// done, and closed after it. A step that may change the worktree has a save point before it, and is rolled back to it whenever it does not close
/// (agent-executor-models 1.7, 2.6; L10).
/// </summary>
internal sealed class RepositorySteps(
    SessionJournal journal, AgentModel model, IWorkspace workspace, ApprovalDesk desk, SessionMeter meter, EventFeed feed, TimeProvider time, PromptRecord prompt, int? pastEnd)
{
    /// <summary>How long a command may take to die after a cancellation; a rollback comes after that. Together with the rest they stay under 2 s.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(600);

    /// <summary>How long a rollback may take.</summary>
    internal static readonly TimeSpan RollbackTime = TimeSpan.FromMilliseconds(700);

    private int _step = prompt.FirstStep - 1;

    /// <summary>Number of the next step; seeds are derived from it.</summary>
    public int Next => _step + 1;

    /// <summary>Whether a step that was cut off could not be rolled back.</summary>
    public bool Unrestored { get; private set; }

    /// <summary>Calls the model. Ends the prompt when the budget is gone or the model is.</summary>
    public async Task<ModelReply> AskAsync(Prompt asked, Sampling sampling, CallForm form, CancellationToken cancellationToken)
    {
        var input = Hash($"{asked.Hash}\0{sampling.Seed}\0{sampling.Temperature:R}\0{sampling.MaxTokens}");
        var close = await OnceAsync(
            StepKind.Model,
            input,
            async (record, token) =>
            {
                var visible = new VisibleText(text => feed.Emit(new TextEvent { Content = text }));
                // An answer in JSON is shown once its statement can be told from its form.
                var reply = await AskAsync(asked, sampling, form == CallForm.Json ? static _ => { } : visible.Feed, token).ConfigureAwait(false);
                if (form == CallForm.Json)
                {
                    visible.Feed(reply.End == ReplyEnd.Complete ? ReplyReading.Of(reply, form).Statement : "");
                }

                visible.Finish();
                return record with { Reply = reply };
            },
            cancellationToken).ConfigureAwait(false);
        return close.Reply ?? throw Damaged(close);
    }

    /// <summary>A server that does not take tools for this model says so before it answers; that is no fault of the model, and a simpler form works.</summary>
    private async Task<ModelReply> AskAsync(Prompt asked, Sampling sampling, Action<string> show, CancellationToken cancellationToken)
    {
        try
        {
            return await ModelCall.AskAsync(model, asked, sampling, show, time, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelCallException fault) when (asked.Tools.Count > 0 && (fault.Message + fault.InnerException?.Message).Contains("tool", StringComparison.OrdinalIgnoreCase))
        {
            return new ModelReply { Text = "", End = ReplyEnd.Complete, ToolsRefused = true, PromptTokens = 0, CompletionTokens = 0 };
        }
    }

    /// <summary>Looks something up; what was found is kept, so that a resumed session sees the same.</summary>
    public async Task<string> LookAsync(string name, Func<CancellationToken, Task<string>> look, CancellationToken cancellationToken)
    {
        var close = await OnceAsync(
            StepKind.Look, Hash(name), async (record, token) => record with { Found = await look(token).ConfigureAwait(false) }, cancellationToken).ConfigureAwait(false);
        return close.Found ?? throw Damaged(close);
    }

    /// <summary>Takes a save point.</summary>
    public async Task<SavePoint> SaveAsync(string label, CancellationToken cancellationToken)
    {
        var close = await OnceAsync(
            StepKind.Save, Hash(label), async (record, token) => record with { Saved = await SaveNowAsync(label, token).ConfigureAwait(false) }, cancellationToken).ConfigureAwait(false);
        return close.Saved ?? throw Damaged(close);
    }

    /// <summary>
    /// Does one call: describes it, has it decided, saves, runs, saves, tells. What the model can mend and what was refused are outcomes. A cancellation, the
    /// end of the time and faults of the machine roll the worktree back and are thrown.
    /// </summary>
    public async Task<ToolOutcome> ToolAsync(ToolOrder order, CancellationToken cancellationToken)
    {
        var (id, tool, arguments) = (order.CallId, order.Tool, order.Arguments);
        var kind = tool.Access == ToolAccess.Read ? StepKind.Read : StepKind.Change;
        var input = Hash($"{id}\0{tool.Name}\0{arguments.Canonical()}");
        if (Repeated(++_step, kind, input) is { } closed)
        {
            return closed.Tool ?? throw Damaged(closed);
        }

        Begin(forModelCall: false, cancellationToken);
        var seq = feed.Seq;
        var step = _step;
        var start = meter.Elapsed;
        ToolAction action;
        ApprovalVerdict verdict;
        try
        {
            action = tool.Describe(arguments);
            Told(order, action, desk.Policy.Judge(action, desk.Mode, order.DataClass).Effect == RuleEffect.Ask);
            verdict = await desk.DecideAsync(id, () => tool.Describe(arguments), order.DataClass, feed.Emit, meter.CountWaiting, cancellationToken).ConfigureAwait(false);
        }
        catch (ToolException fault)
        {
            Told(order, new ToolAction { Tool = tool.Name, Access = tool.Access, Summary = tool.Name, Arguments = "" }, asks: false);
            return Close(step, kind, input, seq, start, order, new ToolOutcome { Text = fault.Message, Failed = true });
        }

        if (!verdict.Allowed)
        {
            return Close(step, kind, input, seq, start, order, new ToolOutcome { Text = $"Refused: {verdict.Reason}", Failed = true, Refused = true });
        }

        if (kind == StepKind.Read)
        {
            journal.Open(new OpenRecord(step, kind, input, null, seq));
            return Close(step, kind, input, seq, start, order, await RunAsync(order, cancellationToken).ConfigureAwait(false));
        }

        var before = await SaveNowAsync(action.Summary, cancellationToken).ConfigureAwait(false);
        journal.Open(new OpenRecord(step, kind, input, before, seq));
        try
        {
            var outcome = await RunAsync(order, cancellationToken).ConfigureAwait(false);
            var after = await SaveNowAsync($"after {action.Summary}", cancellationToken).ConfigureAwait(false);
            if (order.TakesBack && after.Tree != before.Tree)
            {
                // What a test run leaves behind is no part of the change.
                await workspace.RestoreAsync(before, cancellationToken).ConfigureAwait(false);
                after = before;
            }

            await TellChangesAsync(id, before, after, cancellationToken).ConfigureAwait(false);
            return Close(step, kind, input, seq, start, order, outcome with { Saved = after });
        }
        catch
        {
            await RollBackAsync(before).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Puts the worktree back to where it was before a step that was cut off.</summary>
    public async Task RollBackAsync(SavePoint before)
    {
        using var enough = new CancellationTokenSource(RollbackTime, time);
        try
        {
            await workspace.RestoreAsync(before, enough.Token).WaitAsync(enough.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or UnauthorizedAccessException or RepositoryException)
        {
            // The journal still has the step open: a resume rolls it back before anything else.
            Unrestored = true;
        }
    }

    private async Task<ToolOutcome> RunAsync(ToolOrder order, CancellationToken cancellationToken)
    {
        try
        {
            var result = await InTimeAsync(
                token => order.Tool.RunAsync(new ToolCall(order.CallId, order.Arguments, feed.Emit), token).WithGraceAsync(Grace, time, token), cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (result.Unavailable is { } reason)
            {
                throw new SessionEndException(SessionEnd.Stopped("sandbox_unavailable", reason, "Run `edgecoder doctor` to see what to do, then go on with this session.", resumable: true));
            }

            return new ToolOutcome { Text = result.Text, Truncated = result.Truncated, Tests = result.Tests, Sandbox = result.Sandbox, Shown = result.Shown };
        }
        catch (ToolException fault)
        {
            return new ToolOutcome { Text = fault.Message, Failed = true };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw SessionStoreException.ForWrite(workspace.Directory, fault);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or SessionEndException or SessionStoreException or RepositoryException))
        {
            throw new SessionEndException(SessionEnd.Stopped("tool_failed", $"{order.Tool.Name} failed: {fault.Message}", "Report this. What it had changed is put back, and the session can go on.", resumable: true));
        }
    }

    private ToolOutcome Close(int step, StepKind kind, string input, long seq, TimeSpan start, ToolOrder order, ToolOutcome outcome)
    {
        journal.Open(new OpenRecord(step, kind, input, null, seq));
        outcome = order.Complete(outcome);
        var took = (meter.Elapsed - start).TotalMilliseconds;
        meter.CountRun();
        meter.CountElsewhere(took);
        feed.Emit(new ToolResultEvent { Id = order.CallId, Result = outcome.Failed ? null : outcome.Text, Error = outcome.Failed ? outcome.Text : null, Truncated = outcome.Truncated ? true : null });
        journal.Close(new CloseRecord { Step = step, TookMs = took, ElapsedMs = meter.Elapsed.TotalMilliseconds, Tool = outcome, Seq = feed.Seq });
        return outcome;
    }

    private void Told(ToolOrder order, ToolAction action, bool asks)
    {
        if (asks)
        {
            feed.Emit(new StatusEvent { State = SessionState.WaitingApproval, Message = $"Waiting for your word: {action.Summary}", BudgetLeft = meter.Left });
        }

        feed.Emit(new ToolCallEvent { Id = order.CallId, Tool = order.Tool.Name, Args = order.Arguments, Summary = action.Summary, RequiresApproval = asks });
    }

    private async Task<SavePoint> SaveNowAsync(string label, CancellationToken cancellationToken)
    {
        var known = workspace.SavePoints.Count;
        var point = await workspace.SaveAsync(label, cancellationToken).ConfigureAwait(false);
        if (workspace.SavePoints.Count > known)
        {
            feed.Emit(new SavePointEvent { Id = point.Id, Tree = point.Tree, Label = point.Label });
        }

        return point;
    }

    /// <summary>The files that this call changed, each with its whole change since the base, from the trees.</summary>
    private async Task TellChangesAsync(string id, SavePoint before, SavePoint after, CancellationToken cancellationToken)
    {
        if (before.Tree == after.Tree)
        {
            return;
        }

        var now = await workspace.ChangesAsync(before.Tree, after.Tree, cancellationToken).ConfigureAwait(false);
        var whole = before.Tree == workspace.Base.Tree ? now : await workspace.ChangesAsync(workspace.Base.Tree, after.Tree, cancellationToken).ConfigureAwait(false);
        foreach (var change in whole.Where(w => now.Any(n => n.Path == w.Path || n.OldPath == w.Path)))
        {
            feed.Emit(DiffEvents.Of(id, change));
        }
    }

    private async Task<CloseRecord> OnceAsync(StepKind kind, string input, Func<CloseRecord, CancellationToken, Task<CloseRecord>> effect, CancellationToken cancellationToken)
    {
        var step = ++_step;
        if (Repeated(step, kind, input) is { } closed)
        {
            return closed;
        }

        Begin(kind == StepKind.Model, cancellationToken);
        journal.Open(new OpenRecord(step, kind, input, null, feed.Seq));
        var start = meter.Elapsed;
        CloseRecord record;
        try
        {
            record = await InTimeAsync(token => effect(new CloseRecord { Step = step, TookMs = 0, ElapsedMs = 0 }, token), cancellationToken).ConfigureAwait(false);
        }
        catch (ModelCallException fault)
        {
            throw new SessionEndException(SessionEnds.For(fault.Failure));
        }
        finally
        {
            meter.CountElsewhere((meter.Elapsed - start).TotalMilliseconds);
        }

        if (record.Reply is { } reply)
        {
            meter.CountCall(reply.PromptTokens, reply.CompletionTokens);
            feed.Emit(new UsageEvent { Usage = meter.Usage });
        }

        record = record with { TookMs = (meter.Elapsed - start).TotalMilliseconds, ElapsedMs = meter.Elapsed.TotalMilliseconds, Seq = feed.Seq };
        journal.Close(record);
        return record;
    }

    /// <summary>What a closed step gave; null when the step must happen now.</summary>
    private CloseRecord? Repeated(int step, StepKind kind, string input)
    {
        if (!feed.Repeating)
        {
            return null;
        }

        // A prompt that has ended goes as it went, whatever the words of its prompts are by now; the open one must arrive at the same.
        var closed = pastEnd is null ? journal.Closed(step, kind, input) : step > pastEnd ? null : journal.ClosedBefore(step, kind);
        if (closed is null)
        {
            return pastEnd is null ? null : throw new PastEndException();
        }

        meter.CountElsewhere(closed.TookMs);
        if (closed.Reply is { } reply)
        {
            meter.CountCall(reply.PromptTokens, reply.CompletionTokens);
        }
        else if (closed.Tool is not null)
        {
            meter.CountRun();
        }

        if (pastEnd is null && step == journal.LastClosed)
        {
            feed.Live(Resumption.KnownEvents(journal, prompt));
        }

        return closed;
    }

    private void Begin(bool forModelCall, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (meter.Exhausted(forModelCall) is { } exhausted)
        {
            throw new SessionEndException(SessionEnd.OutOfBudget(exhausted));
        }

        feed.StepBegins();
    }

    /// <summary>The time budget also ends a step that is under way; that is not the person's cancellation.</summary>
    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> effect, CancellationToken cancellationToken)
    {
        if (meter.TimeLeft is not { } left)
        {
            return await effect(cancellationToken).ConfigureAwait(false);
        }

        using var deadline = new CancellationTokenSource(left > TimeSpan.FromDays(20) ? TimeSpan.FromDays(20) : left < TimeSpan.Zero ? TimeSpan.Zero : left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await effect(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            throw new SessionEndException(SessionEnd.OutOfBudget(meter.Exhausted(forModelCall: false) ?? "The time budget is used up."));
        }
    }

    private SessionStoreException Damaged(CloseRecord close) =>
        new("session_damaged", $"Step {close.Step} of session {journal.Begin.SessionId} was closed without its result.", "Delete this session and start again.");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>A call that is to be done.</summary>
/// <param name="CallId">Id within the session.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">Checked arguments.</param>
/// <param name="DataClass">Class of the session now.</param>
/// <param name="TakesBack">Whether files that it writes are taken back.</param>
/// <param name="Complete">Adds what the loop knows to the outcome, before it is kept.</param>
internal sealed record ToolOrder(string CallId, ITool Tool, System.Text.Json.JsonElement Arguments, string DataClass, bool TakesBack, Func<ToolOutcome, ToolOutcome> Complete);

/// <summary>A prompt that has ended was repeated to its end.</summary>
internal sealed class PastEndException() : Exception("The prompt ended here.");
