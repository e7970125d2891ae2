using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Terminal;

/// <summary>One JSON object a line, as documented in <c>docs/events.md</c>; flushed at once so that a reader can follow.</summary>
internal sealed class JsonSessionView(TextWriter output) : ISessionView
{
    /// <inheritdoc/>
    public void Show(SessionEvent sessionEvent)
    {
        output.WriteLine(JsonSerializer.Serialize(sessionEvent, ProtocolJson.Default.SessionEvent));
        output.Flush();
    }
}
