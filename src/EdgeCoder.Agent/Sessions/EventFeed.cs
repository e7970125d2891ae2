using System.Threading.Channels;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>
/// Numbers, stores and hands out the events of a repository session over all its prompts. While closed steps are repeated from the journal nothing is
/// told: it was told when it happened. What came between the last closed step and the next one is dropped as often as it is stored already.
/// </summary>
internal sealed class EventFeed
{
    private readonly SessionJournal _journal;
    private readonly TimeProvider _time;
    private ChannelWriter<SessionEvent>? _reader;
    private int _known;
    private bool _storing = true;

    /// <summary>Goes on after the stored events.</summary>
    public EventFeed(SessionJournal journal, TimeProvider time)
    {
        _journal = journal;
        _time = time;
        Seq = journal.StoredEvents.Count == 0 ? 0 : journal.StoredEvents[^1].Seq;
    }

    /// <summary>Position of the last event.</summary>
    public long Seq { get; private set; }

    /// <summary>Whether closed steps are being repeated.</summary>
    public bool Repeating { get; private set; }

    /// <summary>Who reads, for the prompt that begins.</summary>
    public void ReadBy(ChannelWriter<SessionEvent> reader) => _reader = reader;

    /// <summary>Closed steps are repeated from here on.</summary>
    public void Repeat() => Repeating = true;

    /// <summary>All closed steps are repeated; what follows is new but for <paramref name="known"/> events that are stored.</summary>
    public void Live(int known)
    {
        Repeating = false;
        _known = known;
    }

    /// <summary>A step begins that really happens: all that it tells is new.</summary>
    public void StepBegins() => _known = 0;

    /// <summary>Tells an event.</summary>
    public void Emit(SessionEvent @event)
    {
        if (Repeating)
        {
            return;
        }

        if (_known > 0)
        {
            _known--;
            return;
        }

        Tell(Number(@event));
    }

    /// <summary>Gives closing events their numbers, without telling them yet.</summary>
    public IReadOnlyList<SessionEvent> Number(IReadOnlyList<SessionEvent> closing)
    {
        (Repeating, _known) = (false, 0);
        return [.. closing.Select(Number)];
    }

    /// <summary>Tells numbered events.</summary>
    public void Close(IReadOnlyList<SessionEvent> closing)
    {
        foreach (var @event in closing)
        {
            Tell(@event);
        }
    }

    /// <summary>Goes on without storing: the disk is full and the person must still be told.</summary>
    public void StopStoring() => _storing = false;

    private SessionEvent Number(SessionEvent @event) =>
        @event with { Seq = ++Seq, SessionId = _journal.Begin.SessionId, AtMs = _time.GetUtcNow().ToUnixTimeMilliseconds() };

    private void Tell(SessionEvent @event)
    {
        if (_storing)
        {
            _journal.Store(@event);
        }

        _reader?.TryWrite(@event);
    }
}
