using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Terminal;

/// <summary>Shows a session's events to whoever started it: a person or a program.</summary>
internal interface ISessionView
{
    /// <summary>Shows one event. Events come in order, the last is a <see cref="DoneEvent"/>.</summary>
    void Show(SessionEvent sessionEvent);
}
