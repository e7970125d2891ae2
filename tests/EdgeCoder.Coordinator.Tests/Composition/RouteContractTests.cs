using System.Text;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Coordinator.Tests.Composition;

/// <summary>What holds for every route of the composed coordinator (coordinator-and-mesh 1, 2.3, 13): found by walking what is mapped, not by a list.</summary>
public sealed class RouteContractTests(ComposedCoordinator coordinator) : IClassFixture<ComposedCoordinator>
{
    private const CallerKinds Operators = CallerKinds.Operator | CallerKinds.MeshService | CallerKinds.PortalService;

    private static readonly byte[] Large = new byte[10 << 20];

    private static readonly (string Name, byte[] Body, string MediaType)[] BadBodies =
    [
        ("nothing", [], "application/json"),
        ("not UTF-8", [0xff, 0xfe, 0x00, 0x7b], "application/json"),
        ("broken", ContractCalls.Text("{\"agentId\":"), "application/json"),
        ("an array", ContractCalls.Text("[]"), "application/json"),
        ("null", ContractCalls.Text("null"), "application/json"),
        ("deep", Encoding.ASCII.GetBytes(new string('[', 100_000)), "application/json"),
        ("repeated members", ContractCalls.Text("""{"agentId":"agent-waiting","agentId":"agent-approved","nodeId":"a","nodeId":"b","accountId":"a","accountId":"b","paused":true,"paused":false,"approved":true,"approved":false,"draining":true,"draining":false,"reason":"a","reason":"b","prompt":"a","prompt":"b","task":"a","task":"b","maxConcurrentTasks":1,"maxConcurrentTasks":2,"messages":[],"messages":[]}"""), "application/json"),
        ("wrong types", ContractCalls.Text("""{"agentId":1,"nodeId":[],"accountId":{},"paused":"x","approved":3,"draining":{},"reason":7,"prompt":false,"task":1,"maxConcurrentTasks":"many","messages":7,"waitMs":"a"}"""), "application/json"),
        ("wrong media type", ContractCalls.Text("""{"nodeId":"node-x","paused":true,"approved":true,"draining":true,"reason":"r","accountId":"acct-x","prompt":"say hello"}"""), "text/plain"),
        ("10 MB", Large, "application/json"),
    ];

    private IReadOnlyList<WalkedRoute> Routes => WalkedRoute.Of(coordinator.Role.Routes);

    private IEnumerable<WalkedRoute> Guarded => Routes.Where(route => !route.Rule!.Kinds.HasFlag(CallerKinds.Anyone));

    [Fact]
    public void Every_route_says_who_may_call_it()
    {
        Assert.Empty(Unguarded(coordinator.Role.Routes));
        Assert.True(Routes.Count >= 40, $"Only {Routes.Count} routes were found: the walk does not see them all.");
    }

    [Fact]
    public async Task A_route_without_a_rule_is_found_and_answers_nobody()
    {
        using var directory = new TemporaryDirectory();
        var (identity, role) = await ComposedCoordinator.StartAsync(directory["data"], app => app.MapPost("/forgotten", () => TypedResults.Json(new { ok = true })));
        await using (role)
        {
            using (identity)
            using (var calls = new ContractCalls(role.Url, identity.PeerId))
            {
                var forgotten = Assert.Single(Unguarded(role.Routes));
                Assert.Equal("POST /forgotten", forgotten.Name);
                Assert.Equal(500, (await calls.SendAsync(forgotten, header: ("x-admin-token", ComposedCoordinator.AdminToken))).Status);
            }
        }
    }

    [Fact]
    public async Task Callers_without_the_credential_of_a_route_change_nothing_and_get_a_code()
    {
        using var calls = new ContractCalls(coordinator.Role.Url, coordinator.PeerId);
        using var stranger = SigningKey.Generate();
        var walk = new Walk();
        var before = await coordinator.DumpAsync(ComposedCoordinator.WrittenLater);
        foreach (var route in Guarded)
        {
            walk.Refused(route, "nobody", await calls.SendAsync(route));
            walk.Refused(route, "a wrong API key", await calls.SendAsync(route, header: ("Authorization", "Bearer eck_" + new string('x', 43))));
            walk.Refused(route, "a wrong admin token", await calls.SendAsync(route, header: ("x-admin-token", "eca_" + new string('x', 43))));
            walk.Refused(route, "a wrong mesh token", await calls.SendAsync(route, header: ("x-mesh-token", new string('x', 43))));
            walk.Refused(route, "a wrong portal token", await calls.SendAsync(route, header: ("x-portal-service-token", new string('x', 43))));
            walk.Refused(route, "a stranger's signature", await calls.SendAsync(route, key: stranger, agentId: "agent-unknown"));
            walk.Refused(route, "another key in the name of an agent", await calls.SendAsync(route, key: stranger, agentId: "agent-approved"));
        }

        Assert.Empty(walk.Faults(coordinator.NeverShown));
        Assert.Equal(before, await coordinator.DumpAsync(ComposedCoordinator.WrittenLater));
    }

    [Fact]
    public async Task Bad_bodies_change_nothing_whoever_sends_them()
    {
        using var calls = new ContractCalls(coordinator.Role.Url, coordinator.PeerId);
        using var stranger = SigningKey.Generate();
        var walk = new Walk();
        var before = await coordinator.DumpAsync(ComposedCoordinator.WrittenLater);
        foreach (var route in Guarded.Where(route => route.Method is not ("GET" or "HEAD")))
        {
            foreach (var (name, body, mediaType) in BadBodies)
            {
                walk.Refused(route, $"nobody with {name}", await calls.SendAsync(route, body, mediaType));
                if (body != Large)
                {
                    walk.Refused(route, $"an unapproved agent with {name}", await calls.SendAsync(route, body, mediaType, key: coordinator.Waiting));
                }

                // Resuming and cancelling take no body; whoever may do them does them.
                if (body == Large || !(route.Path.EndsWith("/resume", StringComparison.Ordinal) || route.Path.EndsWith("/cancel", StringComparison.Ordinal)))
                {
                    walk.Refused(route, $"an operator with {name}", await calls.SendAsync(route, body, mediaType, ("x-admin-token", ComposedCoordinator.AdminToken)));
                    walk.Refused(route, $"a submitter with {name}", await calls.SendAsync(route, body, mediaType, ("Authorization", "Bearer " + coordinator.ApiKey)));
                }
            }
        }

        Assert.Empty(walk.Faults(coordinator.NeverShown));
        Assert.Equal(before, await coordinator.DumpAsync(ComposedCoordinator.WrittenLater));
    }

    [Fact]
    public async Task An_agents_key_opens_no_operators_route()
    {
        using var calls = new ContractCalls(coordinator.Role.Url, coordinator.PeerId);
        var walk = new Walk();
        var before = await coordinator.DumpAsync(ComposedCoordinator.WrittenLater);
        var routes = Guarded.Where(route => (route.Rule!.Kinds & (CallerKinds.Agent | CallerKinds.Peer | CallerKinds.Submitter)) == 0).ToList();
        foreach (var route in routes)
        {
            walk.Refused(route, "an approved agent", await calls.SendAsync(route, key: coordinator.Approved, agentId: "agent-approved"));
        }

        Assert.Contains(routes, route => route.Name == "POST /admin/accounts");
        Assert.Empty(walk.Faults(coordinator.NeverShown));
        Assert.Equal(before, await coordinator.DumpAsync(ComposedCoordinator.WrittenLater));
    }

    [Fact]
    public async Task The_mesh_token_opens_no_agents_route()
    {
        using var calls = new ContractCalls(coordinator.Role.Url, coordinator.PeerId);
        var walk = new Walk();
        var before = await coordinator.DumpAsync(ComposedCoordinator.WrittenLater);
        var routes = Guarded.Where(route => route.Rule!.Kinds.HasFlag(CallerKinds.Agent) && (route.Rule.Kinds & Operators) == 0).ToList();
        foreach (var route in routes)
        {
            walk.Refused(route, "the mesh token", await calls.SendAsync(route, header: ("x-mesh-token", ComposedCoordinator.MeshToken)));
            walk.Refused(route, "an operator's token", await calls.SendAsync(route, header: ("x-admin-token", ComposedCoordinator.AdminToken)));
        }

        Assert.Contains(routes, route => route.Name == "POST /pull");
        Assert.Empty(walk.Faults(coordinator.NeverShown));
        Assert.Equal(before, await coordinator.DumpAsync(ComposedCoordinator.WrittenLater));
    }

    [Fact]
    public async Task An_operator_opens_an_account_whose_key_is_shown_once_and_credits_are_for_development()
    {
        using var calls = new ContractCalls(coordinator.Role.Url, coordinator.PeerId);
        var route = Routes.Single(route => route.Name == "POST /admin/accounts");
        var admin = ("x-admin-token", ComposedCoordinator.AdminToken);
        var made = await calls.SendAsync(route, ContractCalls.Text("""{"accountId":"acct-new"}"""), header: admin);
        Assert.Equal(200, made.Status);
        Assert.Contains("no-store", made.Headers, StringComparison.Ordinal);
        var key = (string)System.Text.Json.Nodes.JsonNode.Parse(made.Text)!["apiKey"]!;
        Assert.StartsWith("eck_", key, StringComparison.Ordinal);
        Assert.Equal(200, (await calls.SendAsync(Routes.Single(r => r.Name == "GET /tasks"), header: ("Authorization", "Bearer " + key))).Status);
        Assert.Equal("faucet_disabled", (await calls.SendAsync(route, ContractCalls.Text("""{"accountId":"acct-rich","credits":5}"""), header: admin)).Code);
        foreach (var wrong in new[] { """{}""", """{"accountId":"mint:faucet"}""", """{"accountId":"anonymous"}""", """{"accountId":"a"}""", """{"accountId":"acct-x","credits":0.0001}""", """{"accountId":"acct-x","credits":10001}""", """{"accountId":"acct-x","apiKeyName":"a b"}""" })
        {
            Assert.Equal("validation_failed", (await calls.SendAsync(route, ContractCalls.Text(wrong), header: admin)).Code);
        }

        var dump = await coordinator.DumpAsync(ComposedCoordinator.WrittenLater);
        Assert.Contains("account_id=acct-new", dump, StringComparison.Ordinal);
        Assert.DoesNotContain(key, dump, StringComparison.Ordinal);
        Assert.DoesNotContain("acct-rich", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issuance_is_there_for_operators_and_readers_of_the_log()
    {
        using var calls = new ContractCalls(coordinator.Role.Url, coordinator.PeerId);
        var admin = ("x-admin-token", ComposedCoordinator.AdminToken);
        Assert.Equal("""{"ok":true,"epoch":null,"allocations":0}""", await AskAsync("POST", "recalculate", "{}"));
        Assert.Equal("""{"epoch":null,"allocations":[]}""", await AskAsync("GET", "current"));
        Assert.Equal("""{"epochs":[]}""", await AskAsync("GET", "history"));
        Assert.Equal("""{"epochId":"agent-approved","records":[]}""", await AskAsync("GET", "quorum/{epochId}"));
        Assert.Equal("""{"ok":true,"scannedIntents":0,"settledIntentCount":0,"payoutEvents":0,"drift":[]}""", await AskAsync("POST", "reconcile", "{}"));
        Assert.Contains("anchoring_not_configured", await AskAsync("POST", "anchor", "{}"), StringComparison.Ordinal);
        Assert.Contains("epoch_not_found", await AskAsync("POST", "quorum/vote", """{"epochId":"ep-60000","vote":"reject"}"""), StringComparison.Ordinal);
        var rolling = Routes.Single(route => route.Name == "GET /economy/issuance/rolling/{accountId}");
        Assert.Equal("account_forbidden", (await calls.SendAsync(rolling, header: ("Authorization", "Bearer " + coordinator.ApiKey))).Code);
        Assert.Equal(200, (await calls.SendAsync(rolling with { Path = "/economy/issuance/rolling/acct-owner" }, header: ("Authorization", "Bearer " + coordinator.ApiKey))).Status);

        var summary = await calls.SendAsync(Routes.Single(route => route.Name == "GET /stats/projections/summary"), header: admin);
        Assert.Equal(200, summary.Status);
        Assert.Contains("\"readFrom\":\"tables\"", summary.Text, StringComparison.Ordinal);
        Assert.Contains("\"nodeId\":\"agent-approved\"", summary.Text, StringComparison.Ordinal);

        async Task<string> AskAsync(string method, string path, string? body = null) =>
            (await calls.SendAsync(Routes.Single(route => route.Name == $"{method} /economy/issuance/{path}"), body is null ? null : ContractCalls.Text(body), header: admin)).Text;
    }

    private static IEnumerable<WalkedRoute> Unguarded(IEnumerable<Endpoint> endpoints) => WalkedRoute.Of(endpoints).Where(route => route.Rule is null or { Kinds: CallerKinds.None });

    /// <summary>What the walk saw that must not be.</summary>
    private sealed class Walk
    {
        private readonly List<(string What, WalkedAnswer Answer)> _answers = [];

        public void Refused(WalkedRoute route, string by, WalkedAnswer answer) => _answers.Add(($"{route.Name} by {by}", answer));

        public IReadOnlyList<string> Faults(IReadOnlyList<string> secrets) =>
        [
            .. from seen in _answers
               where seen.Answer.Status is < 400 or >= 500 and not 503 || (seen.Answer.Code is not { Length: > 0 } && !seen.What.StartsWith("HEAD ", StringComparison.Ordinal))
               select $"{seen.What}: {seen.Answer.Status} {seen.Answer.Text}",
            .. from seen in _answers
               where secrets.Any(secret => seen.Answer.Text.Contains(secret, StringComparison.Ordinal) || seen.Answer.Headers.Contains(secret, StringComparison.Ordinal))
               select $"{seen.What}: the answer shows a secret",
        ];
    }
}
