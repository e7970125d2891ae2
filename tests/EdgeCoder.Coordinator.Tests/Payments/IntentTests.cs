using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.TestKit.Lightning;

namespace EdgeCoder.Coordinator.Tests.Payments;

/// <summary>Beginning a purchase, and what is refused (economy-and-ledger 6.1, 6.2).</summary>
public sealed class IntentTests
{
    [Theory]
    [InlineData(0L, null, "amount_out_of_range")]
    [InlineData(-1L, null, "amount_out_of_range")]
    [InlineData(100_000_001L, null, "amount_out_of_range")]
    [InlineData(long.MaxValue, null, "amount_out_of_range")]
    [InlineData(null, null, "validation_failed")]
    [InlineData(10L, "paper", "validation_failed")]
    [InlineData(10L, "onchain", "onchain_not_supported")]
    public async Task Bad_order_is_refused_and_nothing_is_made(long? sats, string? wallet, string error)
    {
        await using var bench = await PaymentBench.StartAsync();
        var refusal = await Assert.ThrowsAsync<Refusal>(() => bench.Desk.CreateAsync(new(PaymentBench.Account, wallet, sats), null, PaymentBench.Buyer, TestContext.Current.CancellationToken));
        Assert.Equal((400, error), (refusal.Status, refusal.Error));
        Assert.Empty(bench.Node.Requests);
        Assert.Equal(0, (await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken)).Scanned);
    }

    [Fact]
    public async Task Account_must_be_the_callers_exist_and_be_no_systems()
    {
        await using var bench = await PaymentBench.StartAsync();
        await bench.Writer.WriteAsync(
            batch =>
            {
                TransferBook.Open(batch, "mint:purchases", "mint", 1);
                return true;
            },
            TestContext.Current.CancellationToken);
        var stranger = new Caller { Kind = CallerKinds.Submitter, Name = "key", Accounts = ["acct-third"] };
        var admin = new Caller { Kind = CallerKinds.Operator, Name = "ops", Scopes = ["*"] };
        var intent = await bench.BuyAsync();

        Assert.Equal("account_forbidden", await ErrorAsync(PaymentBench.Account, stranger));
        Assert.Equal("account_not_found", await ErrorAsync("acct-third", stranger));
        Assert.Equal("account_reserved", await ErrorAsync("mint:purchases", admin));
        Assert.Equal("intent_not_found", (await Assert.ThrowsAsync<Refusal>(() => bench.Desk.FindAsync(intent.IntentId, stranger, TestContext.Current.CancellationToken))).Error);
        Assert.Equal("intent_not_found", (await Assert.ThrowsAsync<Refusal>(() => bench.Desk.ConfirmAsync("nothing", admin, TestContext.Current.CancellationToken))).Error);
        Assert.Equal("intent_not_found", (await Assert.ThrowsAsync<Refusal>(() => bench.Desk.CancelAsync(intent.IntentId, stranger, TestContext.Current.CancellationToken))).Error);

        async Task<string> ErrorAsync(string account, Caller caller) =>
            (await Assert.ThrowsAsync<Refusal>(() => bench.Desk.CreateAsync(new(account, null, 10), null, caller, TestContext.Current.CancellationToken))).Error;
    }

    [Fact]
    public async Task Sixth_purchase_within_a_quarter_of_an_hour_is_refused_side_by_side_too()
    {
        await using var bench = await PaymentBench.StartAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            try
            {
                await bench.BuyAsync();
                return "made";
            }
            catch (Refusal refusal)
            {
                Assert.InRange(refusal.RetryAfter ?? 0, 1, 900);
                return refusal.Error;
            }
        })));
        Assert.Equal(5, outcomes.Count(one => one == "made"));
        Assert.Equal(15, outcomes.Count(one => one == "intent_rate_limited"));
        Assert.Equal(5, bench.Node.Invoices.Count);

        bench.Clock.Advance(TimeSpan.FromMinutes(15));
        await bench.BuyAsync();
    }

    [Fact]
    public async Task Same_request_again_is_the_same_purchase_and_its_key_is_for_no_other()
    {
        await using var bench = await PaymentBench.StartAsync();
        var first = await bench.BuyAsync(10_000, "key-1");
        Assert.Equal(first.IntentId, (await bench.BuyAsync(10_000, "key-1")).IntentId);
        Assert.Equal("idempotency_key_reused", (await Assert.ThrowsAsync<Refusal>(() => bench.BuyAsync(10_001, "key-1"))).Error);
        Assert.NotEqual(first.IntentId, (await bench.BuyAsync(10_000, "key-2")).IntentId);
        Assert.Equal(2, bench.Node.Invoices.Count);
    }

    [Theory]
    [InlineData(500, "lnd_invoice_create_failed:500")]
    [InlineData(null, "lnd_invoice_create_invalid_response")]
    public async Task Purchase_without_an_invoice_is_cancelled(int? status, string error)
    {
        await using var bench = await PaymentBench.StartAsync();
        bench.Node.Faults.Enqueue(status is null ? new() { Body = "{}" } : new() { Status = status });
        var refusal = await Assert.ThrowsAsync<Refusal>(() => bench.BuyAsync());
        Assert.Equal((502, error), (refusal.Status, refusal.Error));
        Assert.Equal(0, (await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken)).Scanned);
        Assert.Equal(Books.Empty, await bench.BooksAsync());
    }

    [Fact]
    public async Task Payment_hash_of_another_purchase_is_no_invoice()
    {
        await using var bench = await PaymentBench.StartAsync();
        var first = await bench.BuyAsync();
        bench.Node.Faults.Enqueue(new()
        {
            Body = $$"""{"r_hash":"{{Convert.ToBase64String(Convert.FromHexString(first.PaymentHash!))}}","payment_request":"{{InvoiceText.Write("lntbs", 10_000_000, Convert.FromHexString(first.PaymentHash!), 1_700_000_000, 900)}}"}""",
        });
        Assert.Equal("lnd_invoice_create_invalid_response", (await Assert.ThrowsAsync<Refusal>(() => bench.BuyAsync())).Error);

        bench.Lnd.Pay(first.PaymentHash!);
        await bench.ConfirmAsync(first);
        Assert.Equal(Books.One, await bench.BooksAsync());
    }

    [Fact]
    public async Task Cancelled_purchase_is_cancelled_at_the_node_too()
    {
        await using var bench = await PaymentBench.StartAsync();
        var intent = await bench.BuyAsync();
        Assert.Equal(PaymentStatus.Cancelled, (await bench.Desk.CancelAsync(intent.IntentId, PaymentBench.Buyer, TestContext.Current.CancellationToken)).Status);
        Assert.Equal("CANCELED", bench.Node.Invoices[intent.PaymentHash!].State);
        Assert.Equal("payment_not_settled", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(intent))).Error);
        Assert.Equal(0, (await bench.Sweep.EndedAsync(TestContext.Current.CancellationToken)).Settled);
    }

    [Fact]
    public async Task Webhook_about_nothing_and_one_that_says_unpaid_change_nothing()
    {
        await using var bench = await PaymentBench.StartAsync();
        var intent = await bench.BuyAsync();
        Assert.Equal("intent_not_found", (await Assert.ThrowsAsync<Refusal>(() => bench.Desk.HintAsync(new("lntbs1nothing", true, null), TestContext.Current.CancellationToken))).Error);
        Assert.Equal("validation_failed", (await Assert.ThrowsAsync<Refusal>(() => bench.Desk.HintAsync(new("short", null, null), TestContext.Current.CancellationToken))).Error);
        var asked = bench.Node.Requests.Count;
        bench.Lnd.Pay(intent.PaymentHash!);
        Assert.Equal(InquiryOutcome.NotSettled, (await bench.Desk.HintAsync(new(intent.InvoiceRef, false, null), TestContext.Current.CancellationToken)).Outcome);
        Assert.Equal(asked, bench.Node.Requests.Count);
        Assert.Equal(Books.Empty, await bench.BooksAsync());
    }
}
