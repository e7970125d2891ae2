using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.TestKit.Lightning;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Payouts;

/// <summary>A send whose node is lost is ended by an operator, never paid twice and never against the word of its node (economy-and-ledger 6.4, F11).</summary>
public sealed class SendClosingTests
{
    private const string Why = "the node's disk is gone; seen in a channel backup";

    [Fact]
    public async Task Node_that_answers_has_the_last_word()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await UnknownAsync(bench);
        bench.Clock.Advance(TimeSpan.FromDays(40));
        Assert.Equal("wallet_send_node_answers", await RefusedAsync(bench, row, new("failed", null, Why)));
        Assert.Equal("wallet_send_node_answers", await RefusedAsync(bench, row, new("sent", 0, Why)));
        Assert.Equal((SendBench.OwedMsat, 10_050_000), await bench.OwedAsync());
    }

    [Fact]
    public async Task Lost_nodes_send_is_failed_only_when_no_payment_can_be_on_its_way_and_its_invoice_stays_used()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await UnknownAsync(bench);
        await bench.DoAsync(batch => batch.Execute("UPDATE wallet_send_requests SET node = 'lnd:another'"));
        var wait = row.InvoiceEndsAtMs + SendCourier.LateMs + SendClosing.LongestLockMs;
        bench.Clock.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(wait));
        Assert.Equal("wallet_send_may_be_paid", await RefusedAsync(bench, row, new("failed", null, Why)));
        Assert.Equal("validation_failed", await RefusedAsync(bench, row, new("failed", null, "short")));
        Assert.Equal("validation_failed", await RefusedAsync(bench, row, new("lost", null, Why)));

        bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var closed = await CloseAsync(bench, row, new("failed", null, Why));
        Assert.Equal((WalletSendStatus.Failed, "closed_by_hand", "ops-1"), (closed.Status, closed.Reason, closed.ClosedBy));
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync());
        Assert.True(await bench.IsEvenAsync());

        // Again: the same. Otherwise: too late. Its invoice is given to no node again.
        Assert.Equal(closed, await CloseAsync(bench, row, new("failed", null, Why)), (a, b) => a!.EndedAtMs == b!.EndedAtMs && a.Status == b.Status);
        Assert.Equal("wallet_send_not_open", await RefusedAsync(bench, row, new("sent", 0, Why)));
        Assert.True(await bench.DoAsync(batch => SendRows.IsUsed(batch, row.PaymentHash)));
        await bench.SweepAsync();
        Assert.Equal([row.PaymentHash], bench.Node.PayCalls);
    }

    [Fact]
    public async Task Lost_nodes_send_that_was_seen_paid_costs_amount_and_fee_once()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await UnknownAsync(bench);
        await bench.DoAsync(batch => batch.Execute("UPDATE wallet_send_requests SET node = 'lnd:another'"));
        Assert.Equal("wallet_send_not_open", await RefusedAsync(bench, row, new("sent", 7, Why)));
        bench.Clock.Advance(TimeSpan.FromMilliseconds(SendCourier.PatienceMs));
        Assert.Equal("validation_failed", await RefusedAsync(bench, row, new("sent", null, Why)));
        Assert.Equal("validation_failed", await RefusedAsync(bench, row, new("sent", (row.FeeCapSats * 1_000) + 1, Why)));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CloseAsync(bench, row, new("sent", 7, Why))));
        Assert.Equal((SendBench.OwedMsat - 10_000_007, 0), await bench.OwedAsync());
        Assert.Equal(1, await bench.DoAsync(batch => batch.Query("SELECT count(*) FROM log_events WHERE event_type = 'credit_transfer' AND actor_id = 'ops-1'", found => found.Number(0)).Single()));
        Assert.True(await bench.IsEvenAsync());
    }

    [Fact]
    public async Task Send_that_no_node_has_is_not_closed_so()
    {
        await using var bench = await SendBench.StartAsync();
        var row = await bench.ApprovedAsync(10_000);
        bench.Clock.Advance(TimeSpan.FromDays(40));
        Assert.Equal("wallet_send_not_open", await RefusedAsync(bench, row, new("failed", null, Why)));
    }

    private static async Task<WalletSendRow> UnknownAsync(SendBench bench)
    {
        var row = await bench.ApprovedAsync(10_000);
        bench.Node.Scripts.Enqueue(new() { StaysInFlight = true });
        bench.Node.Faults.Enqueue(new());
        bench.Node.Faults.Enqueue(new() { LosesAnswer = true });
        await bench.SweepAsync();
        var found = await bench.FindAsync(row);
        Assert.Equal(WalletSendStatus.Unknown, found.Status);
        return found;
    }

    private static Task<WalletSendRow> CloseAsync(SendBench bench, WalletSendRow row, SendClosure closure) =>
        bench.Services.GetRequiredService<SendClosing>().CloseAsync(row.RequestId, closure, SendBench.Operator, TestContext.Current.CancellationToken);

    private static async Task<string> RefusedAsync(SendBench bench, WalletSendRow row, SendClosure closure) => (await Assert.ThrowsAsync<Refusal>(() => CloseAsync(bench, row, closure))).Error;
}
