using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Portal.Tests.Coordinators;

/// <summary>The edge from the portal to its coordinator (portal-and-control-plane 2; failure modes T5, T7, K11, N10).</summary>
public sealed class HomeCoordinatorTests
{
    private static readonly SignedIn Ann = new()
    {
        AccountId = "6f0d5d0e-0c4b-4d8e-9c66-2d6c0a3b1f10", Email = "ann@example.org", EmailVerified = true, DisplayName = null, Theme = "warm", Roles = new(["application-user"], false), SessionId = "s", KeyHash = "h", SignedInAtMs = 1,
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_carries_the_credential_the_person_and_the_account()
    {
        await using var home = await ScriptedHome.StartAsync();
        var answer = await Of(home.Edges).AskAsync(HttpMethod.Get, ["tasks"], Ann, HomeCoordinator.AccountOf(Ann), query: new Dictionary<string, string?> { ["cursor"] = "a b&c" }, cancellationToken: Cancellation);
        Assert.True((bool)answer["ok"]!);
        var asked = home.Requests.Single();
        Assert.Equal((ScriptedHome.Token, "user:" + Ann.AccountId, "acct-" + Ann.AccountId), (asked.Headers["x-portal-service-token"], asked.Headers["x-edgecoder-actor"], asked.Headers["x-edgecoder-account"]));
        Assert.Equal("/tasks?cursor=a%20b%26c", home.Paths.Single());
    }

    [Fact]
    public async Task Segments_of_a_path_stay_segments()
    {
        await using var home = await ScriptedHome.StartAsync();
        await Of(home.Edges).AskAsync(HttpMethod.Get, ["tasks", "../admin?x=%2e#y"], cancellationToken: Cancellation);
        Assert.Equal("/tasks/..%2Fadmin%3Fx%3D%252e%23y", home.Paths.Single());
        Assert.DoesNotContain("x-edgecoder-actor", home.Requests.Single().Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_credential_follows_no_redirect()
    {
        await using var home = await ScriptedHome.StartAsync();
        await using var other = await ScriptedHome.StartAsync();
        home.Redirect = other.Address.AbsoluteUri;
        Assert.Equal("coordinator_request_failed", (await Refused(home.Edges)).Error);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task A_refusal_is_told_on_and_one_of_the_portals_own_credential_is_not()
    {
        await using var home = await ScriptedHome.StartAsync();
        home.Answers = _ => (404, new { error = "task_not_found", detail = "No such task." });
        Assert.Equal((404, "task_not_found", "No such task."), Told(await Refused(home.Edges)));
        home.Answers = _ => (401, new { error = "mesh_unauthorized", detail = "Wrong token." });
        Assert.Equal(502, (await Refused(home.Edges)).Status);
        home.Answers = _ => (503, new { error = "service_credential_missing", detail = "Unset." });
        Assert.Equal((502, "coordinator_request_failed"), (await Refused(home.Edges)) is var refusal ? (refusal.Status, refusal.Error) : default);
        home.Answers = _ => (200, "<html>");
        Assert.Equal(502, (await Refused(home.Edges)).Status);

        static (int, string, string) Told(Refusal refusal) => (refusal.Status, refusal.Error, refusal.Message);
    }

    [Fact]
    public async Task One_that_is_gone_or_silent_is_unreachable()
    {
        var home = await ScriptedHome.StartAsync();
        var time = new FakeTimeProvider();
        home.Silent = true;
        var asked = Refused(home.Edges, time);
        await home.FirstRequest("/tasks");
        time.Advance(TimeSpan.FromMilliseconds(7_000));
        Assert.Equal((502, "coordinator_unreachable"), (await asked) is var late ? (late.Status, late.Error) : default);
        await home.DisposeAsync();
        Assert.Equal("coordinator_unreachable", (await Refused(home.Edges)).Error);
    }

    [Fact]
    public async Task Without_an_address_or_a_credential_nothing_is_sent()
    {
        await using var home = await ScriptedHome.StartAsync();
        Assert.Equal((503, "coordinator_not_configured"), (await Refused(home.Edges with { CoordinatorUrl = null })) is var none ? (none.Status, none.Error) : default);
        Assert.Equal((503, "service_credential_missing"), (await Refused(home.Edges with { CoordinatorToken = null })) is var closed ? (closed.Status, closed.Error) : default);
        Assert.Empty(home.Requests);
    }

    private static Task<Refusal> Refused(EdgeSettings edges, TimeProvider? time = null) => Assert.ThrowsAsync<Refusal>(() => Of(edges, time).AskAsync(HttpMethod.Get, ["tasks"], cancellationToken: Cancellation));

    private static HomeCoordinator Of(EdgeSettings edges, TimeProvider? time = null)
    {
        var settings = new PortalSettings { Listener = ListenerSettings.Loopback(0), DataDirectory = "/data", Edges = edges };
        return new ServiceCollection().AddSingleton(settings).AddSingleton(time ?? TimeProvider.System).AddHomeCoordinator().BuildServiceProvider().GetRequiredService<HomeCoordinator>();
    }
}
