using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Tests.Composition;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Accounts;

/// <summary>The account API (economy-and-ledger 4) over HTTP, as operators, the portal for a person, and an account's own key use it.</summary>
public sealed class CreditRoutesTests(ComposedCoordinator coordinator) : IClassFixture<ComposedCoordinator>
{
    private const string Id1 = "00000000000000000000000000000001";
    private const string Id2 = "00000000000000000000000000000002";
    private static int _made;

    [Fact]
    public async Task A_person_opens_an_account_and_its_members_do_what_their_role_allows()
    {
        var account = await OpenAsync("ann");
        Assert.Equal((200, null), await AsAsync("ann", "POST", $"/credits/accounts/{account}/members", """{"userId":"ben","role":"admin"}"""));
        Assert.Equal((200, null), await AsAsync("ben", "POST", $"/credits/accounts/{account}/members", """{"userId":"cleo"}"""));
        Assert.Equal((403, "account_forbidden"), await AsAsync("cleo", "POST", $"/credits/accounts/{account}/members", """{"userId":"dan"}"""));
        Assert.Equal((403, "account_forbidden"), await AsAsync("ben", "POST", $"/credits/accounts/{account}/members", """{"userId":"ben","role":"owner"}"""));
        Assert.Equal((409, "last_owner"), await AsAsync("ann", "POST", $"/credits/accounts/{account}/members", """{"userId":"ann","role":"member"}"""));
        Assert.Equal((400, "validation_failed"), await AsAsync("ann", "POST", $"/credits/accounts/{account}/members", """{"userId":"someone@example.org"}"""));

        Assert.Equal((200, null), await AsAsync("cleo", "GET", $"/credits/{account}/balance"));
        Assert.Equal((403, "account_forbidden"), await AsAsync("dan", "GET", $"/credits/{account}/balance"));
        Assert.Equal((404, "account_not_found"), await AsAsync("ann", "GET", "/credits/acct-nobody/balance"));
        Assert.Equal((403, "account_forbidden"), await AsAsync("ann", "GET", "/credits/users/ben/accounts"));
        Assert.Equal("admin", (string?)(await JsonAsync("GET", "/credits/users/ben/accounts", null, Portal("ben")))["accounts"]![0]!["role"]);

        Assert.Equal((403, "account_forbidden"), await AsAsync("ben", "POST", "/economy/wallets/register", $$"""{"accountId":"{{account}}","walletType":"lightning"}"""));
        Assert.Equal((404, "wallet_not_found"), await AsAsync("ben", "GET", $"/economy/wallets/{account}"));
        Assert.Equal((200, null), await AsAsync("ann", "POST", "/economy/wallets/register", $$"""{"accountId":"{{account}}","walletType":"lightning"}"""));
        Assert.Equal("signet", (string?)(await JsonAsync("GET", $"/economy/wallets/{account}", null, Portal("ben")))["wallet"]!["network"]);
        Assert.Equal((403, "account_forbidden"), await CodeAsync("GET", $"/credits/{account}/balance", null, ("Authorization", "Bearer " + coordinator.ApiKey)));
        Assert.Equal((200, null), await CodeAsync("GET", "/credits/acct-owner/history?limit=5", null, ("Authorization", "Bearer " + coordinator.ApiKey)));
    }

    [Fact]
    public async Task A_peer_owes_what_an_operator_allows_and_never_less_than_it_owes()
    {
        using var key = SigningKey.Generate();
        var pem = JsonValue.Create(key.PublicKey.Pem)!.ToJsonString();
        var approval = $$"""{"peerId":"coord-peer","publicKeyPem":{{pem}},"coordinatorUrl":"https://peer.example"}""";
        await JsonAsync("POST", "/admin/peers", approval);
        await JsonAsync("POST", "/admin/peers", approval);
        using var other = SigningKey.Generate();
        Assert.Equal((409, "peer_key_mismatch"), await CodeAsync("POST", "/admin/peers", approval.Replace(pem, JsonValue.Create(other.PublicKey.Pem)!.ToJsonString(), StringComparison.Ordinal), Admin));
        Assert.Equal((400, "peer_url_not_allowed"), await CodeAsync("POST", "/admin/peers", approval.Replace("https:", "http:", StringComparison.Ordinal), Admin));
        Assert.Single((await JsonAsync("GET", "/mesh/peers"))["peers"]!.AsArray(), peer => (string?)peer!["peerId"] == "coord-peer");
        const string Path = "/admin/peers/coord-peer/overdraft";
        Assert.Equal("5.000", (await JsonAsync("POST", Path, """{"credits":5}"""))["overdraft"]!.ToJsonString());
        Assert.Equal((404, "peer_unknown"), await CodeAsync("POST", "/admin/peers/coord-nobody/overdraft", """{"credits":5}""", Admin));
        Assert.Equal((400, "amount_precision"), await CodeAsync("POST", Path, """{"credits":0.0001}""", Admin));
        Assert.Equal((400, "amount_out_of_range"), await CodeAsync("POST", Path, """{"credits":-1}""", Admin));

        // It owes three: that much stays allowed, and the books agree.
        await JsonAsync("POST", "/credits/peer:coord-peer/adjust", """{"transferId":"00000000000000000000000000000077","credits":3,"direction":"out","reason":"work that it sent us"}""");
        Assert.Equal((409, "overdraft_in_use"), await CodeAsync("POST", Path, """{"credits":2.999}""", Admin));
        Assert.Equal((402, "insufficient_credits"), await CodeAsync("POST", "/credits/peer:coord-peer/adjust", """{"transferId":"00000000000000000000000000000078","credits":2.001,"direction":"out","reason":"work that it sent us"}""", Admin));
        Assert.Equal("3.000", (await JsonAsync("POST", Path, """{"credits":3}"""))["overdraft"]!.ToJsonString());
        Assert.True((bool?)(await JsonAsync("GET", "/admin/credits/check"))["ok"]);
        await JsonAsync("POST", "/credits/peer:coord-peer/adjust", """{"transferId":"00000000000000000000000000000079","credits":3,"direction":"in","reason":"it paid what it owed"}""");
        Assert.Equal("0.000", (await JsonAsync("POST", Path, """{"credits":0}"""))["overdraft"]!.ToJsonString());
        await JsonAsync("POST", "/admin/peers/coord-peer/suspend", """{"reason":"the test is over"}""");
    }

    [Fact]
    public async Task Answers_of_idempotency_keys_are_forgotten_after_seven_days_and_not_before()
    {
        var writer = coordinator.Role.Services.GetRequiredService<IStoreWriter>();
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000));
        using var pruning = new IdempotencyPruning(writer, clock, NullLogger<IdempotencyPruning>.Instance);
        await writer.WriteAsync(
            batch =>
            {
                batch.Insert(new IdempotencyKeyRow { Caller = "operator:old", Key = "k", RequestSha256 = "x", Answer = "{}", CreatedAtMs = 1_000_000 });
                return true;
            },
            TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromMilliseconds(IdempotencyPruning.KeptMs - 1));
        Assert.Equal(0, await pruning.RunAsync(TestContext.Current.CancellationToken));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await pruning.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await pruning.RunAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Corrections_carry_their_operator_keep_three_decimals_and_are_made_once()
    {
        var account = await OpenAsync("eve");
        var path = $"/credits/{account}/adjust";
        var made = await JsonAsync("POST", path, $$"""{"transferId":"{{Id1}}","credits":12,"direction":"in","reason":"as agreed in ticket 7"}""");
        Assert.Equal("12.000", made["balance"]!.ToJsonString());
        Assert.Equal("12.000", (await JsonAsync("POST", path, $$"""{"transferId":"{{Id1}}","credits":12.000,"direction":"in","reason":"as agreed in ticket 7"}"""))["balance"]!.ToJsonString());
        Assert.Equal((409, "transfer_id_conflict"), await CodeAsync("POST", path, $$"""{"transferId":"{{Id1}}","credits":13,"direction":"in","reason":"as agreed in ticket 7"}""", Admin));
        Assert.Equal((402, "insufficient_credits"), await CodeAsync("POST", path, $$"""{"transferId":"{{Id2}}","credits":12.001,"direction":"out","reason":"as agreed in ticket 7"}""", Admin));
        foreach (var (credits, error) in new[] { ("1.0001", "amount_precision"), ("1e1", "amount_precision"), ("0", "amount_out_of_range"), ("-1", "amount_out_of_range"), ("9007199254740.992", "amount_out_of_range"), ("\"1\"", "validation_failed") })
        {
            Assert.Equal((400, error), await CodeAsync("POST", path, $$"""{"transferId":"{{Id2}}","credits":{{credits}},"direction":"in","reason":"as agreed in ticket 7"}""", Admin));
        }

        Assert.Equal((400, "validation_failed"), await CodeAsync("POST", path, $$"""{"transferId":"{{Id2}}","credits":1,"direction":"in","reason":"short"}""", Admin));
        Assert.Equal((409, "account_reserved"), await CodeAsync("POST", "/credits/mint:faucet/adjust", $$"""{"transferId":"{{Id2}}","credits":1,"direction":"in","reason":"as agreed in ticket 7"}""", Admin));
        Assert.Equal((403, "faucet_disabled"), await CodeAsync("POST", $"/credits/{account}/faucet", "{}", Admin));
        await JsonAsync("POST", path, $$"""{"transferId":"{{Id2}}","credits":0.5,"direction":"out","reason":"half of it was too much"}""");

        var history = (await JsonAsync("GET", $"/credits/{account}/history"))["history"]!.AsArray();
        Assert.Equal(["-0.500", "12.000"], history.Select(entry => entry!["credits"]!.ToJsonString()));
        Assert.All(history, entry => Assert.Equal("adjust", (string?)entry!["type"]));
        Assert.StartsWith("adjust:env:bootstrap ", (string?)history[0]!["reason"], StringComparison.Ordinal);
        Assert.Equal(Id1, (string?)(await JsonAsync("GET", $"/credits/{account}/history?before={history[0]!["txId"]}"))["history"]![0]!["txId"]);
        var table = await JsonAsync("GET", "/admin/credits");
        Assert.Equal("0.000", table["sums"]![0]!["balances"]!.ToJsonString());
        Assert.True((bool?)(await JsonAsync("GET", "/admin/credits/check"))["ok"]);
    }

    [Fact]
    public async Task An_idempotency_key_answers_as_before_and_is_not_for_another_request()
    {
        var key = ("Idempotency-Key", "one");
        var body = $$"""{"accountId":"acct-idem","displayName":"Idem","ownerUserId":"ida"}""";
        var first = await JsonAsync("POST", "/credits/accounts", body, Admin, key);
        Assert.Equal(first.ToJsonString(), (await JsonAsync("POST", "/credits/accounts", body, Admin, key)).ToJsonString());
        Assert.Equal((422, "idempotency_key_reused"), await CodeAsync("POST", "/credits/accounts", body.Replace("Idem", "Other", StringComparison.Ordinal), Admin, key));
        Assert.Equal((409, "account_exists"), await CodeAsync("POST", "/credits/accounts", body.Replace("ida", "ira", StringComparison.Ordinal), Admin));
        Assert.Equal((409, "account_reserved"), await CodeAsync("POST", "/credits/accounts", body.Replace("acct-idem", "mint:mine", StringComparison.Ordinal), Admin));
    }

    [Fact]
    public async Task An_agent_is_linked_by_who_owns_it_and_is_paid_there_from_then_on()
    {
        var account = await OpenAsync("fay");
        var body = """{"agentId":"agent-waiting","ownerUserId":"fay","machineLabel":"desk"}""";
        Assert.Equal((403, "account_forbidden"), await AsAsync("fay", "POST", $"/credits/accounts/{account}/agents/link", body));
        Assert.Equal((404, "agent_not_found"), await CodeAsync("POST", $"/credits/accounts/{account}/agents/link", body.Replace("waiting", "missing", StringComparison.Ordinal), Admin));

        Assert.Equal("desk", (string?)(await JsonAsync("POST", $"/credits/accounts/{account}/agents/link", body))["linked"]!["machineLabel"]);
        Assert.Equal("agent-waiting", (string?)(await JsonAsync("GET", $"/credits/accounts/{account}/agents", null, Portal("fay")))["agents"]![0]!["agentId"]);
        var agent = (await JsonAsync("GET", "/agents/catalog"))["agents"]!.AsArray().Single(one => (string?)one!["agentId"] == "agent-waiting")!;
        Assert.Equal((account, "fay"), ((string?)agent["rewardAccountId"], (string?)agent["ownership"]!["ownerUserId"]));
        Assert.Equal(account, (await coordinator.Role.Services.GetRequiredService<Coordinator.Agents.AgentDirectory>().KnownAsync("agent-waiting", TestContext.Current.CancellationToken))!.Row.RewardAccountId);
    }

    [Fact]
    public async Task A_link_never_moves_from_one_owner_to_another_without_an_operator()
    {
        var (hers, his) = (await OpenAsync("fay"), await OpenAsync("gus"));
        using var key = Protocol.Keys.SigningKey.Generate();
        await coordinator.Role.EnrolEmbeddedAsync("agent-of-gus", key.PublicKey.Pem, his, TestContext.Current.CancellationToken);
        await JsonAsync("POST", $"/credits/accounts/{hers}/agents/link", """{"agentId":"agent-of-gus","ownerUserId":"fay"}""");
        Assert.Equal((409, "agent_link_conflict"), await AsAsync("gus", "POST", $"/credits/accounts/{his}/agents/link", """{"agentId":"agent-of-gus","ownerUserId":"gus"}"""));
        Assert.Equal("agent-of-gus", (string?)(await JsonAsync("GET", $"/credits/accounts/{hers}/agents"))["agents"]![0]!["agentId"]);
    }

    private static (string Name, string Value) Admin => ("x-admin-token", ComposedCoordinator.AdminToken);

    private static (string Name, string Value)[] Portal(string person) => [("x-portal-service-token", ComposedCoordinator.PortalToken), ("x-edgecoder-actor", person)];

    private async Task<string> OpenAsync(string owner)
    {
        var account = FormattableString.Invariant($"acct-{owner}-{Interlocked.Increment(ref _made)}");
        await JsonAsync("POST", "/credits/accounts", $$"""{"accountId":"{{account}}","displayName":"Of {{owner}}","ownerUserId":"{{owner}}"}""", Portal("portal-a"));
        return account;
    }

    private Task<(int, string?)> AsAsync(string person, string method, string path, string? body = null) => CodeAsync(method, path, body, Portal(person));

    private async Task<(int, string?)> CodeAsync(string method, string path, string? body, params (string Name, string Value)[] headers)
    {
        var (status, json) = await SendAsync(method, path, body, headers);
        return (status, (string?)json["error"]);
    }

    private async Task<JsonNode> JsonAsync(string method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        var (status, json) = await SendAsync(method, path, body, headers is [] ? [Admin] : headers);
        Assert.True(status == 200, json.ToJsonString());
        return json;
    }

    private async Task<(int Status, JsonNode Json)> SendAsync(string method, string path, string? body, (string Name, string Value)[] headers)
    {
        using var http = new HttpClient { BaseAddress = coordinator.Role.Url };
        using var request = new HttpRequestMessage(new(method), path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }
}
