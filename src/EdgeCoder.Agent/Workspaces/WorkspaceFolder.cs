using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>
/// The places of one session's work: <c>worktrees/&lt;sessionId&gt;/</c> in the data directory. The repository and the records lie beside the worktree,
/// never within it, so a command that may write the worktree reaches neither.
/// </summary>
/// <param name="Path">The folder.</param>
internal sealed record WorkspaceFolder(string Path)
{
    /// <summary>What the workspace is; written last, so a folder without it was never begun.</summary>
    public string RecordFile => System.IO.Path.Combine(Path, "workspace.json");

    /// <summary>What was applied to the person's tree.</summary>
    public string AppliesFile => System.IO.Path.Combine(Path, "applies.json");

    /// <summary>The private repository.</summary>
    public string Repository => System.IO.Path.Combine(Path, "repository");

    /// <summary>Where the worktree is: below it, a directory with the project's name.</summary>
    public string Trees => System.IO.Path.Combine(Path, "tree");

    /// <summary>Where files wait to be applied.</summary>
    public string Stage => System.IO.Path.Combine(Path, "stage");

    /// <summary>All sessions' folder of a data directory.</summary>
    public static string All(string dataDirectory) => System.IO.Path.Combine(dataDirectory, "worktrees");

    /// <summary>The folder of a session. Ids become folder names: nothing but a UUID in its usual form is one.</summary>
    public static WorkspaceFolder Of(string dataDirectory, string sessionId) => IsId(sessionId)
        ? new WorkspaceFolder(System.IO.Path.Combine(All(dataDirectory), sessionId))
        : throw new RepositoryException("session_not_found", $"There is no session {sessionId}.", "List the sessions with `edgecoder sessions`.");

    /// <summary>Whether a text is the id of a session.</summary>
    public static bool IsId(string text) => Guid.TryParseExact(text, "D", out _);

    /// <summary>The lock that holds while somebody writes into a project, whatever the session.</summary>
    public static string LockFile(string dataDirectory, string root) =>
        System.IO.Path.Combine(All(dataDirectory), $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..32]}.lock");
}
