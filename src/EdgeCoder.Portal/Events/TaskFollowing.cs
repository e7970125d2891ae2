using System.Collections.Concurrent;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Protocol;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Portal.Events;

/// <summary>
/// Follows the tasks of each person who has a page open, with one connection to the home coordinator for each person, and tells the bus. A connection that breaks is
/// taken up again after the last event, with pauses up to fifteen seconds.
/// </summary>
/// <param name="home">The coordinator.</param>
/// <param name="bus">Who is told.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Log.</param>
internal sealed partial class TaskFollowing(HomeCoordinator home, LiveBus bus, TimeProvider time, ILogger<TaskFollowing> log) : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Followed> _followed = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Follows a person's tasks until what it gives is disposed; when it is given, the coordinator is followed or known to be away.</summary>
    public async Task<IDisposable> FollowAsync(string personId, CancellationToken cancellationToken)
    {
        Followed followed;
        while (true)
        {
            followed = _followed.GetOrAdd(personId, static _ => new());
            lock (followed)
            {
                if (!followed.Gone)
                {
                    followed.Count++;
                    followed.Running ??= Task.Run(() => RunAsync(personId, followed), CancellationToken.None);
                    break;
                }
            }
        }

        var leaving = new Leaving(this, personId, followed);
        try
        {
            await followed.First.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return leaving;
        }
        catch
        {
            leaving.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        foreach (var followed in _followed.Values)
        {
            await (followed.Running ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _ending.Dispose();
    }

    private async Task RunAsync(string personId, Followed followed)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, followed.Left.Token);
        var (since, pause) = ((long?)null, TimeSpan.FromSeconds(1));
        while (!both.IsCancellationRequested)
        {
            try
            {
                since = await ReadAsync(personId, followed, since, () => pause = TimeSpan.FromSeconds(1), both.Token).ConfigureAwait(false);
            }
            catch (Exception) when (both.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is Refusal or HttpRequestException or IOException or JsonException)
            {
                LogAway(fault.GetType().Name);
            }

            followed.First.TrySetResult();
            try
            {
                await Task.Delay(pause, time, both.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<long?> ReadAsync(string personId, Followed followed, long? since, Action opened, CancellationToken cancellationToken)
    {
        using var request = home.Request(HttpMethod.Get, ["tasks", "-", "events"], accountId: "acct-" + personId);
        if (since is { } after)
        {
            request.RequestUri = new Uri(request.RequestUri!.AbsoluteUri + string.Create(CultureInfo.InvariantCulture, $"?after={after}"));
        }

        using var answer = await home.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException("refused", null, answer.StatusCode);
        }

        opened();
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        followed.First.TrySetResult();
        since ??= time.GetUtcNow().ToUnixTimeMilliseconds();
        await foreach (var one in SseParser.Create(stream).EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            if (JsonSerializer.Deserialize(one.Data, MeshJson.Default.AccountTaskEvent) is not { } happened)
            {
                continue;
            }

            since = Math.Max(since.Value, happened.AtMs);
            var data = new JsonObject { ["taskId"] = happened.TaskId, ["sequence"] = happened.Sequence, ["type"] = happened.Type, ["atMs"] = happened.AtMs, ["data"] = JsonNode.Parse(happened.Data.GetRawText()) };
            await bus.TellAsync(personId, "task", string.Create(CultureInfo.InvariantCulture, $"{happened.TaskId}:{happened.Sequence}"), data, cancellationToken).ConfigureAwait(false);
        }

        return since;
    }

    private void Leave(string personId, Followed followed)
    {
        lock (followed)
        {
            if (--followed.Count == 0)
            {
                followed.Gone = true;
                _followed.TryRemove(personId, out _);
                followed.Left.Cancel();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The coordinator's events are away ({Fault}); they are asked for again")]
    private partial void LogAway(string fault);

    private sealed class Followed
    {
        public int Count { get; set; }

        public bool Gone { get; set; }

        public Task? Running { get; set; }

        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource Left { get; } = new();
    }

    private sealed class Leaving(TaskFollowing owner, string personId, Followed followed) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                owner.Leave(personId, followed);
            }
        }
    }
}
