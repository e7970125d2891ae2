using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.Coordinator.Tests.Payouts;

/// <summary>Limits of 24 hours hold whoever asks at once (economy-and-ledger 6.4, F11).</summary>
public sealed class SendLimitTests
{
    private static readonly SendSettings Small = new() { DailySats = 25_000, GlobalDailySats = 40_000 };

    [Fact]
    public async Task Parallel_sends_on_two_silos_stay_within_the_limit()
    {
        var (first, second) = await SendBench.TwoSilosAsync(Small);
        await using (first)
        {
            await using (second)
            {
                var rows = new List<WalletSendRow>();
                for (var n = 0; n < 8; n++)
                {
                    rows.Add(await first.AskAsync(10_000));
                }

                var errors = await Task.WhenAll(rows.Select((row, n) => Task.Run(async () =>
                {
                    try
                    {
                        await (n % 2 == 0 ? first : second).ConfirmAsync(row);
                        return null;
                    }
                    catch (Refusal refusal)
                    {
                        return refusal.Error;
                    }
                })));

                Assert.Equal(2, errors.Count(error => error is null));
                Assert.All(errors.OfType<string>(), error => Assert.Equal("wallet_daily_limit_reached", error));
                await Task.WhenAll(first.SweepAsync(), second.SweepAsync());
                Assert.Equal(2, first.Node.PayCalls.Count);
                Assert.Equal((SendBench.OwedMsat - 20_002_000, 0), await first.OwedAsync());
                Assert.True(await first.IsEvenAsync());
            }
        }
    }

    [Fact]
    public async Task What_waits_and_what_was_sent_counts_with_fees_until_24_hours_after_its_end()
    {
        await using var bench = await SendBench.StartAsync(limits: Small);
        var first = await bench.ApprovedAsync(10_000);
        await bench.ApprovedAsync(10_000);
        Assert.Equal("wallet_daily_limit_reached", (await Assert.ThrowsAsync<Refusal>(() => bench.ApprovedAsync(4_900))).Error);
        await bench.SweepAsync();
        Assert.Equal(WalletSendStatus.Sent, (await bench.FindAsync(first)).Status);

        // 20,002 sats went, so 4,998 may: 4,948 and the fee cap of 49 sats and a part, rounded up to 50.
        Assert.Equal("wallet_daily_limit_reached", (await Assert.ThrowsAsync<Refusal>(() => bench.ApprovedAsync(4_949))).Error);
        var last = await bench.ApprovedAsync(4_948);
        await bench.CancelAsync(last);
        bench.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("wallet_daily_limit_reached", (await Assert.ThrowsAsync<Refusal>(() => bench.ApprovedAsync(20_000))).Error);
        bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(WalletSendStatus.Approved, (await bench.ApprovedAsync(20_000)).Status);
    }

    [Fact]
    public async Task All_accounts_together_have_a_limit()
    {
        await using var bench = await SendBench.StartAsync(limits: Small);
        await bench.OpenAsync("acct-other", "user-ann", SendBench.OwedMsat);
        await bench.ApprovedAsync(20_000);
        var other = await bench.AskAsync(bench.Invoice(20_000).Text, 20_000, account: "acct-other");
        Assert.Equal("wallet_daily_limit_reached", (await Assert.ThrowsAsync<Refusal>(() => bench.ConfirmAsync(other))).Error);
        Assert.Equal((SendBench.OwedMsat, 0), await bench.OwedAsync("acct-other"));
        Assert.Equal(WalletSendStatus.Requested, (await bench.FindAsync(other)).Status);
    }
}
