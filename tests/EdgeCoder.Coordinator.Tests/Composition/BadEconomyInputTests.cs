using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCoder.Hosting.Callers;

namespace EdgeCoder.Coordinator.Tests.Composition;

/// <summary>
/// Bad input on every route of the economy that changes something (economy-and-ledger 22 F31; the routes are found by walking what is mapped): each gets a body that works but for one member, and every wrong
/// value of that member is a 4xx problem document with a stable code and changes no row. A route without a body here fails the test.
/// </summary>
public sealed class BadEconomyInputTests : IAsyncLifetime
{
    private const string Hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    // Wrong for any amount, count or time.
    private static readonly string[] BadAmounts = ["0", "-1", "-9223372036854775808", "9223372036854775808", "1e400", "1.5000001", "0.00001", "\"5\"", "null", "true", "[]", "{}", "99999999999999999999999999999999999999"];
    private static readonly string[] BadTimes = ["0", "-1", "4102444800000", "9223372036854775807", "9223372036854775808", "1.5", "\"now\"", "null", "[]"];
    private static readonly string[] BadIds = ["\"\"", "\"x y\"", "\"../../etc\"", "\"acct-missing\"", "7", "null", "[]", "\"" + "x'; DROP TABLE accounts; --" + "\""];
    private static readonly string[] BadNetworks = ["\"mainnet\"", "\"\"", "7", "[]", "\"SIGNET\""];
    private static readonly string[] BadInvoices = ["\"\"", "\"lnbc1\"", "\"lntb1qqqq\"", "\"not an invoice\"", "7", "null", "[]"];
    private static readonly string[] BadSignatures = ["\"\"", "\"AAAA\"", "\"" + new string('A', 86) + "==\"", "\"not base64\"", "7", "null"];

    // What a good body is, and which of its members are of which kind: a amount, t time, i id, n network, v invoice, s signature.
    private static readonly Dictionary<string, (string Body, (string Member, string[] Wrong)[] Members)> Bodies = new(StringComparer.Ordinal)
    {
        ["POST /credits/*/faucet"] = ("""{"credits":5}""", [("credits", BadAmounts)]),
        ["POST /credits/*/adjust"] = ($$"""{"transferId":"{{Hash[..32]}}","credits":5,"direction":"in","reason":"as agreed in ticket 7"}""", [("credits", BadAmounts), ("transferId", BadIds)]),
        ["POST /economy/payables/*/adjust"] = ($$"""{"transferId":"{{Hash[..32]}}","amountMsat":5,"direction":"in","reason":"as agreed in ticket 7"}""", [("amountMsat", BadAmounts), ("transferId", BadIds)]),
        ["POST /credits/accounts"] = ("""{"accountId":"acct-new","displayName":"New","ownerUserId":"nina"}""", [("accountId", [.. BadIds.Where(id => id != "\"acct-missing\"")]), ("ownerUserId", [.. BadIds.Where(id => id != "\"acct-missing\"")])]),
        ["POST /credits/accounts/*/members"] = ("""{"userId":"nina","role":"member"}""", [("userId", [.. BadIds.Where(id => id != "\"acct-missing\"")])]),
        ["POST /credits/accounts/*/agents/link"] = ("""{"agentId":"agent-approved","ownerUserId":"ann"}""", [("agentId", BadIds), ("ownerUserId", [.. BadIds.Where(id => id != "\"acct-missing\"")])]),
        ["POST /economy/wallets/register"] = ("""{"accountId":"acct-owner","walletType":"lightning","network":"signet"}""", [("accountId", BadIds), ("network", BadNetworks), ("walletType", ["\"paper\"", "7", "null"])]),
        ["POST /credits/offline-allowances"] = (
            """{"allowanceId":"00000000-0000-4000-8000-0000000000e0","requesterId":"agent-approved","accountId":"acct-owner","limit":5,"perProvider":5,"validForMs":60000}""",
            [("limit", BadAmounts), ("perProvider", BadAmounts), ("validForMs", ["0", "-1", "604800001", "1.5", "\"x\"", "null"]), ("accountId", BadIds)]),
        ["POST /credits/ble-sync"] = ("""{"transactions":[]}""", [("transactions", ["7", "null", "{}", "[7]"])]),
        ["POST /economy/price/propose"] = (
            """{"coordinatorId":"coord-x","cpuCapacity":1,"gpuCapacity":1,"queuedTasks":1,"activeAgents":1,"quotes":[]}""",
            [("cpuCapacity", [.. BadAmounts.Where(wrong => wrong != "0")]), ("queuedTasks", [.. BadAmounts.Where(wrong => wrong != "0")]), ("coordinatorId", BadIds)]),
        ["POST /economy/price/consensus"] = ("{}", []),
        ["POST /economy/price/epochs/*/approve"] = ("{}", []),
        ["POST /economy/payments/intents"] = ("""{"accountId":"acct-owner","walletType":"lightning","amountSats":5}""", [("amountSats", [.. BadAmounts, "100000001"]), ("accountId", BadIds), ("walletType", ["\"onchain\"", "7"])]),
        ["POST /economy/payments/intents/*/confirm"] = ("{}", []),
        ["POST /economy/payments/intents/*/cancel"] = ("{}", []),
        ["POST /economy/payments/webhook"] = ("""{"invoiceRef":"lntb-unknown","settled":true}""", [("invoiceRef", BadInvoices)]),
        ["POST /economy/payments/reconcile"] = ("{}", []),
        ["POST /wallets/*/sends"] = ("""{"destination":"lntb1x","amountSats":5}""", [("destination", BadInvoices), ("amountSats", BadAmounts)]),
        ["POST /wallets/*/sends/*/confirm"] = ("""{"destination":"lntb1x","amountSats":5,"maxFeeSats":5,"challengeId":"challenge-1"}""", [("destination", BadInvoices), ("amountSats", BadAmounts)]),
        ["POST /economy/treasury/policies"] = (
            """{"policyId":"pol-1","eventId":"ev-1","treasuryAccountId":"treasury","multisigDescriptor":"wsh(multi(1,a))","quorumThreshold":1,"totalCustodians":1,"custodianIds":["agent-a"],"requestedBy":"agent-a","signature":"AAAA","createdAtMs":1}""",
            [("quorumThreshold", BadAmounts), ("totalCustodians", BadAmounts), ("createdAtMs", BadTimes), ("signature", BadSignatures)]),
        ["POST /economy/treasury/policies/*/activate"] = ("""{"eventId":"ev-2","requestedBy":"agent-a","signature":"AAAA","createdAtMs":1}""", [("createdAtMs", BadTimes), ("signature", BadSignatures)]),
        ["POST /economy/issuance/recalculate"] = ("{}", []),
        ["POST /economy/issuance/quorum/vote"] = ("""{"epochId":"ep-1","vote":"approve"}""", [("epochId", BadIds), ("vote", ["\"maybe\"", "7", "null"])]),
        ["POST /economy/issuance/anchor"] = ("{}", []),
        ["POST /economy/issuance/reconcile"] = ("{}", []),
    };

    // Of the specification's areas; a route beside them is not the economy's.
    private static readonly string[] Areas = ["/credits/", "/economy/", "/wallets/"];

    private readonly ComposedCoordinator _coordinator = new();

    public ValueTask InitializeAsync() => _coordinator.InitializeAsync();

    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    [Fact]
    public void Every_route_of_the_economy_that_changes_something_has_a_body_here()
    {
        var mapped = Routes().Select(route => route.Name).ToHashSet(StringComparer.Ordinal);
        Assert.Equal("", string.Join(", ", mapped.Except(Bodies.Keys.Concat(Elsewhere))));
        Assert.Equal("", string.Join(", ", Bodies.Keys.Except(mapped)));
    }

    [Fact]
    public async Task Every_wrong_value_of_every_member_is_a_4xx_with_a_code_and_changes_nothing()
    {
        using var calls = new ContractCalls(_coordinator.Role.Url, _coordinator.PeerId);
        var before = await DumpAsync();
        var wrong = new List<string>();
        foreach (var (name, route) in Routes().Where(one => Bodies.ContainsKey(one.Name)))
        {
            var called = 0;
            foreach (var body in Bad(Bodies[name]).Select(ContractCalls.Text))
            {
                foreach (var send in Callers(calls, route))
                {
                    var answer = await send(body);
                    called++;
                    if (answer.Status is < 400 or >= 500 and not 503 || answer.Code is not { Length: > 0 })
                    {
                        wrong.Add($"{name} {System.Text.Encoding.UTF8.GetString(body)}: {answer.Status} {answer.Text}");
                    }
                }
            }

            Assert.True(called > 0 || Bodies[name].Members.Length == 0, name + " was never called");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(before, await DumpAsync());
    }

    // Operators' decisions, and what needs a request that is there; each has tests of its own.
    private static readonly string[] Elsewhere =
    [
        "POST /economy/treasury/policies/*/events", "POST /economy/sends/*/review", "POST /economy/sends/*/close", "POST /wallets/*/sends/*/cancel",
    ];

    private static IEnumerable<string> Bad((string Body, (string Member, string[] Wrong)[] Members) route)
    {
        foreach (var (member, values) in route.Members)
        {
            foreach (var value in values)
            {
                // As text: some of these are no numbers that a serialiser would write.
                var body = JsonNode.Parse(route.Body)!.AsObject();
                body.Remove(member);
                var rest = body.ToJsonString()[1..^1];
                yield return $$"""{"{{member}}":{{value}}{{(rest.Length == 0 ? "" : "," + rest)}}}""";
            }
        }
    }

    // With each credential that the route takes: so nothing is refused for its caller alone.
    private IEnumerable<Func<byte[], Task<WalkedAnswer>>> Callers(ContractCalls calls, WalkedRoute walked)
    {
        var (route, kinds) = (walked with { Path = walked.Path.Replace("agent-approved", "acct-owner", StringComparison.Ordinal) }, walked.Rule!.Kinds);
        if (kinds.HasFlag(CallerKinds.Operator))
        {
            yield return body => calls.SendAsync(route, body, header: ("x-admin-token", ComposedCoordinator.AdminToken));
        }

        if (kinds.HasFlag(CallerKinds.PortalService))
        {
            yield return body => calls.SendAsync(route, body, header: ("x-portal-service-token", ComposedCoordinator.PortalToken));
        }

        if (kinds.HasFlag(CallerKinds.Submitter))
        {
            yield return body => calls.SendAsync(route, body, header: ("Authorization", "Bearer " + _coordinator.ApiKey));
        }

        if (kinds.HasFlag(CallerKinds.Agent))
        {
            yield return body => calls.SendAsync(route, body, key: _coordinator.Approved, agentId: "agent-approved");
        }

        if (kinds.HasFlag(CallerKinds.Anyone))
        {
            yield return body => calls.SendAsync(route, body);
        }
    }

    private IEnumerable<(string Name, WalkedRoute Route)> Walked() =>
        from route in WalkedRoute.Of(_coordinator.Role.Routes)
        let name = Regex.Replace(route.Name, @"\{[^}]*\}", "*").TrimEnd('/')
        where route.Method == "POST" && Areas.Any(area => name["POST ".Length..].StartsWith(area, StringComparison.Ordinal))
        select (name, route);

    private List<(string Name, WalkedRoute Route)> Routes() => [.. Walked()];

    private Task<string> DumpAsync() => _coordinator.DumpAsync(ComposedCoordinator.WrittenLater, "security_events", "log_events", "log_leaves", "log_checkpoints");
}
