using System.Threading.Channels;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Redaction;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>One session of repository work, with a model or for its review alone.</summary>
internal sealed class RepositorySession : IRepositorySession
{
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(30);

    /// <summary>How long the change of a session that was cancelled may take to be told.</summary>
    internal static readonly TimeSpan ShortClosingTime = TimeSpan.FromMilliseconds(500);

    private readonly SessionJournal _journal;
    private readonly IRepositorySite _site;
    private readonly AgentModel? _model;
    private readonly ApprovalDesk _desk;
    private readonly Func<string, string> _redact;
    private readonly TimeProvider _time;
    private readonly EventFeed _feed;
    private RepositoryMind? _mind;
    private int _working;

    /// <summary>A session over its journal and its site, both of which it closes.</summary>
    public RepositorySession(SessionJournal journal, IRepositorySite site, AgentModel? model, ApprovalDesk desk, Func<string, string> redact, TimeProvider time)
    {
        (_journal, _site, _model, _desk, _redact, _time) = (journal, site, model, desk, redact, time);
        _feed = new EventFeed(journal, time);
        Review = new RepositoryReview(journal, site, desk, () => _mind?.DataClass ?? DataClass, BeforeReview);
    }

    /// <inheritdoc/>
    public string Id => _journal.Begin.SessionId;

    /// <inheritdoc/>
    public string Root => _site.Workspace.ProjectRoot;

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices => _site.Notices;

    /// <inheritdoc/>
    public IReadOnlyList<SessionEvent> StoredEvents => _journal.StoredEvents;

    /// <inheritdoc/>
    public bool HasOpenPrompt => _journal.Prompts.Count > 0 && _journal.End is null or { Resumable: true };

    /// <inheritdoc/>
    public ApprovalMode Mode
    {
        get => _desk.Mode;
        set => _desk.Mode = value;
    }

    /// <inheritdoc/>
    public IReview Review { get; }

    private RepositoryTask Task => _journal.Begin.Repository!;

    /// <summary>The narrowest class that the stored work came to.</summary>
    private string DataClass => DataClasses.Narrowest(_journal.States.OfType<CloseRecord>().Select(c => c.Tool?.DataClass).OfType<string>().Append(_desk.Policy.DataClass(Task.DataClass)));

    /// <summary>Brings the worktree to a state that the journal knows: a changing step that was cut off is rolled back (L10).</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        if (_journal.LastOpen is { Kind: StepKind.Change, Before: { } before } && _journal.End is null or { Unrestored: true })
        {
            await _site.Workspace.RestoreAsync(before, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionEvent> PromptAsync(string text, CancellationToken cancellationToken) => EventStream.Of(
        (reader, token) => AloneAsync(
            async () =>
            {
                if (Refusal(text) is { } refusal)
                {
                    throw new RepositoryException("invalid_request", refusal);
                }

                if (HasOpenPrompt)
                {
                    await RecoverAsync(token).ConfigureAwait(false);
                    End(SessionEnd.Cancelled with { Message = "Another request took its place.", Resumable = false });
                }

                _mind ??= await RebuildAsync(_journal.Prompts, token).ConfigureAwait(false);
                _feed.ReadBy(reader);
                var prompt = new PromptRecord(_journal.Prompts.Count + 1, text, _time.GetUtcNow().ToUnixTimeMilliseconds(), Math.Max(_journal.LastOpened, _journal.LastClosed) + 1, _feed.Seq + 1);
                await DriveAsync(prompt, begins: true, token).ConfigureAwait(false);
            }),
        cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionEvent> ContinueAsync(CancellationToken cancellationToken) => EventStream.Of(
        (reader, token) => AloneAsync(
            async () =>
            {
                if (!HasOpenPrompt)
                {
                    throw new RepositoryException("nothing_to_continue", $"Session {Id} has no request that was cut off.", "Say what to do next.");
                }

                await RecoverAsync(token).ConfigureAwait(false);
                _mind = await RebuildAsync([.. _journal.Prompts.SkipLast(1)], token).ConfigureAwait(false);
                _feed.ReadBy(reader);
                await DriveAsync(_journal.Prompts[^1], begins: false, token).ConfigureAwait(false);
            }),
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync().ConfigureAwait(false);
        _journal.Dispose();
    }

    private static string? Refusal(string text) =>
        string.IsNullOrWhiteSpace(text) ? "The request is empty. Say what to change."
        : System.Text.Encoding.UTF8.GetByteCount(text) > Snippets.SnippetTask.MaxRequestBytes ? $"The request is longer than {Snippets.SnippetTask.MaxRequestBytes:N0} bytes."
        : null;

    private async Task AloneAsync(Func<Task> work)
    {
        if (Interlocked.Exchange(ref _working, 1) != 0)
        {
            throw new InvalidOperationException("A prompt is at work already.");
        }

        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _working, 0);
        }
    }

    /// <summary>What the session knows after these prompts, from the journal alone: nothing is done and nothing is told.</summary>
    private async Task<RepositoryMind> RebuildAsync(IReadOnlyList<PromptRecord> past, CancellationToken cancellationToken)
    {
        var mind = new RepositoryMind(Task, _model ?? throw new InvalidOperationException("The session was opened for review."), _site, _desk, _redact);
        for (var i = 0; i < past.Count; i++)
        {
            var next = _journal.Prompts.Count > past[i].Number ? _journal.Prompts[past[i].Number].FirstStep : Math.Max(_journal.LastOpened, _journal.LastClosed) + 1;
            _feed.Repeat();
            var meter = new SessionMeter(new SessionBudget(int.MaxValue, null, null), TimeSpan.Zero, _time);
            var steps = new RepositorySteps(_journal, mind.Model, _site.Workspace, _desk, meter, _feed, _time, past[i], next - 1);
            try
            {
                await Loop(mind, steps, meter, new RepositoryProgress { DataClass = mind.DataClass }, past[i]).RunAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PastEndException)
            {
                // It was cut off here.
            }

            mind.Conversation.CloseCalls();
        }

        _feed.Live(0);
        return mind;
    }

    private async Task DriveAsync(PromptRecord prompt, bool begins, CancellationToken cancellationToken)
    {
        var mind = _mind!;
        var progress = new RepositoryProgress { DataClass = mind.DataClass };
        var meter = new SessionMeter(new SessionBudget(Task.MaxSteps, Task.MaxTokens, Task.MaxTime), begins ? TimeSpan.Zero : _journal.Elapsed, _time);
        RepositorySteps? steps = null;
        SessionEnd end;
        try
        {
            Begin(prompt, begins);
            steps = new RepositorySteps(_journal, mind.Model, _site.Workspace, _desk, meter, _feed, _time, prompt, null);
            end = await Loop(mind, steps, meter, progress, prompt).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            end = SessionEnd.Cancelled;
        }
        catch (SessionStoreException fault)
        {
            _feed.StopStoring();
            end = SessionEnd.Stopped(fault.Code, fault.Message, fault.Hint, resumable: fault.Code is "disk_full" or "session_unwritable");
        }
        catch (RepositoryException fault)
        {
            end = SessionEnd.Stopped(fault.Code, fault.Message, fault.Hint, resumable: true);
        }
        catch (RedactionException fault)
        {
            // What cannot be searched for secrets is not sent.
            end = SessionEnd.Stopped("redaction_failed", fault.Message, "Use a model on this machine.", resumable: true);
        }

        // A mind that was cut off is built anew: what is asked next must be told the same as after a crash.
        _mind = null;
        var (changes, patch) = await ChangesAsync(end.Outcome == SessionOutcome.Cancelled ? ShortClosingTime : ClosingTime).ConfigureAwait(false);
        Close(end, progress, meter.Usage, changes, patch, steps?.Unrestored ?? false);
        if (!end.Resumable)
        {
            mind.Conversation.CloseCalls();
            _mind = mind;
        }
    }

    private void Begin(PromptRecord prompt, bool begins)
    {
        if (begins)
        {
            _journal.Ask(prompt);
            _feed.Emit(new PromptEvent { Content = prompt.Text });
            return;
        }

        if (_journal.ToldEvents.All(e => e.Seq != prompt.Seq))
        {
            // Cut off between the record and its event.
            _feed.Emit(new PromptEvent { Content = prompt.Text });
        }

        _feed.Repeat();
        if (_journal.LastClosed < prompt.FirstStep)
        {
            _feed.Live(Resumption.KnownEvents(_journal, prompt));
        }
    }

    private RepositoryLoop Loop(RepositoryMind mind, RepositorySteps steps, SessionMeter meter, RepositoryProgress progress, PromptRecord prompt) =>
        new(mind, steps, _feed, meter, progress, prompt, _journal.Begin.Seed + prompt.Number);

    /// <summary>The whole change so far. After a cancellation there is little time: without it the end is still told.</summary>
    private async Task<(IReadOnlyList<FileChange> Changes, string? Patch)> ChangesAsync(TimeSpan time)
    {
        using var enough = new CancellationTokenSource(time, _time);
        try
        {
            var changes = await Review.ChangesAsync(enough.Token).WaitAsync(enough.Token).ConfigureAwait(false);
            return (changes, changes.Count == 0 ? null : await Review.PatchAsync(enough.Token).WaitAsync(enough.Token).ConfigureAwait(false));
        }
        catch (Exception fault) when (fault is OperationCanceledException or RepositoryException or IOException)
        {
            return ([], null);
        }
    }

    private void Close(SessionEnd end, RepositoryProgress progress, SessionUsage usage, IReadOnlyList<FileChange> changes, string? patch, bool unrestored)
    {
        IReadOnlyList<SessionEvent> Events(SessionEnd how) =>
            _feed.Number(RepositoryClosing.Events(_journal.Begin, Root, how, progress, usage, changes, patch, _model?.OnThisMachine ?? true));

        var closing = Events(end);
        try
        {
            _journal.Finish(new EndRecord { Resumable = end.Resumable, Events = [.. closing.Select(EventLine.Of)], Unrestored = unrestored });
            _feed.Close(closing);
        }
        catch (SessionStoreException fault)
        {
            // The work is done but its end could not be kept: the person is told both.
            _feed.StopStoring();
            _feed.Close(end.ErrorCode is null ? Events(end with { ErrorCode = fault.Code, Message = $"{end.Message} {fault.Message}".TrimStart(), Hint = fault.Hint }) : closing);
        }
    }

    /// <summary>Ends a prompt that was cut off and will not be continued.</summary>
    private void End(SessionEnd end)
    {
        Close(end, new RepositoryProgress { DataClass = DataClass }, new SessionUsage(), [], null, unrestored: false);
        _mind = null;
    }

    /// <summary>A review changes the worktree under a prompt that was cut off, so that prompt cannot go on.</summary>
    private void BeforeReview()
    {
        if (Volatile.Read(ref _working) != 0)
        {
            throw new InvalidOperationException("A prompt is at work; stop it first.");
        }

        if (HasOpenPrompt)
        {
            End(SessionEnd.Cancelled with { Message = "It was cut off, and then its change was reviewed.", Resumable = false });
        }
    }
}
