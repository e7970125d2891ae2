using System.Globalization;
using System.Text;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Events of a task as server-sent events (coordinator-and-mesh 4.7): from any sequence on, live, with a comment every 15 s, up to <c>end</c>.</summary>
internal sealed class TaskEventStream(IDbContextFactory<CoordinatorContext> contexts, QueueSignals signals, QueueClock time)
{
    private const int Page = 200;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Writes events after a sequence until the last one or the client goes.</summary>
    public async Task WriteAsync(HttpContext http, string taskId, long after, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await http.Response.Body.FlushAsync(cancellationToken);
        using var listening = signals.Listen(taskId);
        var spoken = time.GetTimestamp();
        while (true)
        {
            var next = listening.Next;
            var events = await ReadAsync(taskId, after, cancellationToken);
            foreach (var at in events)
            {
                await http.Response.WriteAsync(Text(at), cancellationToken);
                after = at.Sequence;
                if (at.Type is "end")
                {
                    return;
                }
            }

            if (events.Count > 0)
            {
                await http.Response.Body.FlushAsync(cancellationToken);
                spoken = time.GetTimestamp();
                continue;
            }

            if (time.GetElapsedTime(spoken) >= KeepAlive)
            {
                await http.Response.WriteAsync(": waiting\n\n", cancellationToken);
                await http.Response.Body.FlushAsync(cancellationToken);
                spoken = time.GetTimestamp();
            }

            await Pulse.WaitAsync(next, QueueSignals.LookAgain, time, cancellationToken);
        }
    }

    /// <summary>One event on the wire.</summary>
    public static string Text(TaskEventRow at) => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"id: {at.Sequence}\nevent: {at.Type}\ndata: {{\"sequence\":{at.Sequence},\"type\":\"{at.Type}\",\"atMs\":{at.AtMs},\"data\":{at.DataJson}}}\n\n")
        .ToString();

    private async Task<List<TaskEventRow>> ReadAsync(string taskId, long after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Set<TaskEventRow>().Where(e => e.TaskId == taskId && e.Sequence > after).OrderBy(e => e.Sequence).Take(Page).ToListAsync(cancellationToken);
    }
}
