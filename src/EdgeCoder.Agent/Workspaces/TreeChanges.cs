using System.Text.Unicode;
using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>Changes between trees, as git computes them. Content of denied files is never asked for (agent-executor-models 2.2).</summary>
/// <param name="repository">Where the trees are.</param>
/// <param name="isDenied">Whether a path's content is denied.</param>
internal sealed class TreeChanges(PrivateRepository repository, Func<string, bool> isDenied)
{
    // An argument list has an end; a change with so many denied files is shown without any content.
    private const int MostExcludedBytes = 64 << 10;

    /// <summary>The change, a file each, ordered by path.</summary>
    public async Task<IReadOnlyList<FileChange>> ReadAsync(string from, string to, CancellationToken cancellationToken) =>
        [.. (await PairsAsync(from, to, cancellationToken).ConfigureAwait(false)).Select(p => ToChange(p.Raw, p.Patch)).OrderBy(c => c.Path, StringComparer.Ordinal)];

    /// <summary>The entries of the change with their patches; a denied file has none.</summary>
    public async Task<IReadOnlyList<(RawChange Raw, PatchFile? Patch)>> PairsAsync(string from, string to, CancellationToken cancellationToken)
    {
        var all = await RawAsync(from, to, cancellationToken).ConfigureAwait(false);
        if (Excluded(all) is not { } excluded)
        {
            return [.. all.Select(c => (c, (PatchFile?)null))];
        }

        var answer = await repository.RunAsync(GitCall.Of(["diff-tree", "-r", "-M", "-z", "--raw", .. PatchOptions, from, to, "--", .. excluded]), cancellationToken).ConfigureAwait(false);
        var shown = RawChange.Read(answer.Bytes, out var patch);
        var parts = new Queue<PatchFile>(PatchText.Read(patch));
        var patches = new Dictionary<GitPath, PatchFile>();
        foreach (var change in shown)
        {
            // A file that becomes a link, or the other way round, is a deletion and a new file.
            var first = Take(parts);
            patches[change.Path] = change.Status == 'T' ? new PatchFile(true, [.. first.Hunks, .. Take(parts).Hunks]) : first;
        }

        return [.. all.Select(c => (c, IsDenied(c) ? null : patches.GetValueOrDefault(c.Path)))];
    }

    /// <summary>The change as a unified diff that <c>git apply</c> takes.</summary>
    /// <param name="from">Tree before.</param>
    /// <param name="to">Tree after.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="path">Only this file or directory; null: everything.</param>
    /// <param name="binary">Whether binary files are in it with their content, so that it can be applied; else they are named.</param>
    public async Task<byte[]> PatchAsync(string from, string to, CancellationToken cancellationToken, string? path = null, bool binary = true)
    {
        var all = await RawAsync(from, to, cancellationToken, path).ConfigureAwait(false);
        if (Excluded(all) is not { } excluded)
        {
            return [];
        }

        string[] options = binary ? ["-M", "--binary"] : ["-M"];
        string[] arguments = ["diff-tree", "-r", .. options, .. PatchOptions, from, to, "--", .. Within(path), .. excluded];
        var patch = (await repository.RunAsync(GitCall.Of(arguments), cancellationToken).ConfigureAwait(false)).Bytes;
        return binary && !Utf8.IsValid(patch) ? await AsTextAsync(from, to, arguments, cancellationToken).ConfigureAwait(false) : patch;
    }

    /// <summary>The patch again, with files that are not UTF-8 as binary ones: it must survive being text.</summary>
    private async Task<byte[]> AsTextAsync(string from, string to, string[] arguments, CancellationToken cancellationToken)
    {
        var pairs = await PairsAsync(from, to, cancellationToken).ConfigureAwait(false);
        var foreign = pairs.Where(p => p.Patch is { } patch && patch.Hunks.Any(h => h.Lines.Any(l => !Utf8.IsValid(l)))).SelectMany(p => p.Raw.OldPath is { } old ? [p.Raw.Path, old] : (GitPath[])[p.Raw.Path]);
        var attributes = Path.Combine(repository.Directory, $"attributes-{Guid.NewGuid():N}");
        await File.WriteAllLinesAsync(attributes, foreign.Select(f => $"{AttributePattern.Of(f)} -diff"), cancellationToken).ConfigureAwait(false);
        try
        {
            return (await repository.RunAsync(GitCall.Of(["-c", $"core.attributesFile={attributes}", "-c", "core.quotePath=true", .. arguments]), cancellationToken).ConfigureAwait(false)).Bytes;
        }
        finally
        {
            File.Delete(attributes);
        }
    }

    /// <summary>Entries of the change, denied ones too.</summary>
    public async Task<IReadOnlyList<RawChange>> RawAsync(string from, string to, CancellationToken cancellationToken, string? path = null, bool renames = true) =>
        RawChange.Read((await repository.RunAsync(GitCall.Of(["diff-tree", "-r", renames ? "-M" : "--no-renames", "-z", "--raw", from, to, "--", .. Within(path)]), cancellationToken).ConfigureAwait(false)).Bytes, out _);

    /// <summary>Whether a change shows the content of a denied file, under its old or its new name.</summary>
    public bool IsDenied(RawChange change) => isDenied(change.Path.ToString()) || (change.OldPath is { } old && isDenied(old.ToString()));

    private static string[] PatchOptions { get; } = ["-p", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color", "--unified=3", "--diff-algorithm=histogram"];

    private static PatchFile Take(Queue<PatchFile> parts) =>
        parts.TryDequeue(out var part) ? part : throw new RepositoryException("git_failed", "git answered a diff with fewer files than it names.");

    private static string[] Within(string? path) => path is null ? [] : [$":(top,literal){path}"];

    /// <summary>Pathspecs that leave denied files out; null when they cannot be named, and then no content at all may be asked for.</summary>
    private List<string>? Excluded(IReadOnlyList<RawChange> all)
    {
        var denied = all.Where(IsDenied).SelectMany(c => c.OldPath is { } old ? [c.Path, old] : (GitPath[])[c.Path]).ToList();
        return denied.Any(d => d.Text is null) || denied.Sum(d => d.Bytes.Length) > MostExcludedBytes ? null : [.. denied.Select(d => $":(top,exclude,literal){d.Text}")];
    }

    private FileChange ToChange(RawChange raw, PatchFile? patch) => new(
        raw.Path.ToString(),
        raw.Status == 'R' ? raw.OldPath?.ToString() : null,
        raw.Status switch
        {
            'A' or 'C' => FileChangeKind.Added,
            'D' => FileChangeKind.Deleted,
            'R' => FileChangeKind.Renamed,
            _ => FileChangeKind.Modified,
        },
        patch?.Binary ?? true,
        IsDenied(raw) ? "its content is denied by the secret-file policy and is not shown" : LaterRunning.Caution(raw.Path.ToString()),
        patch is null or { Binary: true } ? [] : [.. patch.Hunks.Select(h => h.ToDiffHunk())]);
}
