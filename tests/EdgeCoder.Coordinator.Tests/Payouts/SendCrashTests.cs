using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.TestKit.Lightning;

namespace EdgeCoder.Coordinator.Tests.Payouts;

/// <summary>A send is paid at most once, and the books say what the node did, wherever a process ends and whatever answer is lost (economy-and-ledger 6.4, F11).</summary>
public sealed class SendCrashTests
{
    public static TheoryData<string> Nodes => ["lnd", "cln"];

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Process_that_ends_at_any_step_never_pays_twice_and_the_books_follow_the_node(string kind)
    {
        EndingWriter? ending = null;
        await using var bench = await SendBench.StartAsync(kind, new SendSettings { DailySats = 10_000_000, GlobalDailySats = 10_000_000 }, writer => ending = new(writer));
        await bench.SweepAsync();
        var owed = SendBench.OwedMsat;
        var ends = 0;
        foreach (var committed in new[] { false, true })
        {
            for (var step = 0; ; step++)
            {
                var row = await bench.ApprovedAsync(10_000);
                ending!.EndAt(step, committed);
                await RunAsync(bench);
                var ended = ending.HasEnded;
                ends += ended ? 1 : 0;
                ending.Start();
                await ToEndAsync(bench);

                var found = await bench.FindAsync(row);
                var paid = bench.Node.Payments.ContainsKey(row.PaymentHash);
                Assert.Equal(paid ? WalletSendStatus.Sent : WalletSendStatus.Failed, found.Status);
                Assert.InRange(bench.Node.PayCalls.Count(hash => hash == row.PaymentHash), 0, 1);
                owed -= paid ? 10_001_000 : 0;
                Assert.Equal((owed, 0), await bench.OwedAsync());
                if (!ended)
                {
                    break;
                }
            }
        }

        // Expiring, the approved, begin, sent, the sending, the unknown: each before and after.
        Assert.InRange(ends, 10, 40);
        Assert.True(await bench.IsEvenAsync());
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Lost_answer_of_a_payment_that_succeeded_is_looked_up_and_never_sent_again(string kind)
    {
        await using var bench = await SendBench.StartAsync(kind);
        var row = await bench.ApprovedAsync(10_000);
        LoseAnswerOfPaying(bench);
        await bench.SweepAsync();

        // The same sweep looks it up.
        Assert.Equal(WalletSendStatus.Sent, (await bench.FindAsync(row)).Status);
        Assert.Equal([row.PaymentHash], bench.Node.PayCalls);
        Assert.Equal((SendBench.OwedMsat - 10_001_000, 0), await bench.OwedAsync());
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Payment_under_way_holds_its_sats_until_the_node_proves_an_end(string kind)
    {
        await using var bench = await SendBench.StartAsync(kind);
        var row = await bench.ApprovedAsync(10_000);
        bench.Node.Scripts.Enqueue(new() { StaysInFlight = true });
        LoseAnswerOfPaying(bench);
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Unknown, (await bench.FindAsync(row)).Status);

        // However long it takes: an invoice that is over says nothing about a payment that is under way.
        bench.Clock.Advance(TimeSpan.FromDays(3));
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Unknown, (await bench.FindAsync(row)).Status);
        Assert.Equal((SendBench.OwedMsat, 10_050_000), await bench.OwedAsync());

        var payment = bench.Node.Payments[row.PaymentHash];
        (payment.State, payment.FeeMsat) = ("SUCCEEDED", 7);
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Sent, (await bench.FindAsync(row)).Status);
        Assert.Equal((SendBench.OwedMsat - 10_000_007, 0), await bench.OwedAsync());
        Assert.Single(bench.Node.PayCalls);
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Failure_that_is_looked_up_counts_once_the_node_has_stopped_trying(string kind)
    {
        await using var bench = await SendBench.StartAsync(kind);
        var row = await bench.ApprovedAsync(10_000);
        bench.Node.Scripts.Enqueue(new() { FeeMsat = null });
        LoseAnswerOfPaying(bench);
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Unknown, (await bench.FindAsync(row)).Status);
        bench.Clock.Advance(TimeSpan.FromMilliseconds(SendCourier.PatienceMs - 1));
        await bench.SweepAsync();
        Assert.Equal((SendBench.OwedMsat, 10_050_000), await bench.OwedAsync());

        bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Failed, (await bench.FindAsync(row)).Status);
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Payment_that_a_node_does_not_know_counts_as_unpaid_only_after_its_invoice(string kind)
    {
        await using var bench = await SendBench.StartAsync(kind);
        var row = await bench.ApprovedAsync(10_000);
        LoseAnswerOfPaying(bench);
        bench.Node.BeforePaying = () => throw new IOException("The request does not reach the node.");
        await bench.SweepAsync();
        bench.Clock.Advance(TimeSpan.FromMinutes(30));
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Unknown, (await bench.FindAsync(row)).Status);

        bench.Clock.Advance(TimeSpan.FromMinutes(30) + TimeSpan.FromMilliseconds(SendCourier.LateMs));
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Unknown, (await bench.FindAsync(row)).Status);
        bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await bench.SweepAsync();
        Assert.Equal((WalletSendStatus.Failed, "not_sent"), ((await bench.FindAsync(row)).Status, (await bench.FindAsync(row)).Reason));
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Node_that_refuses_and_knows_nothing_ends_it_and_one_that_is_away_keeps_it_waiting(string kind)
    {
        await using var bench = await SendBench.StartAsync(kind);
        var row = await bench.ApprovedAsync(10_000);
        bench.Node.Faults.Enqueue(new() { Status = 503 });
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Approved, (await bench.FindAsync(row)).Status);

        bench.Node.Faults.Enqueue(new());
        bench.Node.Faults.Enqueue(new() { Status = 500 });
        await bench.SweepAsync();
        Assert.Equal((WalletSendStatus.Failed, "not_sent"), ((await bench.FindAsync(row)).Status, (await bench.FindAsync(row)).Reason));
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
        Assert.Empty(bench.Node.Payments);
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Invoice_that_the_node_paid_for_somebody_else_costs_nothing(string kind)
    {
        await using var bench = await SendBench.StartAsync(kind);
        var row = await bench.ApprovedAsync(10_000);
        bench.Node.Payments[row.PaymentHash] = new() { Hash = row.PaymentHash, AmountMsat = 10_000_000, FeeLimitMsat = 0, State = "SUCCEEDED" };
        await bench.SweepAsync();
        Assert.Equal((WalletSendStatus.Failed, "invoice_known_to_node"), ((await bench.FindAsync(row)).Status, (await bench.FindAsync(row)).Reason));
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
        Assert.Empty(bench.Node.PayCalls);
    }

    [Fact]
    public async Task Two_silos_that_sweep_at_once_ask_the_node_once()
    {
        var (first, second) = await SendBench.TwoSilosAsync();
        await using (first)
        {
            await using (second)
            {
                var rows = new List<WalletSendRow>();
                for (var n = 0; n < 6; n++)
                {
                    rows.Add(await first.ApprovedAsync(10_000));
                }

                await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() => (n % 2 == 0 ? first : second).SweepAsync())));
                Assert.Equal(rows.Select(row => row.PaymentHash).Order(StringComparer.Ordinal), first.Node.PayCalls.Order(StringComparer.Ordinal));
                Assert.Equal((SendBench.OwedMsat - (6 * 10_001_000), 0), await first.OwedAsync());
                Assert.True(await first.IsEvenAsync());
            }
        }
    }

    [Fact]
    public async Task Account_whose_books_are_stopped_is_paid_once_and_booked_later()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await bench.ApprovedAsync(10_000);
        bench.Node.BeforePaying = () => StopAsync(true).GetAwaiter().GetResult();
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Sending, (await bench.FindAsync(row)).Status);
        await StopAsync(false);
        bench.Clock.Advance(TimeSpan.FromMilliseconds(SendCourier.PatienceMs));
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Sent, (await bench.FindAsync(row)).Status);
        Assert.Single(bench.Node.PayCalls);
        Assert.True(await bench.IsEvenAsync());

        Task StopAsync(bool value) => bench.DoAsync(batch => batch.Execute("UPDATE accounts SET stopped = $1", value));
    }

    [Fact]
    public async Task Other_node_than_the_one_that_has_it_is_not_believed()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await bench.ApprovedAsync(10_000);
        bench.Node.Scripts.Enqueue(new() { StaysInFlight = true });
        await bench.SweepAsync();
        await bench.DoAsync(batch => batch.Execute("UPDATE wallet_send_requests SET node = 'lnd:0000000000000000' WHERE request_id = $1", row.RequestId));
        bench.Node.Payments.Clear();
        bench.Clock.Advance(TimeSpan.FromDays(1));
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Unknown, (await bench.FindAsync(row)).Status);
        Assert.Equal((SendBench.OwedMsat, 10_050_000), await bench.OwedAsync());
    }

    [Fact]
    public async Task Program_that_forgot_what_it_sent_would_be_seen()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await bench.ApprovedAsync(10_000);
        await bench.SweepAsync();
        await bench.DoAsync(batch => batch.Execute("UPDATE wallet_send_requests SET status = 'approved', hold_id = NULL WHERE request_id = $1", row.RequestId));
        await bench.SweepAsync();
        Assert.Equal("invoice_known_to_node", (await bench.FindAsync(row)).Reason);

        // And with a node that forgot too, which no node does: twice.
        bench.Node.Payments.Clear();
        await bench.DoAsync(batch => batch.Execute("UPDATE wallet_send_requests SET status = 'approved' WHERE request_id = $1", row.RequestId));
        await bench.SweepAsync();
        Assert.Equal(2, bench.Node.PayCalls.Count);
    }

    // The call before asks what the node knows.
    private static void LoseAnswerOfPaying(SendBench bench)
    {
        bench.Node.Faults.Enqueue(new());
        bench.Node.Faults.Enqueue(new() { LosesAnswer = true });
    }

    private static async Task RunAsync(SendBench bench)
    {
        try
        {
            await bench.SweepAsync();
        }
        catch (IOException)
        {
            // It ended.
        }
    }

    // As a process that runs on for as long as it takes.
    private static async Task ToEndAsync(SendBench bench)
    {
        await bench.SweepAsync();
        bench.Clock.Advance(TimeSpan.FromMilliseconds(SendCourier.PatienceMs));
        await bench.SweepAsync();
        bench.Clock.Advance(TimeSpan.FromHours(2));
        await bench.SweepAsync();
    }
}
