using System.Threading.Channels;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Snippets;

/// <summary>
/// Numbers, stores and hands out the events of a session. When a session resumes, its stored events are handed out first and the loop's
/// repetition of them is dropped: a reader sees one stream without doubles, whose only gaps are earlier ends that were resumed from.
/// </summary>
internal sealed class SessionEvents
{
    private readonly ChannelWriter<SessionEvent> _reader;
    private readonly SessionJournal? _journal;
    private readonly string _sessionId;
    private readonly TimeProvider _time;
    private long _seq;
    private int _repeated;
    private bool _storing = true;

    /// <summary>Begins the stream; <paramref name="journal"/> is absent when nothing can be stored.</summary>
    public SessionEvents(ChannelWriter<SessionEvent> reader, SessionJournal? journal, string sessionId, TimeProvider time)
    {
        _reader = reader;
        _journal = journal;
        _sessionId = sessionId;
        _time = time;
        foreach (var stored in journal?.StoredEvents ?? [])
        {
            _seq = stored.Seq;
            // Pieces of text come only from calls that really happen, so the loop does not repeat them.
            var ending = stored is ErrorEvent or EscalationEvent or DoneEvent;
            _repeated += stored is TextEvent || ending ? 0 : 1;
            if (!ending || journal!.End is { Resumable: false })
            {
                _reader.TryWrite(stored);
            }
        }
    }

    /// <summary>Tells an event. The first ones of a resumed session are known already and are dropped.</summary>
    public void Emit(SessionEvent @event)
    {
        if (@event is not TextEvent && _repeated > 0)
        {
            _repeated--;
            return;
        }

        Tell(Numbered(@event));
    }

    /// <summary>Gives the closing events their numbers, without telling them yet.</summary>
    public IReadOnlyList<SessionEvent> Number(IReadOnlyList<SessionEvent> closing) => [.. closing.Select(Numbered)];

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

    private SessionEvent Numbered(SessionEvent @event) => @event with { Seq = ++_seq, SessionId = _sessionId, AtMs = _time.GetUtcNow().ToUnixTimeMilliseconds() };

    private void Tell(SessionEvent @event)
    {
        if (_storing)
        {
            _journal?.Store(@event);
        }

        _reader.TryWrite(@event);
    }
}
