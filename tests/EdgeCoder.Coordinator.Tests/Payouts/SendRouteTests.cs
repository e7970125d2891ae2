using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Coordinator.Tests.Composition;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Lightning;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Payouts;

/// <summary>The routes of wallets, sends and treasury of a whole coordinator with a scripted node (economy-and-ledger 4, 6.4, 7, F26).</summary>
public sealed class SendRouteTests : IAsyncLifetime
{
    private static readonly (string, string) Admin = ("x-admin-token", ComposedCoordinator.AdminToken);

    private readonly TemporaryDirectory _directory = new();
    private readonly ScriptedCln _node = new();
    private readonly HttpClient _http = new();
    private CoordinatorIdentity? _identity;
    private EdgeCoder.Coordinator.Composition.CoordinatorRole? _role;

    public async ValueTask InitializeAsync()
    {
        await _node.StartAsync();
        (_identity, _role) = await ComposedCoordinator.StartAsync(_directory["data"], null, payments: new PaymentSettings
        {
            Lightning = new LightningSettings { Provider = "cln", Address = _node.Address, Credential = ScriptedCln.Rune },
            Sends = new SendSettings { ReviewSats = 20_000 },
        });
        _http.BaseAddress = _role.Url;
        await _role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch =>
            {
                AccountRules.Open(batch, new("acct-ann", "Ann", "user-ann"), 1);
                return TransferChain.Run(batch, "test", new TransferRow
                {
                    TransferId = TransferId.Of("test", "fund"),
                    Phase = TransferPhases.Posted,
                    DebitAccountId = SystemAccounts.SatsExternal,
                    CreditAccountId = SystemAccounts.Payable("acct-ann"),
                    Unit = "msat",
                    Amount = 100_000_000,
                    Code = TransferCodes.Payout,
                    Reason = "test",
                    CreatedAtMs = 1,
                });
            },
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _role!.DisposeAsync();
        _identity!.Dispose();
        await _node.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Send_goes_from_its_request_to_the_node_and_is_shown_to_whom_it_belongs()
    {
        var invoice = NewInvoice(30_000);
        var body = $$"""{"destination":"{{invoice.Text}}","amountSats":30000}""";
        Assert.Equal((HttpStatusCode.Unauthorized, "account_required"), await ErrorAsync(HttpMethod.Post, "/wallets/acct-ann/sends", body, Admin));
        var asked = (await SendAsync(HttpMethod.Post, "/wallets/acct-ann/sends", body, Portal("user-ann"), ("Idempotency-Key", "send-1")))["request"]!;
        Assert.Equal(asked.ToJsonString(), (await SendAsync(HttpMethod.Post, "/wallets/acct-ann/sends", body, Portal("user-ann"), ("Idempotency-Key", "send-1")))["request"]!.ToJsonString());
        var path = $"/wallets/acct-ann/sends/{asked["requestId"]}";
        var confirmation = $$"""{"destination":"{{invoice.Text}}","amountSats":30000,"maxFeeSats":50,"challengeId":"challenge-1"}""";
        Assert.Equal((HttpStatusCode.Forbidden, "account_forbidden"), await ErrorAsync(HttpMethod.Post, path + "/confirm", confirmation, Portal("user-bob")));
        Assert.Equal((HttpStatusCode.Conflict, "wallet_send_mismatch"), await ErrorAsync(HttpMethod.Post, path + "/confirm", confirmation.Replace("30000", "29999", StringComparison.Ordinal), Portal("user-ann")));
        Assert.Equal("pending_manual_review", (string?)(await SendAsync(HttpMethod.Post, path + "/confirm", confirmation, Portal("user-ann")))["request"]!["status"]);

        var queue = await SendAsync(HttpMethod.Get, "/economy/sends", null, Admin);
        Assert.Equal((string?)asked["requestId"], (string?)Assert.Single(queue["requests"]!.AsArray())!["requestId"]);
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"), await ErrorAsync(HttpMethod.Get, "/economy/sends?status=paid", null, Admin));
        var review = """{"decision":"approve","reason":"the payee is known"}""";
        Assert.NotEqual(HttpStatusCode.OK, (await ErrorAsync(HttpMethod.Post, $"/economy/sends/{asked["requestId"]}/review", review, Portal("user-ann"))).Status);
        Assert.Equal("approved", (string?)(await SendAsync(HttpMethod.Post, $"/economy/sends/{asked["requestId"]}/review", review, Admin))["request"]!["status"]);

        // Behind the request, by the coordinator itself.
        JsonNode shown;
        do
        {
            shown = await SendAsync(HttpMethod.Get, path, null, Portal("user-ann"));
        }
        while ((string?)shown["status"] is "approved" or "sending");
        Assert.Equal(("sent", 1_000), ((string?)shown["status"], (int)shown["feeMsat"]!));
        var list = await SendAsync(HttpMethod.Get, "/wallets/acct-ann/sends", null, Portal("user-ann"));
        Assert.Equal((69_999_000, 0, 1), ((int)list["payable"]!["balanceMsat"]!, (int)list["payable"]!["heldMsat"]!, list["requests"]!.AsArray().Count));
        Assert.Equal((HttpStatusCode.Forbidden, "account_forbidden"), await ErrorAsync(HttpMethod.Get, "/wallets/acct-ann/sends", null, Portal("user-bob")));
        Assert.Single(_node.PayCalls);
    }

    [Fact]
    public async Task Wallets_of_an_account_are_shown_with_its_purchases_and_the_treasury_to_readers()
    {
        Assert.Equal("""{"accountId":"acct-ann","wallets":[],"paymentIntents":[]}""", (await SendAsync(HttpMethod.Get, "/wallets/acct-ann", null, Portal("user-ann"))).ToJsonString());
        await SendAsync(HttpMethod.Post, "/economy/wallets/register", """{"accountId":"acct-ann","walletType":"lightning"}""", Portal("user-ann"));
        var bought = (await SendAsync(HttpMethod.Post, "/economy/payments/intents", """{"accountId":"acct-ann","amountSats":10000}""", Admin))["intent"]!;
        var shown = await SendAsync(HttpMethod.Get, "/wallets/acct-ann", null, Admin);
        Assert.Equal(("lightning", bought.ToJsonString()), ((string?)shown["wallets"]![0]!["walletType"], Assert.Single(shown["paymentIntents"]!.AsArray())!.ToJsonString()));
        Assert.Equal((HttpStatusCode.Forbidden, "account_forbidden"), await ErrorAsync(HttpMethod.Get, "/wallets/acct-ann", null, Portal("user-bob")));
        Assert.Equal((HttpStatusCode.NotFound, "account_not_found"), await ErrorAsync(HttpMethod.Get, "/wallets/acct-nobody", null, Admin));

        Assert.Equal("""{"payouts":[]}""", (await SendAsync(HttpMethod.Get, "/economy/payouts?intentId=none", null, Admin)).ToJsonString());
        Assert.Equal("""{"policy":null,"events":[]}""", (await SendAsync(HttpMethod.Get, "/economy/treasury", null, ("x-mesh-token", ComposedCoordinator.MeshToken))).ToJsonString());
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"), await ErrorAsync(HttpMethod.Post, "/economy/treasury/policies", "{}", Admin));
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"), await ErrorAsync(HttpMethod.Post, "/economy/treasury/policies/policy-1/events", """{"action":"spend"}""", Admin));
    }

    private static (string, string)[] Portal(string user) => [("x-portal-service-token", ComposedCoordinator.PortalToken), ("x-edgecoder-actor", user)];

    private static (string Text, string Hash) NewInvoice(long sats) => OutgoingInvoice.New(sats, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());

    private Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, (string, string) header) => SendAsync(method, path, body, [header]);

    private Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, (string, string)[] headers, (string, string) more) => SendAsync(method, path, body, [.. headers, more]);

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, (string, string)[] headers)
    {
        var (status, text) = await CallAsync(method, path, body, headers);
        Assert.True(status == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private Task<(HttpStatusCode Status, string? Error)> ErrorAsync(HttpMethod method, string path, string? body, (string, string) header) => ErrorAsync(method, path, body, [header]);

    private async Task<(HttpStatusCode Status, string? Error)> ErrorAsync(HttpMethod method, string path, string? body, (string, string)[] headers)
    {
        var (status, text) = await CallAsync(method, path, body, headers);
        return (status, (string?)JsonNode.Parse(text)!["error"]);
    }

    private async Task<(HttpStatusCode Status, string Text)> CallAsync(HttpMethod method, string path, string? body, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
