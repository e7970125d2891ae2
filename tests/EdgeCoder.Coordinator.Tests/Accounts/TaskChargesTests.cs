using CsCheck;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Tests.Accounts;

/// <summary>On a real SQLite store.</summary>
public sealed class TaskChargesTests : IAsyncLifetime
{
    private const string Requester = "acct-requester";

    private readonly TemporaryDirectory _directory = new();
    private ServiceProvider _services = null!;
    private IStoreWriter _writer = null!;

    public async ValueTask InitializeAsync()
    {
        _services = new ServiceCollection().AddLogging().AddStore(StoreSettings.InFile(_directory["coordinator.db"])).BuildServiceProvider();
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        _writer = _services.GetRequiredService<IStoreWriter>();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_example_of_the_specification_ends_with_its_balance()
    {
        await FundAsync(200_000);
        await DoAsync(batch => TaskCharges.Reserve(batch, "t-1", Requester, 96_000, 1));
        Assert.Equal((200_000, 96_000), await BalanceAsync(Requester));

        Assert.True(await CarveAsync("lease-1", 30_000));
        await DoAsync(batch => TaskCharges.Post(batch, "lease-1", 12_345, 2));
        Assert.Equal((83_655, 12_345, 0), await OfAsync("t-1"));

        Assert.True(await CarveAsync("lease-2", 26_250));
        await DoAsync(batch => TaskCharges.Return(batch, "lease-2", 3));
        Assert.True(await CarveAsync("lease-3", 30_000));
        await DoAsync(batch => TaskCharges.Post(batch, "lease-3", 8_000, 4));
        await DoAsync(batch => TaskCharges.VoidRest(batch, "t-1", 5));

        Assert.Equal((0, 20_345, 75_655), await OfAsync("t-1"));
        Assert.Equal((179_655, 0), await BalanceAsync(Requester));
        Assert.Equal((20_345, 0), await BalanceAsync("node-owner"));
    }

    [Fact]
    public async Task What_the_account_cannot_cover_is_refused_and_changes_nothing()
    {
        await FundAsync(1_000);
        var refusal = await Assert.ThrowsAsync<Refusal>(() => DoAsync(batch => TaskCharges.Reserve(batch, "t-1", Requester, 1_001, 1)));
        Assert.Equal("insufficient_credits", refusal.Error);
        Assert.Equal((1_000, 0), await BalanceAsync(Requester));
    }

    [Fact]
    public async Task Submissions_side_by_side_never_overspend()
    {
        await FundAsync(10_000);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(async n =>
        {
            try
            {
                await DoAsync(batch => TaskCharges.Reserve(batch, $"t-{n}", Requester, 1_000, 1));
                return true;
            }
            catch (Refusal)
            {
                return false;
            }
        }));
        Assert.Equal(10, outcomes.Count(passed => passed));
        Assert.Equal((10_000, 10_000), await BalanceAsync(Requester));
    }

    [Fact]
    public async Task A_lease_is_paid_once_and_never_above_its_cap()
    {
        await FundAsync(10_000);
        await DoAsync(batch => TaskCharges.Reserve(batch, "t-1", Requester, 5_000, 1));
        Assert.True(await CarveAsync("lease-1", 2_000));
        await DoAsync(batch => TaskCharges.Post(batch, "lease-1", 99_999, 2));
        await DoAsync(batch => TaskCharges.Post(batch, "lease-1", 99_999, 3));
        await DoAsync(batch => TaskCharges.Return(batch, "lease-1", 4));
        Assert.Equal((3_000, 2_000, 0), await OfAsync("t-1"));
    }

    [Fact]
    public async Task A_cap_that_does_not_fit_is_not_carved()
    {
        await FundAsync(10_000);
        await DoAsync(batch => TaskCharges.Reserve(batch, "t-1", Requester, 5_000, 1));
        Assert.False(await CarveAsync("lease-1", 5_001));
        await DoAsync(batch => TaskCharges.VoidRest(batch, "t-1", 2));
        Assert.False(await CarveAsync("lease-2", 1));
    }

    [Fact]
    public async Task What_an_open_lease_gives_back_after_the_end_is_voided()
    {
        await FundAsync(10_000);
        await DoAsync(batch => TaskCharges.Reserve(batch, "t-1", Requester, 5_000, 1));
        Assert.True(await CarveAsync("lease-1", 2_000));
        await DoAsync(batch => TaskCharges.VoidRest(batch, "t-1", 2));
        await DoAsync(batch => TaskCharges.Post(batch, "lease-1", 500, 3));
        Assert.Equal((0, 500, 4_500), await OfAsync("t-1"));
        Assert.Equal((9_500, 0), await BalanceAsync(Requester));
    }

    [Fact]
    public async Task Whatever_happens_in_whatever_order_credits_are_neither_made_nor_lost()
    {
        var round = 0;
        await Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Long[0, 4_000]).Array[1, 40].SampleAsync(
            async steps =>
            {
                var name = $"r{Interlocked.Increment(ref round)}";
                var account = "acct-" + name;
                await FundAsync(20_000, account);
                await DoAsync(batch => TaskCharges.Reserve(batch, name, account, 10_000, 1));
                foreach (var (kind, lease, amount) in steps)
                {
                    var id = $"{name}-{lease}-{amount}";
                    await DoAsync(batch =>
                    {
                        switch (kind)
                        {
                            case 0 or 1:
                                if (batch.Query("SELECT 1 FROM lease_charges WHERE lease_id = $1", row => row.Number(0), id).Count == 0 && amount > 0)
                                {
                                    TaskCharges.Carve(batch, name, id, amount, account, lease == 0 ? account : "owner-" + name, 2);
                                }

                                break;
                            case 2: TaskCharges.Post(batch, id, amount / 2, 3); break;
                            case 3: TaskCharges.Return(batch, id, 3); break;
                            default: if (amount < 400) { TaskCharges.VoidRest(batch, name, 4); } break;
                        }
                    });
                    await HoldsAsync(name);
                }
            },
            iter: 20, threads: 1);
    }

    [Fact]
    public async Task The_check_of_conservation_sees_a_forged_credit()
    {
        await FundAsync(10_000);
        await DoAsync(batch => TaskCharges.Reserve(batch, "t-1", Requester, 5_000, 1));
        await DoAsync(batch => batch.Execute("UPDATE accounts SET credits_posted = credits_posted + $1 WHERE account_id = $2", 1L, Requester));
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => HoldsAsync("t-1"));
    }

    // Balances sum to zero; counters equal what the transfers say; a task's parts sum to its estimate; a pending transfer is resolved at most once.
    private async Task HoldsAsync(string taskId)
    {
        var (sum, wrong, parts, estimate) = await _writer.WriteAsync(
            batch =>
            {
                var balances = batch.Query("SELECT SUM(credits_posted - debits_posted) FROM accounts", row => row.Number(0))[0];
                var differing = batch.Query(
                    """
                    SELECT COUNT(*) FROM accounts a WHERE
                      debits_pending <> (SELECT COALESCE(SUM(p.amount), 0) FROM transfers p WHERE p.debit_account_id = a.account_id AND p.phase = 'pending' AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = p.transfer_id))
                      OR debits_posted <> (SELECT COALESCE(SUM(t.amount), 0) FROM transfers t WHERE t.debit_account_id = a.account_id AND t.phase IN ('posted', 'post'))
                      OR credits_posted <> (SELECT COALESCE(SUM(t.amount), 0) FROM transfers t WHERE t.credit_account_id = a.account_id AND t.phase IN ('posted', 'post'))
                      OR (NOT may_owe AND debits_posted + debits_pending > credits_posted + overdraft)
                    """,
                    row => row.Number(0))[0];
                var (reserved, posted, voided) = TaskCharges.Of(batch, taskId);
                var held = batch.Query("SELECT amount FROM transfers WHERE transfer_id = $1", row => row.Number(0), TransferId.Of("task_reserve", taskId + "\n0"))[0];
                return (balances, differing, reserved + posted + voided, held);
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(0, sum);
        Assert.Equal(0, wrong);
        Assert.Equal(estimate, parts);
    }

    private Task FundAsync(long amount, string account = Requester) => DoAsync(batch =>
    {
        TransferBook.Open(batch, account, "user", 0);
        Assert.Equal(ChainOutcome.Posted, TransferChain.Run(batch, "test", new TransferRow
        {
            TransferId = TransferId.Of("faucet", account),
            Phase = TransferPhases.Posted,
            DebitAccountId = "mint:faucet",
            CreditAccountId = account,
            Amount = amount,
            Code = TransferCodes.Faucet,
            Reason = "faucet",
            CreatedAtMs = 0,
        }));
    });

    private async Task<bool> CarveAsync(string lease, long cap) =>
        await _writer.WriteAsync(batch => TaskCharges.Carve(batch, "t-1", lease, cap, Requester, "node-owner", 1), TestContext.Current.CancellationToken);

    private async Task<(long, long, long)> OfAsync(string task) => await _writer.WriteAsync(batch => TaskCharges.Of(batch, task), TestContext.Current.CancellationToken);

    private async Task<(long Balance, long Held)> BalanceAsync(string account) => await _writer.WriteAsync(
        batch => batch.Query("SELECT credits_posted - debits_posted, debits_pending FROM accounts WHERE account_id = $1", row => (row.Number(0), row.Number(1)), account)[0],
        TestContext.Current.CancellationToken);

    private Task DoAsync(Action<IStoreBatch> action) => _writer.WriteAsync(
        batch =>
        {
            action(batch);
            return true;
        },
        TestContext.Current.CancellationToken);
}
