using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>
/// What one session has done, on disk. Each step is written before its effect (open) and after it (close), flushed to the disk each time,
/// so that after a crash every effect is known to be done, or to be done again. One process at a time holds it.
/// </summary>
internal sealed class SessionJournal : IDisposable
{
    private readonly FileStream? _lock;
    private readonly LineFile<JournalLine> _records;
    private readonly LineFile<EventLine> _events;
    private readonly Dictionary<int, OpenRecord> _open = [];
    private readonly Dictionary<int, CloseRecord> _closed = [];
    private readonly List<PromptRecord> _prompts = [];
    private readonly List<EndRecord> _ends = [];
    private readonly List<DecisionRecord> _decisions = [];
    private readonly List<JournalRecord> _states = [];
    private readonly List<SessionEvent> _told = [];

    internal SessionJournal(
        BeginRecord begin, IEnumerable<JournalRecord> records, LineFile<JournalLine> file, LineFile<EventLine> events, IReadOnlyList<SessionEvent> stored, FileStream? @lock)
    {
        Begin = begin;
        _records = file;
        _events = events;
        _lock = @lock;
        StoredEvents = stored;
        _told.AddRange(stored.Where(e => e is not TextEvent));
        foreach (var record in records)
        {
            Apply(record);
        }
    }

    /// <summary>The first record.</summary>
    public BeginRecord Begin { get; }

    /// <summary>How it ended; absent while it is open.</summary>
    public EndRecord? End { get; private set; }

    /// <summary>Wall time of the session (of the prompt) at the last closed step.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The prompts of a repository session, in order.</summary>
    public IReadOnlyList<PromptRecord> Prompts => _prompts;

    /// <summary>The ends so far, in order; one that was resumed from is among them.</summary>
    public IReadOnlyList<EndRecord> Ends => _ends;

    /// <summary>Decisions on calls, in order.</summary>
    public IReadOnlyList<DecisionRecord> Decisions => _decisions;

    /// <summary>All that says which tree the worktree should have: closed steps that saved one, and reviews, in order.</summary>
    public IReadOnlyList<JournalRecord> States => _states;

    /// <summary>Number of the last closed step; 0 when there is none. Steps close in order.</summary>
    public int LastClosed { get; private set; }

    /// <summary>Number of the last step that was opened; 0 when there is none.</summary>
    public int LastOpened => _open.Count == 0 ? 0 : _open.Keys.Max();

    /// <summary>The step that was opened and not closed, when the last one was.</summary>
    public OpenRecord? LastOpen => LastOpened > LastClosed ? _open[LastOpened] : null;

    /// <summary>Position of the last event told before the steps that are not closed.</summary>
    public long LastClosedSeq => _closed.GetValueOrDefault(LastClosed)?.Seq ?? 0;

    /// <summary>Events that were stored before this process opened the journal.</summary>
    public IReadOnlyList<SessionEvent> StoredEvents { get; }

    /// <summary>All events that are stored by now, pieces of text left out.</summary>
    public IReadOnlyList<SessionEvent> ToldEvents => _told;

    /// <summary>What a step gave, when it is closed. Throws when the session arrives at another input than it did before.</summary>
    public CloseRecord? Closed(int step, StepKind kind, string input)
    {
        if (_open.TryGetValue(step, out var open) && (open.Kind != kind || open.Input != input))
        {
            throw new SessionStoreException(
                "session_changed", $"Step {step} of session {Begin.SessionId} was begun by a version of the program with other prompts or rules.", "Start the request again.");
        }

        return _closed.GetValueOrDefault(step);
    }

    /// <summary>Writes that a step is about to happen.</summary>
    public void Open(OpenRecord record)
    {
        // A step that is begun again after an end is open again: a crash in it must be seen.
        if (_open.TryGetValue(record.Step, out var known) && End is null && (record.Before is null || record.Before == known.Before))
        {
            return;
        }

        Write(record);
    }

    /// <summary>Writes what a step gave.</summary>
    public void Close(CloseRecord record) => Write(record);

    /// <summary>What a closed step gave, whatever went into it: of a prompt that has ended.</summary>
    public CloseRecord? ClosedBefore(int step, StepKind kind) =>
        !_open.TryGetValue(step, out var open) || open.Kind == kind
            ? _closed.GetValueOrDefault(step)
            : throw new SessionStoreException("session_changed", $"Step {step} of session {Begin.SessionId} was done by another version of the program.", "Start a new session.");

    /// <summary>Writes a prompt.</summary>
    public void Ask(PromptRecord record) => Write(record);

    /// <summary>Writes a decision.</summary>
    public void Decide(DecisionRecord record) => Write(record);

    /// <summary>Writes what a review did.</summary>
    public void Reviewed(ReviewRecord record) => Write(record);

    /// <summary>Writes the end.</summary>
    public void Finish(EndRecord record) => Write(record);

    /// <summary>Stores an event. Events survive a kill of the process; only the steps survive a loss of power for certain.</summary>
    public void Store(SessionEvent @event)
    {
        _events.Append(EventLine.Of(@event), durable: false);
        if (@event is not TextEvent)
        {
            _told.Add(@event);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _records.Dispose();
        _events.Dispose();
        _lock?.Dispose();
    }

    private void Write(JournalRecord record)
    {
        _records.Append(JournalLine.Of(record), durable: true);
        Apply(record);
    }

    private void Apply(JournalRecord record)
    {
        switch (record)
        {
            case OpenRecord open:
                _open[open.Step] = open;
                // A session that goes on after its end has not ended.
                End = null;
                break;
            case PromptRecord prompt:
                _prompts.Add(prompt);
                End = null;
                Elapsed = TimeSpan.Zero;
                break;
            case DecisionRecord decision:
                _decisions.Add(decision);
                break;
            case ReviewRecord:
                _states.Add(record);
                break;
            case CloseRecord close:
                _closed[close.Step] = close;
                LastClosed = Math.Max(LastClosed, close.Step);
                if (close.Saved is not null || close.Tool?.Saved is not null)
                {
                    _states.Add(close);
                }

                Elapsed = TimeSpan.FromMilliseconds(close.ElapsedMs);
                break;
            case EndRecord end:
                End = end;
                _ends.Add(end);
                break;
        }
    }
}
