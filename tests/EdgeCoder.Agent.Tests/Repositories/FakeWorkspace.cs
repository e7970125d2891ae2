using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>
/// A workspace without git, for what is not about git: a directory whose states are kept in memory and outlive the session object, as git's outlive a process.
/// </summary>
internal sealed class FakeWorkspace : IWorkspace
{
    private readonly Dictionary<string, SortedDictionary<string, string>> _trees = [];
    private readonly List<SavePoint> _saved = [];

    public FakeWorkspace(string projectRoot, string directory)
    {
        (ProjectRoot, Directory) = (projectRoot, directory);
        Write(projectRoot, directory);
        _saved.Add(new(0, Keep(), "base", 0));
    }

    public string Directory { get; }

    public string ProjectRoot { get; }

    public SavePoint Base => _saved[0];

    public IReadOnlyList<SavePoint> SavePoints => [.. _saved];

    /// <summary>Whether putting back does nothing.</summary>
    public bool Broken { get; set; }

    public Task<SavePoint> SaveAsync(string label, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var tree = Keep();
        if (_saved[^1].Tree != tree)
        {
            _saved.Add(new(_saved.Count, tree, label, 0));
        }

        return Task.FromResult(_saved[^1]);
    }

    public Task RestoreAsync(SavePoint point, CancellationToken cancellationToken)
    {
        if (Broken)
        {
            return Task.CompletedTask;
        }

        foreach (var file in System.IO.Directory.GetFiles(Directory, "*", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        foreach (var (path, text) in _trees[point.Tree])
        {
            var file = Path.Combine(Directory, path);
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<FileChange>> ChangesAsync(string fromTree, string toTree, CancellationToken cancellationToken)
    {
        var (from, to) = (_trees[fromTree], _trees[toTree]);
        return Task.FromResult<IReadOnlyList<FileChange>>(
        [
            .. from.Keys.Union(to.Keys).Where(p => from.GetValueOrDefault(p) != to.GetValueOrDefault(p)).Order(StringComparer.Ordinal).Select(p => new FileChange(
                p, null, !from.ContainsKey(p) ? FileChangeKind.Added : to.ContainsKey(p) ? FileChangeKind.Modified : FileChangeKind.Deleted, false, null,
                [new DiffHunk { OldStart = 1, OldLines = 1, NewStart = 1, NewLines = 1, Content = $"-{from.GetValueOrDefault(p)}\n+{to.GetValueOrDefault(p)}" }])),
        ]);
    }

    public async Task<string> PatchAsync(string fromTree, string toTree, CancellationToken cancellationToken) =>
        string.Concat((await ChangesAsync(fromTree, toTree, cancellationToken)).Select(c => $"--- {c.Path}\n{c.Hunks[0].Content}\n"));

    public Task<FileVersions> VersionsAsync(string fromTree, string toTree, FileChange change, CancellationToken cancellationToken) =>
        Task.FromResult(new FileVersions(Bytes(fromTree, change.Path), Bytes(toTree, change.Path)));

    public Task<ApplyOutcome> ApplyAsync(string tree, CancellationToken cancellationToken) => throw new NotSupportedException("Applying is tested on real git.");

    public Task<string> SelectAsync(string tree, IReadOnlyList<ReviewedFile> kept, CancellationToken cancellationToken) => throw new NotSupportedException("Selecting is tested on real git.");

    public Task<ApplyOutcome> UndoApplyAsync(CancellationToken cancellationToken) => throw new NotSupportedException("Applying is tested on real git.");

    public Task<ApplyOutcome> RedoApplyAsync(CancellationToken cancellationToken) => throw new NotSupportedException("Applying is tested on real git.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private byte[]? Bytes(string tree, string path) => _trees[tree].TryGetValue(path, out var text) ? Encoding.UTF8.GetBytes(text) : null;

    private string Keep()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in System.IO.Directory.GetFiles(Directory, "*", SearchOption.AllDirectories))
        {
            files[Path.GetRelativePath(Directory, file).Replace('\\', '/')] = File.ReadAllText(file);
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', files.Select(f => $"{f.Key}\0{f.Value}")))))[..40];
        _trees[hash] = files;
        return hash;
    }

    private static void Write(string from, string to)
    {
        foreach (var file in System.IO.Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(f => !Path.GetRelativePath(from, f).StartsWith(".git", StringComparison.Ordinal)))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
