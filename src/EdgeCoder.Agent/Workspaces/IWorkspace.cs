using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>
/// Where one session changes files: a git worktree in the data directory, on branch <c>edgecoder/&lt;sessionId&gt;</c>. The person's index, branch, stash and
/// hooks are untouched. The other side is git in the sandbox.
/// </summary>
internal interface IWorkspace : IAsyncDisposable
{
    /// <summary>The worktree's directory on this machine; its open handle roots the file tools.</summary>
    string Directory { get; }

    /// <summary>The person's project, as a real path.</summary>
    string ProjectRoot { get; }

    /// <summary>Save point 0.</summary>
    SavePoint Base { get; }

    /// <summary>All save points, the oldest first.</summary>
    IReadOnlyList<SavePoint> SavePoints { get; }

    /// <summary>What a person should know about this worktree: submodules that were left alone, large files that are pointers.</summary>
    IReadOnlyList<string> Notes => [];

    /// <summary>The typed git tools on this worktree.</summary>
    IReadOnlyList<Tools.ITool> Tools => [];

    /// <summary>Takes a save point of the tree as it is. One whose tree equals the last one's gives that one back.</summary>
    Task<SavePoint> SaveAsync(string label, CancellationToken cancellationToken);

    /// <summary>Puts the worktree back to a save point: deleted, changed and untracked files alike; ignored files are left. Takes a save point of what was there first.</summary>
    Task RestoreAsync(SavePoint point, CancellationToken cancellationToken);

    /// <summary>The change between two trees, a file each, ordered by path. Denied files (secret policy) are named without content.</summary>
    Task<IReadOnlyList<FileChange>> ChangesAsync(string fromTree, string toTree, CancellationToken cancellationToken);

    /// <summary>The same as one unified diff that <c>git apply</c> takes.</summary>
    Task<string> PatchAsync(string fromTree, string toTree, CancellationToken cancellationToken);

    /// <summary>A file of a change between two trees, whole. Throws <see cref="Repositories.RepositoryException"/> <c>denied_file</c> for a denied one.</summary>
    Task<FileVersions> VersionsAsync(string fromTree, string toTree, FileChange change, CancellationToken cancellationToken);

    /// <summary>
    /// Merges the change from <see cref="Base"/> to <paramref name="tree"/> into the person's tree, three ways, all or nothing. Remembered, so that
    /// <see cref="UndoApplyAsync"/> can take it back.
    /// </summary>
    Task<ApplyOutcome> ApplyAsync(string tree, CancellationToken cancellationToken);

    /// <summary>A tree that holds only a part of the change from <see cref="Base"/> to <paramref name="tree"/>: what a review kept, as it was edited.</summary>
    Task<string> SelectAsync(string tree, IReadOnlyList<ReviewedFile> kept, CancellationToken cancellationToken);

    /// <summary>Takes the last applied change back, three ways: a file that the person changed since then is a conflict, and then nothing is written.</summary>
    Task<ApplyOutcome> UndoApplyAsync(CancellationToken cancellationToken);

    /// <summary>Applies again what was taken back last.</summary>
    Task<ApplyOutcome> RedoApplyAsync(CancellationToken cancellationToken);
}

/// <summary>The change of one file.</summary>
/// <param name="Path">Relative to the root, <c>/</c> between segments.</param>
/// <param name="OldPath">Where it was, of a renamed file.</param>
/// <param name="Kind">What happens to it.</param>
/// <param name="Binary">Whether it has no lines.</param>
/// <param name="Caution">Why a reviewer should look twice; null for ordinary files.</param>
/// <param name="Hunks">The parts.</param>
public sealed record FileChange(string Path, string? OldPath, FileChangeKind Kind, bool Binary, string? Caution, IReadOnlyList<DiffHunk> Hunks);

/// <summary>The bytes of one file on both sides of a change.</summary>
/// <param name="Before">Before; null for a new file.</param>
/// <param name="After">After; null for a deleted file.</param>
public sealed record FileVersions(byte[]? Before, byte[]? After);

/// <summary>What a review keeps of one file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Hunks">Numbers of its hunks that are kept, from 0; null: all, which also holds for binary files and changes of mode.</param>
/// <param name="Edited">The whole new content when the person edited it; then <paramref name="Hunks"/> is not looked at.</param>
public sealed record ReviewedFile(string Path, IReadOnlyList<int>? Hunks, byte[]? Edited = null);

/// <summary>What applying did.</summary>
/// <param name="Applied">Whether the person's tree was changed.</param>
/// <param name="Files">Files written or, where nothing was, files in conflict.</param>
/// <param name="Message">For a person.</param>
public sealed record ApplyOutcome(bool Applied, IReadOnlyList<string> Files, string Message);
