using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Tests.Composition;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Lightning;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Payments;

/// <summary>The routes of purchases and prices of a whole coordinator with a scripted node (economy-and-ledger 5, 6.2, F1, F3, F26).</summary>
public sealed class PaymentRouteTests : IAsyncLifetime
{
    private const string Secret = "webhook-secret-of-the-tests-0123456789";

    private readonly TemporaryDirectory _directory = new();
    private readonly ScriptedLnd _node = new();
    private readonly HttpClient _http = new();
    private CoordinatorIdentity? _identity;
    private EdgeCoder.Coordinator.Composition.CoordinatorRole? _role;
    private string _apiKey = "";

    public async ValueTask InitializeAsync()
    {
        await _node.StartAsync();
        (_identity, _role) = await ComposedCoordinator.StartAsync(_directory["data"], null, payments: new PaymentSettings
        {
            Lightning = new LightningSettings { Provider = "lnd", Address = _node.Address, Credential = ScriptedLnd.Macaroon },
            WebhookSecret = Secret,
        });
        _apiKey = (await _role.ProvisionAsync("acct-owner", CancellationToken.None)).ApiKey;
        _http.BaseAddress = _role.Url;
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
    public async Task Purchase_goes_from_its_invoice_to_its_receipt()
    {
        var made = await BuyAsync();
        Assert.Equal("created", (string?)made["status"]);
        Assert.Equal("328.333", made["quotedCredits"]!.ToJsonString());
        var id = (string)made["intentId"]!;
        Assert.Equal((HttpStatusCode.Conflict, "payment_not_settled"), await ErrorAsync($"/economy/payments/intents/{id}/confirm", """{"txRef":"lnd:invented"}"""));
        _node.Pay((string)made["paymentHash"]!);

        var confirmed = await PostAsync($"/economy/payments/intents/{id}/confirm", "{}");
        Assert.Equal(("settled", 150), ((string?)confirmed["intent"]!["status"], (int)confirmed["feeEvent"]!["feeSats"]!));
        var shown = await GetAsync($"/economy/payments/intents/{id}");
        Assert.Equal("328.333", shown["receipt"]!["creditsMinted"]!.ToJsonString());
        Assert.True(EdgeCoder.Protocol.Documents.SignedDocument.VerifyDetached(
            "edgecoder/payment-receipt/v1", Convert.FromBase64String((string)shown["receipt"]!["signed"]!), (string)shown["receipt"]!["coordinatorSignature"]!, _identity!.Key.PublicKey));
        Assert.Equal(confirmed.ToJsonString(), (await PostAsync($"/economy/payments/intents/{id}/confirm", "{}")).ToJsonString());
    }

    [Fact]
    public async Task Webhook_needs_its_secret_and_is_believed_nothing()
    {
        var made = await BuyAsync();
        var hint = $$"""{"invoiceRef":"{{made["invoiceRef"]}}","settled":true,"txRef":"lnd:invented"}""";
        Assert.Equal((HttpStatusCode.Unauthorized, "webhook_signature_required"), await ErrorAsync("/economy/payments/webhook", hint));
        Assert.Equal((HttpStatusCode.Unauthorized, "webhook_signature_required"), await ErrorAsync("/economy/payments/webhook", hint, ("x-payment-webhook-secret", Secret + "x")));
        Assert.Equal("""{"ok":true,"ignored":true}""", (await PostAsync("/economy/payments/webhook", hint, ("x-payment-webhook-secret", Secret))).ToJsonString());
        _node.Pay((string)made["paymentHash"]!);
        Assert.Equal("settled", (string?)(await PostAsync("/economy/payments/webhook", hint, ("x-payment-webhook-secret", Secret)))["intent"]!["status"]);
        Assert.Equal("""{"ok":true,"alreadySettled":true}""", (await PostAsync("/economy/payments/webhook", hint, ("x-payment-webhook-secret", Secret))).ToJsonString());
    }

    [Fact]
    public async Task Operator_reconciles_and_members_do_not()
    {
        var made = await BuyAsync();
        _node.Pay((string)made["paymentHash"]!);
        Assert.NotEqual(HttpStatusCode.OK, (await ErrorAsync("/economy/payments/reconcile", "{}")).Status);
        Assert.Equal("""{"ok":true,"scanned":1,"settledCount":1,"expiredCount":0}""", (await PostAsync("/economy/payments/reconcile", "{}", ("x-admin-token", ComposedCoordinator.AdminToken))).ToJsonString());
    }

    [Fact]
    public async Task Mesh_token_has_no_economy_right()
    {
        var (status, error) = await ErrorAsync("/economy/payments/intents", """{"accountId":"acct-owner","amountSats":10}""", ("x-mesh-token", ComposedCoordinator.MeshToken), withKey: false);
        Assert.Equal((HttpStatusCode.Unauthorized, "account_required"), (status, error));
    }

    [Fact]
    public async Task Price_is_quoted_agreed_on_and_used_for_the_next_purchase()
    {
        var admin = ("x-admin-token", ComposedCoordinator.AdminToken);
        Assert.Equal("{}", (await GetAsync("/economy/price/current")).ToJsonString());
        Assert.Equal(("default_floor", 30), await CreditsQuoteAsync());
        var quote = await GetAsync("/economy/price/quote?resourceClass=cpu", admin);
        Assert.Null(EdgeCoder.Protocol.Documents.SignedDocument.Verify("edgecoder/price-quote/v1", Convert.FromBase64String((string)quote["signed"]!), _identity!.Key.PublicKey));
        var supposed = await GetAsync("/economy/price/quote?resourceClass=gpu&cpuCapacity=1&gpuCapacity=2&queuedTasks=5&activeAgents=0", admin);
        Assert.Equal((183, true, null), ((int)supposed["pricePerComputeUnitSats"]!, (bool)supposed["whatIf"]!, (string?)supposed["signature"]));

        var agreed = await PostAsync("/economy/price/consensus", "{}", admin);
        var price = (int)agreed["cpu"]!["epoch"]!["pricePerComputeUnitSats"]!;
        Assert.Equal(("current", (int)quote["pricePerComputeUnitSats"]!), ((string?)agreed["cpu"]!["epoch"]!["status"], price));
        Assert.Equal((string?)agreed["cpu"]!["epoch"]!["epochId"], (string?)(await GetAsync("/economy/price/current"))["cpu"]!["epochId"]);
        Assert.Equal(("price_epoch", price), await CreditsQuoteAsync());
        Assert.Equal(9_850_000m / price, (decimal)(await BuyAsync())["quotedCredits"]! * 1000, 0);
    }

    [Fact]
    public async Task Price_that_jumps_waits_until_an_operator_approves_it()
    {
        var admin = ("x-admin-token", ComposedCoordinator.AdminToken);
        var first = (string)(await PostAsync("/economy/price/consensus", "{}", admin))["cpu"]!["epoch"]!["epochId"]!;
        await _role!.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch => batch.Execute("UPDATE price_epochs SET price_per_compute_unit_sats = 1000 WHERE epoch_id = $1", first), TestContext.Current.CancellationToken);

        var jump = (await PostAsync("/economy/price/consensus", "{}", admin))["cpu"]!["epoch"]!;
        Assert.Equal("proposed", (string?)jump["status"]);
        Assert.Equal(first, (string?)(await GetAsync("/economy/price/current"))["cpu"]!["epochId"]);
        var path = $"/economy/price/epochs/{jump["epochId"]}/approve";
        Assert.Equal("current", (string?)(await PostAsync(path, "{}", admin))["epoch"]!["status"]);
        Assert.Equal("current", (string?)(await PostAsync(path, "{}", admin))["epoch"]!["status"]);
        Assert.Equal((string?)jump["epochId"], (string?)(await GetAsync("/economy/price/current"))["cpu"]!["epochId"]);
        Assert.Equal((HttpStatusCode.Conflict, "price_epoch_replaced"), await ErrorAsync($"/economy/price/epochs/{first}/approve", "{}", admin));
        Assert.Equal((HttpStatusCode.NotFound, "price_epoch_not_found"), await ErrorAsync("/economy/price/epochs/nothing/approve", "{}", admin));
    }

    [Fact]
    public async Task Proposal_of_a_stranger_is_refused()
    {
        var (status, error) = await ErrorAsync(
            "/economy/price/propose", """{"coordinatorId":"coord-2","cpuCapacity":1,"gpuCapacity":1,"queuedTasks":1,"activeAgents":1,"quotes":["e30=","e30="]}""", ("x-admin-token", ComposedCoordinator.AdminToken));
        Assert.Equal((HttpStatusCode.Forbidden, "coordinator_not_approved"), (status, error));
    }

    private async Task<JsonNode> BuyAsync() => (await PostAsync("/economy/payments/intents", """{"accountId":"acct-owner","amountSats":10000}"""))["intent"]!;

    private async Task<(string?, int)> CreditsQuoteAsync()
    {
        var quote = await GetAsync("/economy/credits/acct-owner/quote");
        return ((string?)quote["quoteSource"], (int)quote["satsPerCredit"]!);
    }

    private async Task<JsonNode> PostAsync(string path, string body, (string Name, string Value)? header = null)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, body, header, withKey: true);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<JsonNode> GetAsync(string path, (string Name, string Value)? header = null)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, header, withKey: true);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<(HttpStatusCode Status, string? Error)> ErrorAsync(string path, string body, (string Name, string Value)? header = null, bool withKey = true)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, body, header, withKey);
        return (answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]);
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, (string Name, string Value)? header, bool withKey)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        if (withKey)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _apiKey);
        }

        if (header is var (name, value))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
