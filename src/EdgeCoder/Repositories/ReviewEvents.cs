using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Repositories;

/// <summary>A person's word that was carried out, as an event.</summary>
internal static class ReviewEvents
{
    /// <summary>Of an outcome.</summary>
    public static ReviewEvent Of(string action, string sessionId, ApplyOutcome outcome, TimeProvider time) => new()
    {
        SessionId = sessionId,
        AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        Action = action,
        Done = outcome.Applied,
        Files = outcome.Files,
        Message = outcome.Message,
    };

    /// <summary>The change of a file, for a reader of the whole change.</summary>
    public static DiffEvent Diff(string sessionId, FileChange change, TimeProvider time) => new()
    {
        SessionId = sessionId,
        AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        Id = "review",
        File = change.Path,
        OldFile = change.OldPath,
        Kind = change.Kind,
        Binary = change.Binary,
        Caution = change.Caution,
        Hunks = change.Hunks,
    };
}
