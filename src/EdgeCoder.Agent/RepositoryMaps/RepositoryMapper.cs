using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Secrets;

namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>
/// Makes maps of one tree. Indexing runs in the background, on threads of its own, and keeps what it found for the next time; who cannot wait gets a map of what
/// is known so far (agent-executor-models 2.7: it never blocks the first answer).
/// </summary>
/// <param name="root">The tree.</param>
/// <param name="secrets">What is denied is not in the map.</param>
/// <param name="ignores">What is ignored is not in the map either.</param>
/// <param name="cacheFile">Where the index is kept (<see cref="MapCache.PathOf"/>); null: nowhere.</param>
internal sealed class RepositoryMapper(ProjectRoot root, SecretFilePolicy secrets, IgnoreRules ignores, string? cacheFile) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _lock = new();
    private SymbolIndex? _known;
    private Indexing? _indexing;
    private Task<SymbolIndex>? _running;
    private Task _writing = Task.CompletedTask;

    /// <summary>Begins to index, unless that is under way: for a session that has not got its first prompt yet.</summary>
    public void Start() => _ = Running();

    /// <summary>A map of the tree as it is now.</summary>
    public async Task<RepositoryMap> BuildAsync(MapRequest request, CancellationToken cancellationToken)
    {
        var index = await Running().WaitAsync(cancellationToken);
        return await MapAsync(index, complete: true, request, cancellationToken);
    }

    /// <summary>The same when it is there in time; else a map of what is known: the index as it was last, or what has been read so far.</summary>
    public async Task<RepositoryMap> BuildAsync(MapRequest request, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var running = Running();
        try
        {
            return await MapAsync(await running.WaitAsync(patience, time, cancellationToken), complete: true, request, cancellationToken);
        }
        catch (TimeoutException)
        {
            return await MapAsync(SoFar(), complete: false, request, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended.Cancel();
        try
        {
            // It uses the root, which its owner closes after this.
            _running?.GetAwaiter().GetResult();
        }
        catch (Exception fault) when (fault is OperationCanceledException or Tools.ToolException or IOException)
        {
            // As asked, or the tree is gone.
        }

        _writing.GetAwaiter().GetResult();

        _ended.Dispose();
    }

    private static async Task<RepositoryMap> MapAsync(SymbolIndex index, bool complete, MapRequest request, CancellationToken cancellationToken)
    {
        if (request.Tokens <= 0 || index.Files.Count == 0)
        {
            return new("", 0, 0, index.Files.Count, complete, []);
        }

        var ranked = await Task.Run(() => SymbolRanking.Rank(index, new TaskWords(request.Task), request.Touched.ToHashSet(StringComparer.Ordinal)), cancellationToken);
        var (text, tokens, symbols) = await MapText.FitAsync(index, ranked, request.Tokens, request.CountTokens, cancellationToken);
        return new(text, tokens, symbols, index.Files.Count, complete, [.. ranked.Take(symbols).Select(symbol => index.Files[symbol.File].Path).Distinct()]);
    }

    private Task<SymbolIndex> Running()
    {
        lock (_lock)
        {
            if (_running is not { IsCompleted: false })
            {
                _running = Task.Run(IndexAsync, _ended.Token);
            }

            return _running;
        }
    }

    private SymbolIndex SoFar()
    {
        lock (_lock)
        {
            return _known is { Files.Count: > 0 } known ? known : _indexing?.Snapshot() ?? SymbolIndex.Empty;
        }
    }

    private async Task<SymbolIndex> IndexAsync()
    {
        var indexing = new Indexing(root, secrets, ignores);
        lock (_lock)
        {
            _indexing = indexing;
        }

        var index = await indexing.RunAsync(Task.Run(Previous), _ended.Token);
        lock (_lock)
        {
            _known = index;
        }

        if (indexing.Changed && cacheFile is not null)
        {
            // Nobody waits for it but the end of the session and the next writing.
            _writing = _writing.ContinueWith(_ => MapCache.Write(cacheFile, index.Compacted()), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return index;
    }

    /// <summary>The index as it was last; it is known from now on.</summary>
    private SymbolIndex Previous()
    {
        lock (_lock)
        {
            if (_known is not null)
            {
                return _known;
            }
        }

        var previous = Allowed((cacheFile is null ? null : MapCache.Read(cacheFile)) ?? SymbolIndex.Empty);
        lock (_lock)
        {
            return _known ??= previous;
        }
    }

    /// <summary>What an earlier session kept, without what is denied to this one.</summary>
    private SymbolIndex Allowed(SymbolIndex index) => new([.. index.Files.Where(file => !secrets.IsDenied(file.Path))], index.Names);
}
