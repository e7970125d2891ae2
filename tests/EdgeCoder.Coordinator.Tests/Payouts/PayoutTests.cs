using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Coordinator.Tests.Payments;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Tests.Payouts;

/// <summary>The net of a purchase is divided once, to the last thousandth of a sat, with a transfer for each part (economy-and-ledger 8.4, F11, F12).</summary>
public sealed class PayoutTests
{
    private static readonly (string Account, string Home, long Weight)[] Specified = [("acct-a", "coord-1", 60_000_000), ("acct-b", "coord-1", 30_500_000), ("acct-c", "coord-1", 9_250_000)];

    // economy-and-ledger 21.1: a net of 9,850 sats.
    private static readonly string[] Divided =
    [
        "contributor acct-a 5332331", "contributor acct-b 2710601", "contributor acct-c 822068", "coordinator_service coordinator-fee:default 492500", "reserve reserve:coord-1 492500",
    ];

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Purchase_is_divided_by_the_newest_final_epoch_as_the_specification_computes(StoreKind kind)
    {
        await using var bench = await PaymentBench.StartAsync(kind, payouts: true);
        await EpochAsync(bench, 1, true, ("acct-old", "coord-1", 5));
        await EpochAsync(bench, 2, true, Specified);
        await EpochAsync(bench, 3, false, ("acct-open", "coord-1", 5));
        await BuyAsync(bench);

        Assert.Equal(Divided, await PartsAsync(bench));
        Assert.Equal((0L, 642_500L, 492_500L, 5_332_331L), (await BalanceAsync(bench, "sats:net:coord-1"), await BalanceAsync(bench, "coordinator-fee:default"), await BalanceAsync(bench, "reserve:coord-1"), await BalanceAsync(bench, "payable:acct-a")));
        Assert.Equal(5, await NumberAsync(bench, "SELECT count(*) FROM issuance_payout_events e JOIN transfers t ON t.transfer_id = e.transfer_id AND t.amount = e.amount_msat WHERE t.amount > $1"));
        Assert.True(await bench.IsEvenAsync());
    }

    [Fact]
    public async Task Without_an_epoch_the_contributors_part_is_kept_and_divided_once_when_one_is_final()
    {
        await using var bench = await PaymentBench.StartAsync(payouts: true);
        await BuyAsync(bench);
        await BuyAsync(bench);
        Assert.Equal(8_865_000 * 2, await BalanceAsync(bench, "sats:net:coord-1"));
        Assert.Equal(0, await bench.Keeper.RunAsync(TestContext.Current.CancellationToken));
        await EpochAsync(bench, 1, false, Specified);
        Assert.Equal(0, await bench.Keeper.RunAsync(TestContext.Current.CancellationToken));

        await EpochAsync(bench, 2, true, Specified);
        var made = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => bench.Keeper.RunAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(6, made.Sum());
        Assert.Equal((0L, 2 * 5_332_331L), (await BalanceAsync(bench, "sats:net:coord-1"), await BalanceAsync(bench, "payable:acct-a")));
        Assert.Equal(2, await NumberAsync(bench, "SELECT count(*) FROM issuance_payout_events WHERE amount_msat > $1 AND payout_type = 'contributor_unallocated' AND issuance_epoch_id = 'ep-2' AND transfer_id IS NULL"));
        Assert.True(await bench.IsEvenAsync());
    }

    [Fact]
    public async Task While_the_log_is_not_final_the_contributors_part_is_kept_though_an_epoch_is_there()
    {
        await using var bench = await PaymentBench.StartAsync(payouts: true);
        await EpochAsync(bench, 2, true, Specified);
        bench.MayPayOut = false;
        await BuyAsync(bench);
        Assert.Equal(0, await bench.Keeper.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal((8_865_000L, 0L), (await BalanceAsync(bench, "sats:net:coord-1"), await BalanceAsync(bench, "payable:acct-a")));

        bench.MayPayOut = true;
        Assert.Equal(3, await bench.Keeper.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal((0L, 5_332_331L), (await BalanceAsync(bench, "sats:net:coord-1"), await BalanceAsync(bench, "payable:acct-a")));
        Assert.True(await bench.IsEvenAsync());
    }

    [Fact]
    public async Task Failure_before_any_statement_divides_nothing_or_all_and_settles_later()
    {
        FailingWriter? failing = null;
        await using var bench = await PaymentBench.StartAsync(wrap: writer => failing = new FailingWriter(writer), payouts: true);
        await EpochAsync(bench, 2, true, Specified);
        var intent = await bench.BuyAsync();
        bench.Lnd.Pay(intent.PaymentHash!);
        for (var seams = 0; ; seams++)
        {
            failing!.Arm(seams);
            try
            {
                await bench.ConfirmAsync(intent);
                Assert.InRange(seams, 15, 200);
                break;
            }
            catch (IOException)
            {
                Assert.Empty(await PartsAsync(bench));
                Assert.Equal(Books.Empty, await bench.BooksAsync());
            }
        }

        failing.Arm(null);
        await bench.ConfirmAsync(intent);
        Assert.Equal(Divided, await PartsAsync(bench));
        Assert.True(await bench.IsEvenAsync());
    }

    [Fact]
    public async Task What_accounts_of_another_home_earned_is_owed_to_that_coordinator()
    {
        await using var bench = await PaymentBench.StartAsync(payouts: true);
        await EpochAsync(bench, 1, true, ("acct-a", "coord-1", 1), ("acct-a", "coord-2", 1), ("acct-b", "coord-2", 2));
        await BuyAsync(bench);
        Assert.Equal((2_216_250L, 6_648_750L, 0L), (await BalanceAsync(bench, "payable:acct-a"), await BalanceAsync(bench, "payable:peer:coord-2"), await BalanceAsync(bench, "payable:acct-b")));
    }

    [Fact]
    public async Task Payouts_that_are_off_leave_no_row()
    {
        await using var bench = await PaymentBench.StartAsync();
        await EpochAsync(bench, 1, true, Specified);
        await BuyAsync(bench);
        Assert.Empty(await PartsAsync(bench));
        Assert.Equal(Books.One, await bench.BooksAsync());
    }

    private static async Task BuyAsync(PaymentBench bench)
    {
        var intent = await bench.BuyAsync();
        bench.Lnd.Pay(intent.PaymentHash!);
        await bench.ConfirmAsync(intent);
    }

    private static Task EpochAsync(PaymentBench bench, long number, bool final, params (string Account, string Home, long Weight)[] weights) => DoAsync(bench, batch =>
    {
        batch.Insert(new IssuanceEpochRow
        {
            IssuanceEpochId = $"ep-{number}",
            CoordinatorId = "coord-1",
            ProposalHash = "",
            WindowStartMs = number - 1,
            WindowEndMs = number,
            LoadIndex = 1,
            DailyPoolMc = 1,
            SlotPoolMc = 1,
            TotalWeightMicro = weights.Sum(one => one.Weight),
            ContributionCount = weights.Length,
            AllocationCount = weights.Length,
            Finalized = final,
            CreatedAtMs = number,
        });
        foreach (var (account, home, weight) in weights)
        {
            batch.Insert(new IssuanceAllocationRow
            {
                IssuanceEpochId = $"ep-{number}",
                AccountId = account,
                HomeCoordinatorId = home,
                AllocationId = $"{number}{home}{account}",
                WeightMicro = weight,
                IssuedMc = 1,
                CreatedAtMs = number,
            });
        }

        return true;
    });

    private static Task<List<string>> PartsAsync(PaymentBench bench) => DoAsync(bench, batch => batch.Query(
        "SELECT payout_type, account_id, amount_msat FROM issuance_payout_events WHERE amount_msat > $1 ORDER BY payout_type, account_id", row => $"{row.Text(0)} {row.Text(1)} {row.Number(2)}", 0L));

    private static Task<long> BalanceAsync(PaymentBench bench, string account) => DoAsync(
        bench, batch => batch.Query("SELECT credits_posted - debits_posted FROM accounts WHERE account_id = $1", row => row.Number(0), account) is [var balance] ? balance : 0);

    private static Task<long> NumberAsync(PaymentBench bench, string sql) => DoAsync(bench, batch => batch.Query(sql, row => row.Number(0), 0L)[0]);

    private static Task<T> DoAsync<T>(PaymentBench bench, Func<IStoreBatch, T> action) => bench.Writer.WriteAsync(action, TestContext.Current.CancellationToken);
}
