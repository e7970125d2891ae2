using System.Text;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.TestKit.Lightning;

namespace EdgeCoder.Coordinator.Tests.Payments;

/// <summary>A purchase is credited once, whoever asks, how often and when (economy-and-ledger 6.1, F1, F2, F9).</summary>
public sealed class SettlementTests
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Paid_purchase_is_credited_with_what_was_quoted_and_a_signed_receipt(StoreKind kind)
    {
        await using var bench = await PaymentBench.StartAsync(kind);
        var intent = await bench.BuyAsync();
        Assert.Equal((10_000, 150, 9_850, 328_333), (intent.AmountSats, intent.FeeSats, intent.NetSats, intent.QuotedMc));
        bench.Lnd.Pay(intent.PaymentHash!);

        var settled = await bench.ConfirmAsync(intent);

        Assert.Equal(Books.One, await bench.BooksAsync());
        Assert.Equal((PaymentStatus.Settled, "lnd:" + intent.PaymentHash, 10_000_000L), (settled.Status, settled.TxRef, settled.ReceivedMsat));
        Assert.Equal(328_333, await bench.EarnedAsync());
        Assert.True(await bench.IsEvenAsync());
        Assert.True(SignedDocument.VerifyDetached(DocumentContexts.PaymentReceipt, settled.Receipt, settled.ReceiptSignature, bench.Key));
        Assert.Equal($$"""{"accountId":"acct-buyer","creditsMintedMc":328333,"intentId":"{{intent.IntentId}}","timestampMs":1700000000000,"v":1}""", Encoding.UTF8.GetString(settled.Receipt!));
    }

    [Fact]
    public void Receipt_of_the_specification_has_its_signature()
    {
        using var key = Protocol.Keys.SigningKey.FromSeed([.. Enumerable.Range(0, 32).Select(one => (byte)one)]);
        var (document, signature) = PaymentReceipts.Sign("00000000-0000-4000-8000-0000000000f1", "acct-1", 328_333, 1_700_000_000_000, key);
        Assert.Equal("""{"accountId":"acct-1","creditsMintedMc":328333,"intentId":"00000000-0000-4000-8000-0000000000f1","timestampMs":1700000000000,"v":1}""", Encoding.UTF8.GetString(document));
        Assert.Equal("ZAKVDk5ZVf3S4f370+i607bx3VBRVUexpSkwEp2MSb4HghI7NR6cYEOmEbDhiOzN4AueAsxp4zY20bWE5eocBQ==", signature);
        Assert.Equal("86b906997608dcad2b653d3f0a4ab010", TransferId.Of("purchase", "00000000-0000-4000-8000-0000000000f1"));
    }

    [Fact]
    public async Task Purchase_without_a_fee_has_no_fee_event_and_no_transfer_of_one()
    {
        await using var bench = await PaymentBench.StartAsync(feeBps: 0);
        var intent = await bench.BuyAsync(2_500);
        bench.Lnd.Pay(intent.PaymentHash!);
        await bench.ConfirmAsync(intent);
        Assert.Equal(new Books(83_333, -83_333, -2_500_000, 2_500_000, 0, 2, 0, 2), await bench.BooksAsync());
        Assert.True(await bench.IsEvenAsync());
    }

    [Fact]
    public async Task Account_whose_books_are_stopped_keeps_nobody_else_from_their_credits()
    {
        await using var bench = await PaymentBench.StartAsync();
        var stopped = await bench.BuyAsync();
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        var other = await bench.Desk.CreateAsync(new("acct-other", null, 10_000), null, new() { Kind = Hosting.Callers.CallerKinds.Operator, Name = "ops" }, TestContext.Current.CancellationToken);
        await StopAsync(true);
        bench.Lnd.Pay(stopped.PaymentHash!);
        bench.Lnd.Pay(other.PaymentHash!);

        Assert.Equal(new SweepCount(2, 1, 0), await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(PaymentStatus.Created, (await bench.FindAsync(stopped)).Status);
        await StopAsync(false);
        Assert.Equal(new SweepCount(1, 1, 0), await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken));
        Assert.True(await bench.IsEvenAsync());

        Task StopAsync(bool value) => bench.Writer.WriteAsync(
            batch => batch.Execute("UPDATE accounts SET stopped = $1 WHERE account_id = $2", value, PaymentBench.Account), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Core_lightning_purchase_is_credited_too()
    {
        var node = new ScriptedCln();
        await node.StartAsync();
        await using var bench = await PaymentBench.StartAsync(node: node);
        var intent = await bench.BuyAsync();
        node.Pay(intent.PaymentHash!);
        await bench.ConfirmAsync(intent);
        Assert.Equal(Books.One, await bench.BooksAsync());
    }

    [Fact]
    public async Task Hundred_confirms_webhooks_and_polls_settle_once()
    {
        await using var bench = await PaymentBench.StartAsync();
        await StormAsync([bench, bench]);
    }

    [Fact]
    public async Task Two_silos_asked_a_hundred_times_settle_once()
    {
        var (first, second) = await PaymentBench.TwoSilosAsync();
        await using (first)
        {
            await using (second)
            {
                await StormAsync([first, second]);
            }
        }
    }

    [Fact]
    public async Task Failure_before_any_statement_leaves_all_or_nothing_and_still_settleable()
    {
        FailingWriter? failing = null;
        await using var bench = await PaymentBench.StartAsync(wrap: writer => failing = new FailingWriter(writer));
        var intent = await bench.BuyAsync();
        bench.Lnd.Pay(intent.PaymentHash!);
        var seams = 0;
        var settled = false;
        while (!settled)
        {
            failing!.Arm(seams);
            try
            {
                await bench.ConfirmAsync(intent);
                settled = true;
            }
            catch (IOException)
            {
                Assert.Equal(Books.Empty, await bench.BooksAsync());
                Assert.Equal(PaymentStatus.Created, (await bench.FindAsync(intent)).Status);
                seams++;
            }
        }

        Assert.InRange(seams, 8, 100);
        Assert.Equal(Books.One, await bench.BooksAsync());
        failing!.Arm(null);
        await bench.ConfirmAsync(intent);
        Assert.Equal(Books.One, await bench.BooksAsync());
    }

    [Fact]
    public async Task Confirm_is_answered_the_same_again_without_asking()
    {
        await using var bench = await PaymentBench.StartAsync();
        var intent = await bench.BuyAsync();
        bench.Lnd.Pay(intent.PaymentHash!);
        var first = await bench.ConfirmAsync(intent);
        var asked = bench.Node.Requests.Count;
        var second = await bench.ConfirmAsync(intent);
        Assert.Equal(asked, bench.Node.Requests.Count);
        Assert.Equal((first.SettledAtMs, first.ReceiptSignature), (second.SettledAtMs, second.ReceiptSignature));
        Assert.Equal(InquiryOutcome.AlreadySettled, await bench.HintAsync(intent));
        Assert.Equal(PaymentStatus.Settled, (await bench.Desk.CancelAsync(intent.IntentId, PaymentBench.Buyer, TestContext.Current.CancellationToken)).Status);
        Assert.Equal(Books.One, await bench.BooksAsync());
    }

    [Fact]
    public async Task Nobodys_word_mints_anything()
    {
        await using var bench = await PaymentBench.StartAsync();
        var intent = await bench.BuyAsync();
        Assert.Equal("payment_not_settled", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(intent))).Error);
        Assert.Equal(InquiryOutcome.NotSettled, await bench.HintAsync(intent));
        await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Books.Empty, await bench.BooksAsync());
    }

    [Fact]
    public async Task Too_little_held_and_unclear_are_no_payment_and_expire_nothing()
    {
        await using var bench = await PaymentBench.StartAsync();
        var intent = await bench.BuyAsync();
        bench.Lnd.Pay(intent.PaymentHash!, 9_999_999);
        Assert.Equal("payment_not_settled", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(intent))).Error);
        bench.Lnd.Hold(intent.PaymentHash!);
        Assert.Equal("payment_not_settled", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(intent))).Error);
        bench.Clock.Advance(TimeSpan.FromHours(1));
        await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken);
        bench.Node.Faults.Enqueue(new() { Status = 500 });
        Assert.Equal("payment_provider_unavailable", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(intent))).Error);
        Assert.Equal(PaymentStatus.Created, (await bench.FindAsync(intent)).Status);
        Assert.Equal(Books.Empty, await bench.BooksAsync());

        bench.Lnd.Pay(intent.PaymentHash!, 10_000_777);
        var settled = await bench.ConfirmAsync(intent);
        Assert.Equal((PaymentStatus.Settled, 10_000_777L), (settled.Status, settled.ReceivedMsat));
        Assert.Equal(Books.One, await bench.BooksAsync());
    }

    [Fact]
    public async Task Purchase_expires_after_its_time_and_only_when_the_provider_says_unpaid()
    {
        await using var bench = await PaymentBench.StartAsync();
        var intent = await bench.BuyAsync();
        bench.Clock.Advance(TimeSpan.FromMilliseconds(900_000));
        Assert.Equal(new SweepCount(1, 0, 0), await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken));
        bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
        bench.Node.Faults.Enqueue(new() { Status = 503 });
        Assert.Equal(new SweepCount(1, 0, 0), await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(PaymentStatus.Created, (await bench.FindAsync(intent)).Status);

        Assert.Equal(new SweepCount(1, 0, 1), await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(PaymentStatus.Expired, (await bench.FindAsync(intent)).Status);
        Assert.Equal("intent_expired", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(intent))).Error);
    }

    [Fact]
    public async Task Purchase_paid_at_its_expiry_is_credited_and_not_expired()
    {
        await using var bench = await PaymentBench.StartAsync();
        var intent = await bench.BuyAsync();
        bench.Clock.Advance(TimeSpan.FromMilliseconds(900_001));
        bench.Lnd.Pay(intent.PaymentHash!);
        Assert.Equal(new SweepCount(1, 1, 0), await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Books.One, await bench.BooksAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Payment_a_day_after_the_end_is_credited_late_and_once(bool cancelled)
    {
        await using var bench = await PaymentBench.StartAsync();
        var intent = await bench.BuyAsync();
        if (cancelled)
        {
            // The node does not hear of it: the invoice stays payable.
            bench.Node.Faults.Enqueue(new() { Status = 500 });
            Assert.Equal(PaymentStatus.Cancelled, (await bench.Desk.CancelAsync(intent.IntentId, PaymentBench.Buyer, TestContext.Current.CancellationToken)).Status);
        }
        else
        {
            bench.Clock.Advance(TimeSpan.FromHours(1));
            await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken);
        }

        bench.Clock.Advance(TimeSpan.FromDays(1));
        bench.Lnd.Pay(intent.PaymentHash!);
        Assert.Equal(0, (await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken)).Scanned);
        Assert.Equal(new SweepCount(1, 1, 0), await bench.Sweep.EndedAsync(TestContext.Current.CancellationToken));
        Assert.Equal(PaymentStatus.SettledLate, (await bench.FindAsync(intent)).Status);
        await bench.ConfirmAsync(intent);
        await bench.HintAsync(intent);
        Assert.Equal(Books.One, await bench.BooksAsync());
    }

    [Fact]
    public async Task Poller_stops_watching_after_a_week_and_confirming_has_no_limit()
    {
        await using var bench = await PaymentBench.StartAsync();
        var intent = await bench.BuyAsync();
        bench.Clock.Advance(TimeSpan.FromHours(1));
        await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken);
        bench.Clock.Advance(TimeSpan.FromDays(8));
        bench.Lnd.Pay(intent.PaymentHash!);
        Assert.Equal(0, (await bench.Sweep.EndedAsync(TestContext.Current.CancellationToken)).Scanned);
        Assert.Equal(PaymentStatus.SettledLate, (await bench.ConfirmAsync(intent)).Status);
        Assert.Equal(Books.One, await bench.BooksAsync());
    }

    [Fact]
    public async Task Node_that_is_away_is_not_asked_for_every_purchase_and_none_is_passed_over_for_ever()
    {
        await using var bench = await PaymentBench.StartAsync();
        List<PaymentIntentRow> intents = [];
        for (var n = 0; n < 5; n++)
        {
            intents.Add(await bench.BuyAsync());
            bench.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        for (var n = 0; n < 3; n++)
        {
            bench.Node.Faults.Enqueue(new() { Status = 503 });
        }

        Assert.Equal(3, (await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken)).Scanned);
        bench.Lnd.Pay(intents[4].PaymentHash!);
        bench.Clock.Advance(TimeSpan.FromSeconds(30));
        for (var n = 0; n < 3; n++)
        {
            bench.Node.Faults.Enqueue(new() { Status = n == 2 ? 503 : null });
        }

        Assert.Equal(1, (await bench.Sweep.OpenAsync(TestContext.Current.CancellationToken)).Settled);
    }

    private static async Task StormAsync(PaymentBench[] silos)
    {
        var intent = await silos[0].BuyAsync();
        silos[0].Lnd.Pay(intent.PaymentHash!);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => Task.Run(async () =>
        {
            var silo = silos[n % silos.Length];
            switch (n % 3)
            {
                case 0:
                    return (await silo.ConfirmAsync(intent)).ReceiptSignature;
                case 1:
                    await silo.HintAsync(intent);
                    break;
                default:
                    await silo.Sweep.OpenAsync(TestContext.Current.CancellationToken);
                    break;
            }

            return (await silo.FindAsync(intent)).ReceiptSignature;
        })));

        // A sweep may have begun after the settlement and found nothing to ask; whoever confirmed or hinted sees the one receipt.
        Assert.Single(answers.OfType<string>().Distinct());
        Assert.Equal(Books.One, await silos[0].BooksAsync());
    }
}
