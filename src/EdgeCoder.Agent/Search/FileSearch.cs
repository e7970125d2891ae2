using System.Diagnostics;
using System.Text.RegularExpressions;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Search;

/// <summary>What to search for, and where.</summary>
internal sealed record SearchRequest
{
    /// <summary>Regular expression; matches are within a line.</summary>
    public required string Pattern { get; init; }

    /// <summary>Directory or file.</summary>
    public ProjectPath Path { get; init; } = ProjectPath.Root;

    /// <summary>Glob of files; null: all.</summary>
    public string? Include { get; init; }

    /// <summary>Whether letters match in any case.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>Lines to show before and after a match.</summary>
    public int Context { get; init; }

    /// <summary>Most matches to show; all are counted.</summary>
    public int Most { get; init; } = 50;

    /// <summary>Most wall time. Default 20 s.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Larger files are left out and counted. Default 64 MiB.</summary>
    public int LargestFile { get; init; } = 64 << 20;
}

/// <summary>What was found.</summary>
/// <param name="Matches">The first matches, in the order of paths and lines.</param>
/// <param name="Total">All matching lines.</param>
/// <param name="FilesWithMatches">Files that have one.</param>
/// <param name="FilesSearched">Files that were read.</param>
/// <param name="TooLarge">Files that were left out for their size.</param>
/// <param name="TooSlow">Files that were given up.</param>
/// <param name="OutOfTime">Whether the time was over before all files were read.</param>
internal sealed record SearchOutcome(IReadOnlyList<(ProjectPath Path, SearchMatch Match)> Matches, long Total, int FilesWithMatches, int FilesSearched, int TooLarge, int TooSlow, bool OutOfTime);

/// <summary>
/// Searches files, in this process, on threads of its own: a slow search takes nobody else's. The same tree gives the same answer, whichever thread is faster.
/// </summary>
internal sealed class FileSearch
{
    private const int MostThreads = 2;

    private readonly ProjectFiles _files;
    private readonly SearchRequest _request;
    private readonly SearchPattern _pattern;
    private readonly List<ProjectPath> _paths;
    private readonly (int Count, List<SearchMatch> Kept)[] _found;
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _next = -1;
    private int _kept;
    private int _searched;
    private int _tooLarge;
    private int _tooSlow;
    private bool _outOfTime;

    private FileSearch(ProjectFiles files, SearchRequest request, CancellationToken cancellationToken)
    {
        _files = files;
        _request = request;
        _pattern = SearchPattern.Parse(request.Pattern, request.IgnoreCase);
        _paths = Paths(files, request, cancellationToken);
        _found = new (int, List<SearchMatch>)[_paths.Count];
    }

    /// <summary>Searches. Throws <see cref="ToolException"/> for a pattern or a path that cannot be searched.</summary>
    public static async Task<SearchOutcome> RunAsync(ProjectFiles files, SearchRequest request, CancellationToken cancellationToken)
    {
        var search = await OnOwnThread(() => new FileSearch(files, request, cancellationToken)).ConfigureAwait(false);
        var threads = Math.Clamp(Math.Min(Environment.ProcessorCount, search._paths.Count), 1, MostThreads);
        await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => OnOwnThread(() => search.Work(cancellationToken)))).ConfigureAwait(false);
        return search.Outcome();
    }

    private static Task<T> OnOwnThread<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static List<ProjectPath> Paths(ProjectFiles files, SearchRequest request, CancellationToken cancellationToken)
    {
        var start = files.Root.Look(request.Path) ?? throw new ToolException($"There is no file or directory {request.Path}.");
        if (start.Kind != EntryKind.Directory)
        {
            using var file = files.Open(request.Path); // Says why it is refused, if it is.
            return [request.Path];
        }

        var include = request.Include is { Length: > 0 } glob ? new PathGlob(glob, files.Root.IgnoresCase) : null;
        var paths = new List<ProjectPath>();
        TreeWalk.Run(
            files.Root,
            request.Path,
            files.Ignores,
            hidden: true,
            int.MaxValue,
            entry =>
            {
                if (entry.Entry is { Kind: EntryKind.File, Reachable: true } && IsIncluded(include, request.Path, entry.Path) && !files.Secrets.IsDenied(entry.Path.Value))
                {
                    paths.Add(entry.Path);
                }

                return true;
            },
            cancellationToken,
            states: false);
        return paths;
    }

    private static bool IsIncluded(PathGlob? include, ProjectPath start, ProjectPath path) =>
        include is null || include.IsMatch(path.Value) || (!start.IsRoot && path.Value.Length > start.Value.Length && include.IsMatch(path.Value[(start.Value.Length + 1)..]));

    private bool Work(CancellationToken cancellationToken)
    {
        using var scan = new FileScan(_pattern, _request.Context);
        using var reader = new FileReader(_files, _request.LargestFile);
        while (Interlocked.Increment(ref _next) is var index && index < _paths.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(_started) > _request.Time)
            {
                return _outOfTime = true;
            }

            Search(index, scan, reader);
        }

        return true;
    }

    private void Search(int index, FileScan scan, FileReader reader)
    {
        // Files are taken in order, so when enough matches are kept by files that are done, they all come before this one's.
        var keep = Volatile.Read(ref _kept) >= _request.Most ? 0 : _request.Most;
        var kept = new List<SearchMatch>();
        try
        {
            if (!reader.TryRead(_paths[index], out var bytes))
            {
                Interlocked.Increment(ref _tooLarge);
                return;
            }

            var count = scan.Run(bytes, keep, kept);
            _found[index] = (count, kept);
            Interlocked.Increment(ref _searched);
            Interlocked.Add(ref _kept, kept.Count);
        }
        catch (RegexMatchTimeoutException)
        {
            Interlocked.Increment(ref _tooSlow);
        }
        catch (Exception fault) when (fault is ToolException or IOException or UnauthorizedAccessException)
        {
            // It went away, changed into something else, or is not ours to read.
        }
    }

    private SearchOutcome Outcome()
    {
        var matches = _found.SelectMany((found, index) => (found.Kept ?? []).Select(match => (_paths[index], match))).Take(_request.Most).ToList();
        return new(matches, _found.Sum(found => (long)found.Count), _found.Count(found => found.Count > 0), _searched, _tooLarge, _tooSlow, _outOfTime);
    }
}
