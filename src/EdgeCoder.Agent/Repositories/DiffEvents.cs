using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>Changes as events.</summary>
internal static class DiffEvents
{
    /// <summary>Id of the whole change at the end.</summary>
    public const string Review = "review";

    /// <summary>The event of a change.</summary>
    public static DiffEvent Of(string id, FileChange change) => new()
    {
        Id = id,
        File = change.Path,
        OldFile = change.OldPath,
        Kind = change.Kind,
        Binary = change.Binary,
        Caution = change.Caution,
        Hunks = change.Hunks,
    };
}
