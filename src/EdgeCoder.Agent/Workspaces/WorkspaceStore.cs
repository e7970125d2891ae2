using System.Text.Json;
using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>How a workspace is begun.</summary>
internal sealed record WorkspaceRequest
{
    /// <summary>The session, a UUID.</summary>
    public required string SessionId { get; init; }

    /// <summary>The project's root; the caller has asked whether it is trusted.</summary>
    public required string Root { get; init; }

    /// <summary>Whether the person's uncommitted changes are carried in as the base.</summary>
    public bool CarryUncommitted { get; init; }

    /// <summary>Whether the content of a path, relative to the root, is denied.</summary>
    public required Func<string, bool> IsDenied { get; init; }
}

/// <summary>
/// The workspaces of a data directory. Each has a repository of its own that borrows the objects of the project's and never writes it; so a directory
/// without git works the same way, and clean-up is the removal of a folder.
/// </summary>
/// <param name="dataDirectory">EdgeCoder's data directory.</param>
/// <param name="sandbox">Where git runs.</param>
/// <param name="time">The clock.</param>
internal sealed class WorkspaceStore(string dataDirectory, IProjectSandbox sandbox, TimeProvider time)
{
    private const int RecordVersion = 1;

    private readonly string _dataDirectory = RealPath.Of(dataDirectory);
    private readonly GitProcess _git = new(sandbox);

    /// <summary>
    /// Begins a workspace. Throws <see cref="RepositoryException"/> and leaves nothing behind when it cannot: <c>bare_repository</c>,
    /// <c>repository_unsupported</c>, <c>git_missing</c>, <c>sandbox_unavailable</c>, <c>disk_full</c>.
    /// </summary>
    public async Task<IWorkspace> BeginAsync(WorkspaceRequest request, CancellationToken cancellationToken)
    {
        var folder = WorkspaceFolder.Of(_dataDirectory, request.SessionId);
        if (Directory.Exists(folder.Path))
        {
            throw new RepositoryException("session_exists", $"Session {request.SessionId} has a worktree already.", "Resume it.");
        }

        var root = RealPath.Of(request.Root);
        if (!Directory.Exists(root))
        {
            throw new RepositoryException("root_not_found", $"{request.Root} is not a directory.", "Name an existing directory.");
        }

        if (IsWithin(_dataDirectory, root) || IsWithin(root, _dataDirectory))
        {
            throw new RepositoryException("root_refused", $"{root} holds EdgeCoder's own data, or lies within it.", "Work in another directory, or set another data directory.");
        }

        try
        {
            OwnerOnly.CreateDirectory(folder.Path);
            return await new WorkspaceStart(_git, folder, request with { Root = root }, time).RunAsync(WorkspaceFolder.LockFile(_dataDirectory, root), RecordVersion, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            RemoveFolder(folder.Path);
            throw fault is IOException or UnauthorizedAccessException
                ? new RepositoryException("worktree_unwritable", $"The worktree of the session could not be made: {fault.Message}", "Free some space, or set another data directory.", fault)
                : fault is OperationCanceledException or RepositoryException ? fault : new RepositoryException("worktree_failed", $"The worktree of the session could not be made: {fault.Message}", null, fault);
        }
    }

    /// <summary>Opens the workspace of a session again; what a crash left in the person's tree is taken back first.</summary>
    public async Task<IWorkspace> OpenAsync(string sessionId, Func<string, bool> isDenied, CancellationToken cancellationToken)
    {
        var folder = WorkspaceFolder.Of(_dataDirectory, sessionId);
        var record = Read(folder) ?? throw new RepositoryException("worktree_not_found", $"Session {sessionId} has no worktree any more.", "Start the request again.");
        if (!Directory.Exists(record.Directory) || !Directory.Exists(record.Root))
        {
            throw new RepositoryException("worktree_not_found", $"{(Directory.Exists(record.Root) ? record.Directory : record.Root)} is gone.", "Put it back, or start the request again.");
        }

        var repository = WorkspaceStart.RepositoryOf(_git, folder, record, time);
        RemoveStaleLocks(folder.Repository);
        var saved = await new SavePointStore(repository, sessionId, time).ListAsync(cancellationToken).ConfigureAwait(false);
        if (saved.Count == 0)
        {
            throw new RepositoryException("session_damaged", $"The save points of session {sessionId} are gone.", "Start the request again.");
        }

        var workspace = new Workspace(folder, record, repository, saved, isDenied, WorkspaceFolder.LockFile(_dataDirectory, record.Root), time);
        await workspace.RecoverAsync(cancellationToken).ConfigureAwait(false);
        return workspace;
    }

    /// <summary>Ids of sessions that have a worktree.</summary>
    public IReadOnlyList<string> List() => Directory.Exists(WorkspaceFolder.All(_dataDirectory))
        ? [.. Directory.EnumerateDirectories(WorkspaceFolder.All(_dataDirectory)).Select(d => Path.GetFileName(d)!).Where(WorkspaceFolder.IsId).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Removes the worktree of a session, its repository and its records; nothing else. What was applied stays applied and cannot be undone any more.</summary>
    public async Task RemoveAsync(string sessionId, CancellationToken cancellationToken)
    {
        var folder = WorkspaceFolder.Of(_dataDirectory, sessionId);
        if (!Directory.Exists(folder.Path))
        {
            return;
        }

        if (ReadOrNull(folder) is { } record && Directory.Exists(record.Directory))
        {
            await EmptyAsync(folder, record, cancellationToken).ConfigureAwait(false);
        }

        RemoveFolder(folder.Path);
    }

    /// <summary>Removes the worktrees of ended sessions; gives their ids.</summary>
    /// <param name="isEnded">Whether a session has ended and nobody will go on with it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<string>> CleanUpAsync(Func<string, bool> isEnded, CancellationToken cancellationToken)
    {
        var ended = List().Where(isEnded).ToList();
        foreach (var session in ended)
        {
            await RemoveAsync(session, cancellationToken).ConfigureAwait(false);
        }

        return ended;
    }

    /// <summary>
    /// Removes the files of a worktree, by git: names that are not UTF-8 cannot be removed by .NET. With an empty index everything is untracked. What git
    /// cannot remove, for instance without a sandbox, is tried once more by the caller.
    /// </summary>
    private async Task EmptyAsync(WorkspaceFolder folder, WorkspaceRecord record, CancellationToken cancellationToken)
    {
        MakeAccessible(record.Directory);
        var repository = WorkspaceStart.RepositoryOf(_git, folder, record, time);
        var clean = GitCall.Of("clean", "-q", "-x", "-d", "-f", "-f") with { WorkTree = record.Directory, Index = repository.Index("none"), Answers = [1, 128] };
        try
        {
            await repository.RunAsync(clean, cancellationToken).ConfigureAwait(false);
        }
        catch (RepositoryException)
        {
            // The rest is removed without git.
        }
    }

    private static WorkspaceRecord? ReadOrNull(WorkspaceFolder folder)
    {
        try
        {
            return Read(folder);
        }
        catch (RepositoryException)
        {
            return null;
        }
    }

    private static WorkspaceRecord? Read(WorkspaceFolder folder)
    {
        if (!File.Exists(folder.RecordFile))
        {
            return null;
        }

        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(folder.RecordFile), WorkspaceJson.Default.WorkspaceRecord);
            return record is { Version: RecordVersion } ? record : throw new JsonException("It has another form.");
        }
        catch (JsonException fault)
        {
            throw new RepositoryException("session_damaged", $"{folder.RecordFile} cannot be read.", "Start the request again.", fault);
        }
    }

    /// <summary>A killed git leaves its lock files; whoever opens a session holds it alone.</summary>
    private static void RemoveStaleLocks(string repository)
    {
        foreach (var file in Directory.EnumerateFiles(repository, "*.lock").Concat(Directory.EnumerateFiles(Path.Combine(repository, "refs"), "*.lock", SearchOption.AllDirectories)))
        {
            File.Delete(file);
        }
    }

    /// <summary>Removes a folder. A command may have left directories in it that cannot be entered; they are its owner's, so that is put right.</summary>
    private static void RemoveFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        // The record goes first: without it the rest is no workspace, whenever this is cut off.
        File.Delete(new WorkspaceFolder(path).RecordFile);
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (UnauthorizedAccessException) when (!OperatingSystem.IsWindows())
        {
            MakeAccessible(path);
            Directory.Delete(path, recursive: true);
        }
        catch (IOException fault)
        {
            throw new RepositoryException("worktree_not_removed", $"{path} could not be removed: {fault.Message}", "Remove it by hand.", fault);
        }
    }

    private static void MakeAccessible(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var inner in new DirectoryInfo(directory).EnumerateDirectories().Where(d => d.LinkTarget is null))
        {
            MakeAccessible(inner.FullName);
        }
    }

    private static bool IsWithin(string inner, string outer) => inner == outer || inner.StartsWith(outer.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
