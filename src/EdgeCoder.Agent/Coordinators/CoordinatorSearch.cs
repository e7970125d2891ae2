using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Protocol.Identifiers;

namespace EdgeCoder.Agent.Coordinators;

/// <summary>
/// Finds a coordinator (coordinator-and-mesh 10): registry feed, then cache, then bootstrap addresses, shuffled inside a source; the first that passes the check
/// wins and a failing one blocks nothing.
/// </summary>
/// <param name="settings">Where to look.</param>
/// <param name="http">Unsigned calls; follows no redirects.</param>
/// <param name="cache">Those that answered before.</param>
/// <param name="shuffle">Orders candidates of one source.</param>
/// <param name="time">The clock.</param>
public sealed class CoordinatorSearch(CoordinatorSettings settings, HttpClient http, CoordinatorCache cache, Random shuffle, TimeProvider time)
{
    private const int MostCandidates = 64;
    private const int MostFeedBytes = 1 << 20;

    private readonly CandidateCheck _check = new(http, time);

    /// <summary>Tells a person what was noticed on the way: a feed or a cache that could not be used.</summary>
    public Action<string> Notice { get; init; } = static _ => { };

    /// <summary>Searches once. Throws <see cref="NoCoordinatorException"/> with the reason of every candidate.</summary>
    /// <param name="pins">What is known of coordinators.</param>
    /// <param name="current">The one in use, which is preferred; null: none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<FoundCoordinator> FindAsync(CoordinatorPins pins, string? current, CancellationToken cancellationToken)
    {
        var refused = new List<RefusedCandidate>();
        foreach (var candidate in await CandidatesAsync(current, cancellationToken).ConfigureAwait(false))
        {
            var (found, why) = await _check.CheckAsync(candidate, pins, cancellationToken).ConfigureAwait(false);
            if (found is null)
            {
                refused.Add(new(candidate.Url, why!));
                continue;
            }

            cache.Keep(new(found.PeerId, found.Url, found.Key.SpkiSha256, time.GetUtcNow().ToUnixTimeMilliseconds()));
            return found;
        }

        throw new NoCoordinatorException(refused);
    }

    private async Task<IReadOnlyList<Candidate>> CandidatesAsync(string? current, CancellationToken cancellationToken)
    {
        var feed = (await FeedAsync(cancellationToken).ConfigureAwait(false)).ToArray();
        var cached = cache.Read().Select(entry => new Candidate(entry.CoordinatorUrl, entry.PeerId, entry.PublicKeySha256, CandidateSource.Cache)).ToArray();
        if (cache.Fault is { } fault)
        {
            Notice(fault);
        }

        var bootstrap = settings.Bootstrap.Select(url => new Candidate(url, null, null, CandidateSource.Bootstrap)).ToArray();
        shuffle.Shuffle(feed);
        shuffle.Shuffle(cached);
        shuffle.Shuffle(bootstrap);
        // An agent stays with its coordinator as long as that one passes; the same address may come from several sources, with or without a key.
        Candidate[] all = [.. feed, .. cached, .. bootstrap];
        return [.. all.OrderByDescending(candidate => candidate.Url == current).DistinctBy(candidate => (candidate.Url, candidate.PeerId, candidate.PublicKeySha256)).Take(MostCandidates)];
    }

    private async Task<IEnumerable<Candidate>> FeedAsync(CancellationToken cancellationToken)
    {
        if (settings.Feed is not { } address)
        {
            return [];
        }

        try
        {
            using var deadline = new CancellationTokenSource(settings.CallTime, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            answer.EnsureSuccessStatusCode();
            await answer.Content.LoadIntoBufferAsync(MostFeedBytes, either.Token).ConfigureAwait(false);
            var feed = await answer.Content.ReadFromJsonAsync(FeedJson.Default.CoordinatorFeed, either.Token).ConfigureAwait(false);
            return (feed?.Coordinators ?? []).Select(Read).OfType<Candidate>().Take(MostCandidates);
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or IOException || fault is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Notice($"The list of coordinators at {address} could not be read; others are tried.");
            return [];
        }
    }

    private static Candidate? Read(FeedEntry? entry) =>
        entry?.PeerId is { } id && ClientId.IsValid(id) && CoordinatorUrl.TryNormalise(entry.CoordinatorUrl, out var url)
            ? new(url, id, entry.PublicKeySha256, CandidateSource.Feed)
            : null;
}
