using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Accounts;

/// <summary>What happens when the books do not agree (economy-and-ledger 2, rule 6), and what tasks hold when nobody looks after it.</summary>
public sealed class BookKeeperTests
{
    private const string Ann = "acct-ann";

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task A_difference_stops_money_until_an_operator_has_it_checked_again(StoreKind kind)
    {
        await using var books = await Books.OpenAsync(kind);
        await books.FundAsync(Ann, 10_000);
        await books.DoAsync(batch => TaskCharges.Reserve(batch, "t-1", Ann, 4_000, 1));
        using var keeper = ActivatorUtilities.CreateInstance<BookKeeper>(books.Services, new BookCheck(Contexts(books)), new SecurityLog("coord-test"));
        Assert.True((await keeper.CheckAsync(null, Stop)).Ok);

        await books.DoAsync(batch => batch.Execute("UPDATE accounts SET credits_posted = credits_posted + 5 WHERE account_id = $1", Ann));
        Assert.True((await keeper.CheckAsync(null, Stop)).Stopped);
        Assert.Equal("balance_mismatch", (await Assert.ThrowsAsync<Refusal>(() => books.DoAsync(batch => TaskCharges.Reserve(batch, "t-2", Ann, 1, 1)))).Error);
        Assert.Equal("balance_mismatch", (await Assert.ThrowsAsync<Refusal>(() => books.DoAsync(batch => TaskCharges.VoidRest(batch, "t-1", 1)))).Error);
        Assert.Equal("balance_mismatch", (await Assert.ThrowsAsync<Refusal>(() => books.DoAsync(batch => TransferChain.Run(batch, "test", Books.Posted("more", SystemAccounts.FaucetMint, Ann, 1))))).Error);

        await books.DoAsync(batch => batch.Execute("UPDATE accounts SET credits_posted = credits_posted - 5 WHERE account_id = $1", Ann));
        Assert.True((await keeper.CheckAsync(null, Stop)).Stopped);
        Assert.Equal(1, await books.DoAsync(batch => batch.Query("SELECT count(*) FROM security_events WHERE event = 'balance_mismatch'", row => row.Number(0))[0]));
        Assert.False((await keeper.CheckAsync("op-1", Stop)).Stopped);
        await books.DoAsync(batch => TaskCharges.VoidRest(batch, "t-1", 2));
        await books.AreEvenAsync();
    }

    [Fact]
    public async Task A_hold_is_renewed_before_it_lapses_and_given_back_when_it_did()
    {
        await using var books = await Books.OpenAsync();
        await books.FundAsync(Ann, 10_000);
        await books.DoAsync(batch => TaskCharges.Reserve(batch, "t-1", Ann, 6_000, 1));
        Assert.Equal(0, await books.DoAsync(batch => LapsedHolds.Release(batch, TaskCharges.HoldMs)));

        // Renewed half-way, it stands longer than the first one would have.
        Assert.Equal(1, await books.DoAsync(batch => LapsedHolds.Renew(batch, TaskCharges.HoldMs + 100, 100)));
        Assert.Equal(0, await books.DoAsync(batch => LapsedHolds.Release(batch, TaskCharges.HoldMs + 50)));
        Assert.Equal((10_000, 6_000), await books.BalanceAsync(Ann));
        Assert.True(await books.DoAsync(batch => TaskCharges.Carve(batch, "t-1", "lease-1", 1_000, Ann, "acct-node", 200)));

        // Nobody renewed: what is held counts as free at once, another task can have it, and the first one gets no further lease.
        var late = TaskCharges.HoldMs + 200;
        Assert.Equal(5_000m / 1000, (await books.DoAsync(batch => AccountReads.Balance(batch, Ann, late))).Available - 4);
        await books.DoAsync(batch => TaskCharges.Reserve(batch, "t-2", Ann, 8_500, late));
        Assert.False(await books.DoAsync(batch => TaskCharges.Carve(batch, "t-1", "lease-2", 1, Ann, "acct-node", late)));
        Assert.Equal(700, (await books.DoAsync(batch => TaskCharges.Post(batch, "lease-1", 700, late)))!.Value.Mc);
        await books.DoAsync(batch => TaskCharges.VoidRest(batch, "t-1", late));

        Assert.Equal((9_300, 8_500), await books.BalanceAsync(Ann));
        Assert.DoesNotContain((await books.CheckAsync()).Differences, difference => difference.Source != "log");
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Fifty_submissions_side_by_side_over_two_writers_against_credit_for_one_are_one_reservation(StoreKind kind)
    {
        await using var first = await Books.OpenAsync(kind);
        await first.FundAsync(Ann, 1_999);
        await using var second = first.Another();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(async n =>
        {
            try
            {
                await (n % 2 == 0 ? first : second).DoAsync(batch => TaskCharges.Reserve(batch, $"t-{n}", Ann, 1_000, 1));
                return "";
            }
            catch (Refusal refusal)
            {
                return refusal.Error;
            }
        }));

        Assert.Equal(49, outcomes.Count(error => error == "insufficient_credits"));
        Assert.Equal((1_999, 1_000), await first.BalanceAsync(Ann));
        await first.AreEvenAsync();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Microsoft.EntityFrameworkCore.IDbContextFactory<Coordinator.Storage.CoordinatorContext> Contexts(Books books) =>
        books.Services.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<Coordinator.Storage.CoordinatorContext>>();
}
