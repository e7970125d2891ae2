using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Tests.Composition;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Coordinators;

namespace EdgeCoder.Portal.Tests.Work;

/// <summary>A portal with a scripted home coordinator.</summary>
internal sealed class WorkScene : IAsyncDisposable
{
    private WorkScene(ScriptedHome home, PortalScene portal) => (Home, Portal) = (home, portal);

    public ScriptedHome Home { get; }

    public PortalScene Portal { get; }

    public static async Task<WorkScene> StartAsync(Func<PortalSettings, PortalSettings>? change = null)
    {
        var home = await ScriptedHome.StartAsync();
        return new(home, await PortalScene.StartAsync(change: settings =>
        {
            var with = settings.With(home.Url, ScriptedHome.Token, "portal-service-token-of-the-tests-0123");
            return change?.Invoke(with) ?? with;
        }));
    }

    public async Task<string> SubmitAsync(string bearer, string prompt = "write f", string? tests = null, string? key = null)
    {
        var (status, body) = await Portal.SendAsync("POST", "/portal/api/tasks", new { prompt, tests }, bearer, key is null ? [] : [("Idempotency-Key", key)]);
        Assert.True(status == 200, body.ToString());
        return body.GetProperty("taskId").GetString()!;
    }

    public async Task<string> CompletedAsync(string bearer, string output, string? tests = "assert f() == 1")
    {
        var id = await SubmitAsync(bearer, tests: tests);
        Home.Move(id, TaskState.Completed, output);
        return id;
    }

    /// <summary>The portal's stream of a session, from an event on.</summary>
    public async Task<LiveStream> ListenAsync(string bearer, long? after = null)
    {
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Portal.Url, "/portal/api/events"));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
        if (after is { } last)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", last.ToString(CultureInfo.InvariantCulture));
        }

        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)answer.StatusCode);
        return new(http, answer, await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        await Home.DisposeAsync();
    }
}

/// <summary>A stream that a page listens to.</summary>
internal sealed class LiveStream(HttpClient http, HttpResponseMessage answer, Stream stream) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<SseItem<string>> _items = SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

    /// <summary>The next event; null at the end.</summary>
    public async Task<(string Type, long Id, JsonElement Data)?> NextAsync() =>
        await _items.MoveNextAsync() ? (_items.Current.EventType, long.Parse(_items.Current.EventId!, CultureInfo.InvariantCulture), JsonElement.Parse(_items.Current.Data)) : null;

    public async ValueTask DisposeAsync()
    {
        await _items.DisposeAsync();
        answer.Dispose();
        http.Dispose();
    }
}
