using EdgeCoder.Agent.Sessions;
using EdgeCoder.Commands;

namespace EdgeCoder.Repositories;

/// <summary>The session that a command without an id means.</summary>
internal static class SessionChoice
{
    /// <summary>The named one, else the newest of the root. Throws <see cref="UsageException"/> when there is none.</summary>
    /// <param name="sessions">All sessions, the newest first.</param>
    /// <param name="named">Its id, or a beginning of it that fits only one.</param>
    /// <param name="root">The root, as a real path.</param>
    public static string Find(IReadOnlyList<SessionSummary> sessions, string? named, string root)
    {
        if (named is null)
        {
            return sessions.FirstOrDefault(session => session.Root is { } own && ProjectRoot.Same(own, root))?.SessionId
                ?? throw new UsageException("session_not_found", $"There is no session of {root} yet.", "Start one: edgecoder run \"…\". All sessions: edgecoder sessions list");
        }

        var fitting = sessions.Where(session => session.SessionId.StartsWith(named, StringComparison.OrdinalIgnoreCase)).ToList();
        return fitting switch
        {
            [{ Root: null }] => throw new UsageException("session_not_found", $"Session {fitting[0].SessionId} wrote a snippet; there is no change of a repository in it."),
            [{ } one] => one.SessionId,
            [] => throw new UsageException("session_not_found", $"There is no session {named}.", "List them: edgecoder sessions list"),
            _ => throw new UsageException("session_ambiguous", $"{fitting.Count} sessions begin with {named}.", "Write more of the id."),
        };
    }
}
