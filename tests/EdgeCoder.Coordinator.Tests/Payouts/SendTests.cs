using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.TestKit.Lightning;

namespace EdgeCoder.Coordinator.Tests.Payouts;

/// <summary>A send goes from its request to the node's proof, and holds and moves exactly what it costs (economy-and-ledger 6.4, F11).</summary>
public sealed class SendTests
{
    public static TheoryData<string> Nodes => ["lnd", "cln"];

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Confirmed_send_is_paid_and_costs_amount_and_real_fee(string kind)
    {
        await using var bench = await SendBench.StartAsync(kind);
        bench.Node.Scripts.Enqueue(new() { FeeMsat = 1_234 });
        var asked = await bench.AskAsync(10_000);
        Assert.Equal((WalletSendStatus.Requested, 50L), (asked.Status, asked.FeeCapSats));
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
        await bench.SweepAsync();
        Assert.Empty(bench.Node.PayCalls);

        Assert.Equal(WalletSendStatus.Approved, (await bench.ConfirmAsync(asked)).Status);
        Assert.Equal((SendBench.OwedMsat, 10_050_000), await bench.OwedAsync());
        await bench.SweepAsync();

        var sent = await bench.FindAsync(asked);
        Assert.Equal((WalletSendStatus.Sent, 1_234L, 10_001_234L), (sent.Status, sent.FeeMsat, sent.ChargedMsat));
        Assert.Equal((SendBench.OwedMsat - 10_001_234, 0), await bench.OwedAsync());
        Assert.Equal(50_000, bench.Node.Payments[asked.PaymentHash].FeeLimitMsat);
        await bench.SweepAsync();
        Assert.Equal([asked.PaymentHash], bench.Node.PayCalls);
        Assert.True(await bench.IsEvenAsync());
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Send_that_finds_no_way_within_its_fee_cap_fails_and_everything_is_free(string kind)
    {
        await using var bench = await SendBench.StartAsync(kind);
        bench.Node.Scripts.Enqueue(new() { FeeMsat = 50_001 });
        var row = await bench.ApprovedAsync(10_000);
        await bench.SweepAsync();

        var failed = await bench.FindAsync(row);
        Assert.Equal((WalletSendStatus.Failed, kind == "lnd" ? "no_route" : "payment_failed"), (failed.Status, failed.Reason));
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
        Assert.Equal("wallet_invoice_used", (await Assert.ThrowsAsync<Refusal>(() => bench.AskAsync(row.Destination, row.AmountSats))).Error);
        Assert.True(await bench.IsEvenAsync());
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Fee_that_a_node_takes_above_its_limit_is_not_the_accounts(string kind)
    {
        await using var bench = await SendBench.StartAsync(kind);
        bench.Node.Scripts.Enqueue(new() { FeeMsat = 90_000, IgnoresLimit = true });
        var row = await bench.ApprovedAsync(10_000);
        await bench.SweepAsync();

        var sent = await bench.FindAsync(row);
        Assert.Equal((WalletSendStatus.Sent, 90_000L), (sent.Status, sent.FeeMsat));
        Assert.Equal((SendBench.OwedMsat - 10_050_000, 0), await bench.OwedAsync());
    }

    [Fact]
    public async Task Above_the_review_amount_an_operator_decides_first()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await bench.ApprovedAsync(50_001);
        Assert.Equal(WalletSendStatus.PendingManualReview, row.Status);
        await bench.SweepAsync();
        Assert.Empty(bench.Node.PayCalls);

        Assert.Equal(WalletSendStatus.Approved, (await bench.ReviewAsync(row, "approve")).Status);
        Assert.Equal("ops-1", (await bench.ReviewAsync(row, "approve")).ReviewedBy);
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Sent, (await bench.FindAsync(row)).Status);
        Assert.Equal("wallet_send_not_open", (await Assert.ThrowsAsync<Refusal>(() => bench.ReviewAsync(row, "reject"))).Error);
    }

    [Fact]
    public async Task Rejected_send_is_never_given_to_the_node_and_leaves_its_invoice_free()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await bench.ApprovedAsync(60_000);
        var rejected = await bench.ReviewAsync(row, "reject");
        Assert.Equal((WalletSendStatus.Failed, "review_rejected"), (rejected.Status, rejected.Reason));
        Assert.Equal("review_rejected", (await bench.ReviewAsync(row, "reject")).Reason);
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
        await bench.SweepAsync();
        Assert.Empty(bench.Node.PayCalls);
        Assert.Equal(WalletSendStatus.Requested, (await bench.AskAsync(row.Destination, row.AmountSats)).Status);
    }

    [Fact]
    public async Task Second_factor_counts_for_its_own_destination_amount_and_fee_and_once()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await bench.AskAsync(10_000);
        var other = await bench.AskAsync(10_000);
        foreach (var confirmation in new SendConfirmation[]
        {
            new(other.Destination, 10_000, row.FeeCapSats, "challenge-1"), new(row.Destination, 9_999, row.FeeCapSats, "challenge-1"), new(row.Destination, 10_000, row.FeeCapSats + 1, "challenge-1"),
            new(row.Destination, 10_000, null, "challenge-1"), new(null, 10_000, row.FeeCapSats, "challenge-1"),
        })
        {
            Assert.Equal("wallet_send_mismatch", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(row, confirmation: confirmation))).Error);
        }

        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
        Assert.Equal(WalletSendStatus.Approved, (await bench.ConfirmAsync(row, "challenge-1")).Status);
        Assert.Equal(WalletSendStatus.Approved, (await bench.ConfirmAsync(row, "challenge-1")).Status);
        Assert.Equal("wallet_send_confirmation_used", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(other, "challenge-1"))).Error);
        Assert.Equal("wallet_send_not_open", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(row, "challenge-2"))).Error);
        Assert.Equal((SendBench.OwedMsat, 10_050_000), await bench.OwedAsync());
    }

    [Fact]
    public async Task Only_an_owner_whom_the_portal_names_confirms()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await bench.AskAsync(10_000);
        foreach (var caller in new[] { SendBench.Key, SendBench.Operator, SendBench.Owner with { Name = "user-bob" }, SendBench.Owner with { Name = "portal" } })
        {
            Assert.Equal("account_forbidden", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(row, owner: caller))).Error);
        }

        Assert.Equal(WalletSendStatus.Requested, (await bench.FindAsync(row)).Status);
    }

    [Fact]
    public async Task Cancelled_before_the_node_has_it_is_free_and_after_that_is_refused()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await bench.ApprovedAsync(10_000);
        Assert.Equal("cancelled", (await bench.CancelAsync(row)).Reason);
        Assert.Equal("cancelled", (await bench.CancelAsync(row)).Reason);
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());

        bench.Node.Scripts.Enqueue(new() { StaysInFlight = true });
        var under = await bench.ApprovedAsync(10_000);
        await bench.SweepAsync();
        Assert.Equal("wallet_send_under_way", (await Assert.ThrowsAsync<Refusal>(() => bench.CancelAsync(under))).Error);
    }

    [Fact]
    public async Task Destination_is_an_invoice_of_this_network_and_amount_with_time_left()
    {
        await using var bench = await SendBench.StartAsync();
        var (good, _) = bench.Invoice(10_000);
        foreach (var (text, sats, error) in new (string, long, string)[]
        {
            (good[..^1] + (good[^1] == 'q' ? 'p' : 'q'), 10_000, "wallet_destination_invalid"),
            (good, 9_999, "wallet_destination_invalid"),
            (OutgoingInvoice.New(10_000, prefix: "lnbc").Text, 10_000, "wallet_destination_invalid"),
            (OutgoingInvoice.New(null).Text, 10_000, "wallet_destination_invalid"),
            (OutgoingInvoice.New(10_000, expiryS: 59).Text, 10_000, "wallet_invoice_expired"),
            (bench.Invoice(100_001).Text, 100_001, "wallet_send_too_large"),
            (good, 0, "amount_out_of_range"),
            ("short", 10_000, "validation_failed"),
        })
        {
            Assert.Equal(error, (await Assert.ThrowsAsync<Refusal>(() => bench.AskAsync(text, sats))).Error);
        }

        Assert.Equal(3, (await bench.AskAsync(good.ToUpperInvariant(), 10_000, maxFee: 3)).FeeCapSats);
        Assert.Equal("wallet_invoice_used", (await Assert.ThrowsAsync<Refusal>(() => bench.AskAsync(good, 10_000))).Error);
    }

    [Fact]
    public async Task Sats_that_are_not_owed_are_not_sent()
    {
        await using var bench = await SendBench.StartAsync();
        await bench.OpenAsync("acct-poor", "user-ann", 10_049_999);
        var row = await bench.AskAsync(bench.Invoice(10_000).Text, 10_000, account: "acct-poor");
        Assert.Equal("insufficient_credits", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(row))).Error);
        Assert.Equal(WalletSendStatus.Requested, (await bench.FindAsync(row)).Status);
        Assert.Equal((10_049_999, 0), await bench.OwedAsync("acct-poor"));
    }

    [Fact]
    public async Task Invoice_that_ends_before_the_node_has_it_ends_the_send()
    {
        await using var bench = await SendBench.StartAsync();
        var requested = await bench.AskAsync(10_000);
        var waiting = await bench.ApprovedAsync(60_000);
        bench.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("wallet_invoice_expired", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(requested))).Error);
        await bench.SweepAsync();
        Assert.Equal("invoice_expired", (await bench.FindAsync(requested)).Reason);
        Assert.Equal("invoice_expired", (await bench.FindAsync(waiting)).Reason);
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
    }
}
