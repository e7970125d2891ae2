using System.Text.Json;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>
/// Events of all tasks of the caller's accounts as server-sent events: what the portal follows for a person, with one connection instead of one for each task. The
/// id of an event is its time; from any time on, some seconds before it come again, so that nothing is missed where silos commit out of order. A comment every 15 s.
/// </summary>
internal sealed class TaskFeed(IDbContextFactory<CoordinatorContext> contexts, QueueSignals signals, QueueClock time)
{
    // Clocks of silos and the order of commits differ by less.
    private const long OverlapMs = 10_000;

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    // A busy queue wakes everybody all the time; looking more often helps nobody.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Writes events after a time, or from now on, until the client goes.</summary>
    public async Task WriteAsync(HttpContext http, long? afterMs, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var follower = new Follower([.. http.Caller().Accounts], afterMs is { } ms ? ms - OverlapMs : NowMs);
        await follower.StartAsync(contexts, cancellationToken);

        // From here on nothing is missed: who reads this comment may read the tasks, and then the events.
        await SayAsync(http, ": following\n\n", cancellationToken);
        var spoken = time.GetTimestamp();
        while (true)
        {
            var next = signals.Tasks.Next;
            var looked = time.GetTimestamp();
            var events = await follower.LookAsync(contexts, NowMs, cancellationToken);
            if (events.Count > 0)
            {
                await SayAsync(http, string.Concat(events.Select(Text)), cancellationToken);
                spoken = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(spoken) >= KeepAlive)
            {
                await SayAsync(http, ": waiting\n\n", cancellationToken);
                spoken = time.GetTimestamp();
            }

            await Pulse.WaitAsync(next, QueueSignals.LookAgain, time, cancellationToken);
            if (time.GetElapsedTime(looked) is var since && since < LeastPause)
            {
                await Task.Delay(LeastPause - since, time, cancellationToken);
            }
        }
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Text(TaskEventRow at)
    {
        using var data = JsonDocument.Parse(at.DataJson);
        return $"id: {at.AtMs}\nevent: {at.Type}\ndata: {JsonSerializer.Serialize(new AccountTaskEvent(at.TaskId, at.Sequence, at.Type, at.AtMs, data.RootElement), MeshJson.Default.AccountTaskEvent)}\n\n";
    }

    private static async Task SayAsync(HttpContext http, string text, CancellationToken cancellationToken)
    {
        await http.Response.WriteAsync(text, cancellationToken);
        await http.Response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>What one connection has told: of each open task the last event. Tasks that ended leave after their last event.</summary>
    private sealed class Follower(string[] accounts, long sinceMs)
    {
        private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);
        private readonly Dictionary<string, long> _ended = new(StringComparer.Ordinal);
        private long _createdSinceMs = sinceMs - OverlapMs;

        /// <summary>Open tasks as they are, but for their events since the beginning; and the tasks that ended since then.</summary>
        public async Task StartAsync(IDbContextFactory<CoordinatorContext> contexts, CancellationToken cancellationToken)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var before = await (
                from task in context.Set<TaskRow>()
                where accounts.Contains(task.AccountId) && (task.FinishedAtMs == null || task.FinishedAtMs >= sinceMs)
                select new
                {
                    task.TaskId,
                    Told = context.Set<TaskEventRow>().Where(e => e.TaskId == task.TaskId && e.AtMs < sinceMs).Max(e => (long?)e.Sequence) ?? 0,
                }).ToListAsync(cancellationToken);
            foreach (var task in before)
            {
                _told[task.TaskId] = task.Told;
            }
        }

        /// <summary>Events that were not told yet.</summary>
        public async Task<List<TaskEventRow>> LookAsync(IDbContextFactory<CoordinatorContext> contexts, long nowMs, CancellationToken cancellationToken)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var followed = _told.Keys.ToArray();
            var found = await context.Set<TaskRow>()
                .Where(t => (accounts.Contains(t.AccountId) && t.FinishedAtMs == null) || (accounts.Contains(t.AccountId) && t.CreatedAtMs >= _createdSinceMs) || followed.Contains(t.TaskId))
                .Select(t => new { t.TaskId, t.Events, Final = t.FinishedAtMs != null }).ToListAsync(cancellationToken);
            _createdSinceMs = nowMs - OverlapMs;
            var changed = found.Where(t => !_ended.ContainsKey(t.TaskId) && t.Events > _told.GetValueOrDefault(t.TaskId)).Select(t => t.TaskId).ToArray();
            List<TaskEventRow> events = changed.Length == 0 ? [] : await context.Set<TaskEventRow>().Where(e => changed.Contains(e.TaskId)).OrderBy(e => e.AtMs).ThenBy(e => e.TaskId).ThenBy(e => e.Sequence).ToListAsync(cancellationToken);
            events.RemoveAll(e => e.Sequence <= _told.GetValueOrDefault(e.TaskId));
            foreach (var task in found.Where(t => !_ended.ContainsKey(t.TaskId)))
            {
                _told[task.TaskId] = Math.Max(_told.GetValueOrDefault(task.TaskId), events.Where(e => e.TaskId == task.TaskId).Select(e => e.Sequence).DefaultIfEmpty(0).Max());
                if (task.Final && _told[task.TaskId] >= task.Events)
                {
                    _told.Remove(task.TaskId);
                    _ended[task.TaskId] = nowMs;
                }
            }

            foreach (var old in _ended.Where(one => one.Value < nowMs - (3 * OverlapMs)).Select(one => one.Key).ToList())
            {
                _ended.Remove(old);
            }

            return events;
        }
    }
}
