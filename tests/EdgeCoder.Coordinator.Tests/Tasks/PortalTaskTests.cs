using System.Net.ServerSentEvents;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Coordinator.Tests.Composition;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Coordinator.Tests.Tasks;

/// <summary>What the portal's credential does with tasks of the account that it names (portal-and-control-plane 2, 11, 14), at a whole coordinator.</summary>
public sealed class PortalTaskTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private CoordinatorIdentity? _identity;
    private CoordinatorRole? _role;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_identity, _role) = await ComposedCoordinator.StartAsync(_directory["data"], null);
        await _role.ProvisionAsync("acct-ann", Stop);
        await _role.ProvisionAsync("acct-bob", Stop);
        _http.BaseAddress = _role.Url;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _role!.DisposeAsync();
        _identity!.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Events_of_all_tasks_of_an_account_come_and_of_no_other()
    {
        await using var feed = await FeedAsync("acct-ann", null);
        await SubmitAsync("acct-bob", "bobs-task");
        await SubmitAsync("acct-ann", "anns-task");
        await SubmitAsync("acct-ann", "anns-other");
        List<AccountTaskEvent> seen = [];
        while (seen.Select(one => one.TaskId).Distinct().Count() < 2)
        {
            seen.Add(await feed.NextAsync());
        }

        Assert.DoesNotContain(seen, one => one.TaskId == "bobs-task");
        Assert.Equal(1, seen[0].Sequence);
        using var cancelled = await SendAsync(HttpMethod.Post, "/tasks/anns-task/cancel", "acct-ann", "{}");
        Assert.Equal(200, (int)cancelled.StatusCode);
        while (seen[^1] is not { TaskId: "anns-task", Type: "end" })
        {
            seen.Add(await feed.NextAsync());
        }

        Assert.Equal(seen.Count, seen.Select(one => (one.TaskId, one.Sequence)).Distinct().Count());
        var sequences = seen.Where(one => one.TaskId == "anns-task").Select(one => one.Sequence).ToList();
        Assert.Equal(Enumerable.Range(1, sequences.Count).Select(number => (long)number), sequences);

        // From an earlier time on nothing is missed, also of what has ended since.
        await using var again = await FeedAsync("acct-ann", seen[0].AtMs);
        List<AccountTaskEvent> repeated = [];
        while (repeated.Count(one => one.Type == "end") == 0)
        {
            repeated.Add(await again.NextAsync());
        }

        Assert.Contains(repeated, one => one is { TaskId: "anns-task", Sequence: 1 });
    }

    [Fact]
    public async Task The_request_is_for_its_owner_alone()
    {
        await SubmitAsync("acct-ann", "anns-task", "write the secret plan");
        Assert.Contains("secret plan", await TextAsync("/tasks/anns-task", ("x-portal-service-token", ComposedCoordinator.PortalToken), ("x-edgecoder-account", "acct-ann")), StringComparison.Ordinal);
        Assert.Contains("secret plan", await TextAsync("/tasks", ("x-portal-service-token", ComposedCoordinator.PortalToken), ("x-edgecoder-account", "acct-ann")), StringComparison.Ordinal);
        Assert.DoesNotContain("secret plan", await TextAsync("/tasks/anns-task", ("x-admin-token", ComposedCoordinator.AdminToken)), StringComparison.Ordinal);
        Assert.DoesNotContain("secret plan", await TextAsync("/tasks", ("x-admin-token", ComposedCoordinator.AdminToken)), StringComparison.Ordinal);
        Assert.DoesNotContain("secret plan", await TextAsync("/tasks/anns-task", ("x-mesh-token", ComposedCoordinator.MeshToken)), StringComparison.Ordinal);
        Assert.Contains("task_not_found", await TextAsync("/tasks/anns-task", ("x-portal-service-token", ComposedCoordinator.PortalToken), ("x-edgecoder-account", "acct-bob")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_credential_alone_follows_keeps_and_checks_nothing()
    {
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/tasks/-/events"), (HttpMethod.Put, "/blobs/" + Digest("x")) })
        {
            using var answer = await SendAsync(method, path, null, method == HttpMethod.Put ? "x" : null);
            Assert.Equal(401, (int)answer.StatusCode);
        }

        using var check = await SendAsync(HttpMethod.Post, "/tasks/nobodys/check", "acct-ann", """{"output":"x"}""");
        Assert.Equal(404, (int)check.StatusCode);
    }

    [Fact]
    public async Task Tests_of_a_person_are_kept_and_a_persons_code_is_run_against_them_without_any_effect()
    {
        const string Tests = "assert f() == 1\n";
        using (var put = await SendAsync(HttpMethod.Put, "/blobs/" + Digest(Tests), "acct-ann", Tests))
        {
            Assert.Equal(204, (int)put.StatusCode);
        }

        Assert.Equal(Tests, await TextAsync("/blobs/" + Digest(Tests), ("x-portal-service-token", ComposedCoordinator.PortalToken), ("x-edgecoder-account", "acct-ann")));
        Assert.Contains("blob_not_found", await TextAsync("/blobs/" + Digest(Tests), ("x-portal-service-token", ComposedCoordinator.PortalToken), ("x-edgecoder-account", "acct-bob")), StringComparison.Ordinal);
        var file = new CheckFile("tests.py", Digest(Tests));
        await SubmitAsync("acct-ann", "anns-task", check: new() { Command = ["runner"], TimeoutMs = 10_000, Report = CheckReport.Runner, Files = [file], ProtectedFiles = [file] });
        var before = await TextAsync("/tasks/anns-task", ("x-admin-token", ComposedCoordinator.AdminToken));

        var right = await CheckAsync("def f():\n    return 1\n");
        var wrong = await CheckAsync("def f():\n    return 2\n");

        Assert.Equal((Protocol.Verdicts.VerdictKind.Accepted, Protocol.Verdicts.VerdictKind.Rejected), (right.Verdict, wrong.Verdict));
        Assert.Equal(before, await TextAsync("/tasks/anns-task", ("x-admin-token", ComposedCoordinator.AdminToken)));
    }

    [Fact]
    public async Task Escalations_of_everybody_come_without_an_account_and_without_texts()
    {
        using var answer = await SendAsync(HttpMethod.Get, "/escalate", null, null);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    private async Task<CheckAnswer> CheckAsync(string output)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/tasks/anns-task/check", "acct-ann", JsonSerializer.Serialize(new CheckRequest(null, output, null), MeshJson.Default.CheckRequest));
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize(text, MeshJson.Default.CheckAnswer)!;
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private async Task SubmitAsync(string account, string taskId, string prompt = "write f", AcceptanceCheck? check = null)
    {
        var body = JsonSerializer.Serialize(new TaskSubmission { TaskId = taskId, Prompt = prompt, Plan = TaskPlan.Single, SubmitterAccountId = account, AcceptanceCheck = check }, MeshJson.Default.TaskSubmission);
        using var answer = await SendAsync(HttpMethod.Post, "/tasks", account, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? account, string? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, method == HttpMethod.Put ? "application/octet-stream" : "application/json") };
        request.Headers.Add("x-portal-service-token", ComposedCoordinator.PortalToken);
        if (account is not null)
        {
            request.Headers.Add("x-edgecoder-account", account);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }

    private async Task<string> TextAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await _http.SendAsync(request, Stop);
        return await answer.Content.ReadAsStringAsync(Stop);
    }

    private async Task<Feed> FeedAsync(string account, long? after)
    {
        var answer = await SendAsync(HttpMethod.Get, "/tasks/-/events" + (after is null ? "" : $"?after={after}"), account, null);
        Assert.Equal(200, (int)answer.StatusCode);
        var stream = await answer.Content.ReadAsStreamAsync(Stop);

        // Its first line says that it follows.
        var line = new byte[": following\n\n".Length];
        await stream.ReadExactlyAsync(line, Stop);
        return new(answer, stream);
    }

    private sealed class Feed(HttpResponseMessage answer, Stream stream) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> _items = SseParser.Create(stream).EnumerateAsync(Stop).GetAsyncEnumerator(Stop);

        public async Task<AccountTaskEvent> NextAsync() => await _items.MoveNextAsync() ? JsonSerializer.Deserialize(_items.Current.Data, MeshJson.Default.AccountTaskEvent)! : throw new EndOfStreamException();

        public async ValueTask DisposeAsync()
        {
            await _items.DisposeAsync();
            answer.Dispose();
        }
    }
}
