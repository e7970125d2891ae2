using System.Globalization;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Events;

/// <summary>The stream of a person's changes (portal-and-control-plane 11): ids, resumed by <c>Last-Event-ID</c>, a comment every 15 s; it ends with the session.</summary>
internal static class LiveEndpoints
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SessionLook = TimeSpan.FromSeconds(2);

    /// <summary>Maps it.</summary>
    public static void MapLiveEvents(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        routes.MapMethods("/portal/api/events", [HttpMethods.Get], context => WriteAsync(
            context, services.GetRequiredService<LiveBus>(), services.GetRequiredService<TaskFollowing>(), services.GetRequiredService<SessionStore>(), services.GetRequiredService<TimeProvider>()))
            .WithMetadata(new AccessRule(Access.Person));
    }

    private static async Task WriteAsync(HttpContext context, LiveBus bus, TaskFollowing following, SessionStore sessions, TimeProvider time)
    {
        var (person, stop) = (context.RequiredPerson(), context.RequestAborted);
        var given = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } header ? header : context.Request.Query["after"].ToString();
        var (last, oldest) = await bus.HeadAsync(person.AccountId, stop).ConfigureAwait(false);
        var (seq, gap) = long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) && seen <= last ? (seen, seen < last && (oldest == 0 || oldest > seen + 1)) : (last, given.Length > 0);
        if (gap)
        {
            seq = last;
        }

        context.Response.ContentType = "text/event-stream";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var followed = await following.FollowAsync(person.AccountId, stop).ConfigureAwait(false);

        // A page reads itself anew on hello and on reset: what happened before it listened, and what is no longer kept.
        await SayAsync(context, string.Create(CultureInfo.InvariantCulture, $"id: {seq}\nevent: {(gap ? "reset" : "hello")}\ndata: {{}}\n\n"), stop).ConfigureAwait(false);
        var (spoken, looked) = (time.GetTimestamp(), time.GetTimestamp());
        while (true)
        {
            var next = bus.Next(person.AccountId);
            if (time.GetElapsedTime(looked) >= SessionLook)
            {
                if (!await sessions.LivesAsync(person, stop).ConfigureAwait(false))
                {
                    return;
                }

                looked = time.GetTimestamp();
            }

            foreach (var row in await bus.AfterAsync(person.AccountId, seq, stop).ConfigureAwait(false))
            {
                await SayAsync(context, string.Create(CultureInfo.InvariantCulture, $"id: {row.Seq}\nevent: {row.Topic}\ndata: {row.Data}\n\n"), stop).ConfigureAwait(false);
                (seq, spoken) = (row.Seq, time.GetTimestamp());
            }

            if (time.GetElapsedTime(spoken) >= KeepAlive)
            {
                await SayAsync(context, ": here\n\n", stop).ConfigureAwait(false);
                spoken = time.GetTimestamp();
            }

            try
            {
                await next.WaitAsync(LiveBus.LookAgain, time, stop).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Another instance may have written, or the session may have ended.
            }
        }
    }

    private static async Task SayAsync(HttpContext context, string text, CancellationToken cancellationToken)
    {
        await context.Response.WriteAsync(text, cancellationToken).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
