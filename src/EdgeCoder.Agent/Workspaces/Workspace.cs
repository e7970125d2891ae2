using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Git.Tools;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>The workspace of a session, on git in the sandbox. One caller at a time changes it; looking may go on meanwhile.</summary>
internal sealed class Workspace : IWorkspace
{
    private readonly WorkspaceRecord _record;
    private readonly SavePointStore _points;
    private readonly TreeSnapshot _snapshot;
    private readonly TreeChanges _changes;
    private readonly Applying _applying;
    private readonly List<SavePoint> _saved;
    private readonly GitView _view;
    private string? _recovered;
    private readonly SemaphoreSlim _one = new(1);

    public Workspace(WorkspaceFolder folder, WorkspaceRecord record, PrivateRepository repository, IReadOnlyList<SavePoint> saved, Func<string, bool> isDenied, string lockFile, TimeProvider time)
    {
        _record = record;
        Repository = repository;
        _points = new SavePointStore(repository, record.SessionId, time);
        _snapshot = new TreeSnapshot(repository, repository.Index("save"), record.Directory, []);
        _changes = new TreeChanges(repository, isDenied);
        _applying = new Applying(folder, record, repository, isDenied, lockFile);
        _saved = [.. saved];
        _view = new GitView(repository, record.Directory, isDenied);
        Tools = GitTools.Create(_view, record.Remotes ?? new Dictionary<string, string>(), () => GitIdentity.Program(time.GetUtcNow()) is var program && record is { UserName: { } name, UserEmail: { } email } ? program with { Name = name, Email = email } : program);
    }

    /// <inheritdoc/>
    public string Directory => _record.Directory;

    /// <inheritdoc/>
    public string ProjectRoot => _record.Root;

    /// <inheritdoc/>
    public SavePoint Base => _saved[0];

    /// <inheritdoc/>
    public IReadOnlyList<SavePoint> SavePoints
    {
        get
        {
            lock (_saved)
            {
                return [.. _saved];
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => _recovered is null ? _record.Notes : [.. _record.Notes, _recovered];

    /// <inheritdoc/>
    public IReadOnlyList<ITool> Tools { get; }

    /// <summary>The session's repository.</summary>
    internal PrivateRepository Repository { get; }

    /// <inheritdoc/>
    public Task<SavePoint> SaveAsync(string label, CancellationToken cancellationToken) => AloneAsync(() => TakeAsync(label, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task RestoreAsync(SavePoint point, CancellationToken cancellationToken) => AloneAsync(
        async () =>
        {
            await TakeAsync($"before going back to save point {point.Id}", cancellationToken).ConfigureAwait(false);
            await _snapshot.RestoreAsync(point.Tree, cancellationToken).ConfigureAwait(false);

            // The branch goes back too: a commit of the session is undone with its files. A tree that a review put together was never on a branch.
            if (point.Id >= 0)
            {
                var head = await _points.HeadAsync(point.Id, cancellationToken).ConfigureAwait(false);
                await Repository.RunAsync(GitCall.Of("update-ref", "HEAD", head), cancellationToken).ConfigureAwait(false);
            }

            return point;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<FileChange>> ChangesAsync(string fromTree, string toTree, CancellationToken cancellationToken) => _changes.ReadAsync(fromTree, toTree, cancellationToken);

    /// <inheritdoc/>
    public async Task<string> PatchAsync(string fromTree, string toTree, CancellationToken cancellationToken) =>
        System.Text.Encoding.UTF8.GetString(await _changes.PatchAsync(fromTree, toTree, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<FileVersions> VersionsAsync(string fromTree, string toTree, FileChange change, CancellationToken cancellationToken)
    {
        var raw = (await _changes.RawAsync(fromTree, toTree, cancellationToken).ConfigureAwait(false)).FirstOrDefault(c => c.Path.ToString() == change.Path)
            ?? throw new RepositoryException("review_unknown_file", $"{change.Path} is not part of the change.", "Look at the change again.");
        if (_changes.IsDenied(raw))
        {
            throw new RepositoryException("denied_file", $"The content of {change.Path} is denied by the secret-file policy.");
        }

        return new FileVersions(
            raw.Status is 'A' || raw.OldMode == TreeEntry.Submodule ? null : await Repository.BlobAsync(raw.OldId, cancellationToken).ConfigureAwait(false),
            raw.Status is 'D' || raw.NewMode == TreeEntry.Submodule ? null : await Repository.BlobAsync(raw.NewId, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public Task<ApplyOutcome> ApplyAsync(string tree, CancellationToken cancellationToken) => _applying.ApplyAsync(Base.Tree, tree, cancellationToken);

    /// <inheritdoc/>
    public Task<string> SelectAsync(string tree, IReadOnlyList<ReviewedFile> kept, CancellationToken cancellationToken) =>
        new ReviewedTree(Repository, _changes, Directory).WriteAsync(Base.Tree, tree, kept, cancellationToken);

    /// <inheritdoc/>
    public Task<ApplyOutcome> UndoApplyAsync(CancellationToken cancellationToken) => _applying.UndoAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<ApplyOutcome> RedoApplyAsync(CancellationToken cancellationToken) => _applying.RedoAsync(cancellationToken);

    /// <summary>Sees to what a crash left in the person's tree; a note says what was done.</summary>
    internal async Task RecoverAsync(CancellationToken cancellationToken) => _recovered = await _applying.RecoverAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _one.Dispose();
        _view.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<SavePoint> TakeAsync(string label, CancellationToken cancellationToken)
    {
        var tree = await _snapshot.TakeAsync(cancellationToken).ConfigureAwait(false);
        if (_saved[^1].Tree == tree)
        {
            return _saved[^1];
        }

        var point = await _points.AddAsync(_saved[^1].Id + 1, tree, label, cancellationToken).ConfigureAwait(false);
        lock (_saved)
        {
            _saved.Add(point);
        }

        return point;
    }

    private async Task<T> AloneAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }
}
