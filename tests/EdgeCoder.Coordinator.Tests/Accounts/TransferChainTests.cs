using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Tests.Accounts;

/// <summary>Linked transfers (economy-and-ledger 2) on both stores.</summary>
public sealed class TransferChainTests
{
    private const string Ann = "acct-ann";
    private const string Ben = "acct-ben";

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task A_purchase_is_one_chain_over_both_units_and_is_there_once(StoreKind kind)
    {
        await using var books = await Books.OpenAsync(kind);
        await books.DoAsync(batch => TransferBook.Open(batch, Ann, "user", 0));
        TransferRow[] chain =
        [
            Books.Posted("mint", SystemAccounts.Purchases, Ann, 328_333, chain: "intent-1"),
            Books.Posted("net", SystemAccounts.SatsExternal, SystemAccounts.SatsNet("coord-1"), 9_850_000, "msat", "intent-1"),
            Books.Posted("fee", SystemAccounts.SatsExternal, "coordinator-fee:default", 150_000, "msat", "intent-1"),
        ];

        Assert.Equal(ChainOutcome.Posted, await books.DoAsync(batch => TransferChain.Run(batch, "coord-1", chain)));
        Assert.Equal(ChainOutcome.Exists, await books.DoAsync(batch => TransferChain.Run(batch, "coord-1", chain)));

        Assert.Equal((328_333, 0), await books.BalanceAsync(Ann));
        Assert.Equal((-10_000_000, 0), await books.BalanceAsync(SystemAccounts.SatsExternal));
        Assert.Equal(3, await books.DoAsync(batch => batch.Query("SELECT COUNT(*) FROM log_events WHERE event_type = 'credit_transfer'", row => row.Number(0))[0]));
        await books.AreEvenAsync();
    }

    [Theory]
    [InlineData("same id, other amount", "transfer_id_conflict")]
    [InlineData("one of two there already", "transfer_id_conflict")]
    [InlineData("nothing", "amount_out_of_range")]
    [InlineData("more than a number carries", "amount_out_of_range")]
    [InlineData("more than is there", "insufficient_credits")]
    [InlineData("unknown account", "account_not_found")]
    [InlineData("credits to an account of msat", "unit_mismatch")]
    [InlineData("a mint that would gain", "insufficient_credits")]
    public async Task A_chain_that_is_refused_leaves_nothing(string case_, string error)
    {
        await using var books = await Books.OpenAsync();
        await books.FundAsync(Ann, 1_000);
        await books.FundAsync(Ben, 1_000);
        await books.DoAsync(batch => TransferChain.Run(batch, "test", Books.Posted("first", Ann, Ben, 100)));
        TransferRow[] chain = case_ switch
        {
            "same id, other amount" => [Books.Posted("first", Ann, Ben, 101)],
            "one of two there already" => [Books.Posted("second", Ann, Ben, 1, chain: "c"), Books.Posted("first", Ann, Ben, 100, chain: "c")],
            "nothing" => [Books.Posted("second", Ann, Ben, 1, chain: "c"), Books.Posted("third", Ann, Ben, 0, chain: "c")],
            "more than a number carries" => [Books.Posted("second", SystemAccounts.Issuance, Ben, Millicredits.Largest + 1)],
            "more than is there" => [Books.Posted("second", Ben, Ann, 50, chain: "c"), Books.Posted("third", Ann, Ben, 951, chain: "c")],
            "unknown account" => [Books.Posted("second", Ann, "acct-nobody", 1)],
            "credits to an account of msat" => [Books.Posted("second", Ann, SystemAccounts.Payable(Ann), 1)],
            _ => [Books.Posted("second", Ann, SystemAccounts.Issuance, 1)],
        };

        var refusal = await Assert.ThrowsAsync<Refusal>(() => books.DoAsync(batch => TransferChain.Run(batch, "test", chain)));

        Assert.Equal(error, refusal.Error);
        Assert.Equal((900, 0), await books.BalanceAsync(Ann));
        Assert.Equal(3, await books.DoAsync(batch => batch.Query("SELECT COUNT(*) FROM transfers", row => row.Number(0))[0]));
        await books.AreEvenAsync();
    }

    [Fact]
    public async Task Constraints_hold_after_the_whole_chain_not_within_it()
    {
        await using var books = await Books.OpenAsync();
        await books.FundAsync(Ann, 1_000);
        await books.DoAsync(batch => TransferBook.Open(batch, Ben, "user", 0));

        await books.DoAsync(batch => TransferChain.Run(batch, "test", Books.Posted("lend", Ben, Ann, 5_000, chain: "c"), Books.Posted("back", Ann, Ben, 5_500, chain: "c")));

        Assert.Equal((500, 0), await books.BalanceAsync(Ben));
        await books.AreEvenAsync();
    }

    [Theory]
    [InlineData("post after post", "transfer_resolved")]
    [InlineData("void after post", "transfer_resolved")]
    [InlineData("post above the amount", "amount_out_of_range")]
    [InlineData("post after its end", "transfer_expired")]
    [InlineData("post of nothing known", "transfer_not_found")]
    public async Task A_held_amount_ends_once_and_never_above_itself(string case_, string error)
    {
        await using var books = await Books.OpenAsync();
        await books.FundAsync(Ann, 1_000);
        await books.FundAsync(Ben, 1);
        var held = Books.Pending("held", Ann, Ben, 400, expires: 100);
        await books.DoAsync(batch => TransferChain.Run(batch, "test", held));
        if (case_.Contains("after post", StringComparison.Ordinal))
        {
            await books.DoAsync(batch => TransferChain.Run(batch, "test", Books.Ends(TransferPhases.Post, "first", held, 300)));
        }

        var end = case_ switch
        {
            "void after post" => Books.Ends(TransferPhases.Void, "second", held, 400),
            "post above the amount" => Books.Ends(TransferPhases.Post, "second", held, 401),
            "post after its end" => Books.Ends(TransferPhases.Post, "second", held, 400, nowMs: 100),
            "post of nothing known" => Books.Ends(TransferPhases.Post, "second", Books.Pending("other", Ann, Ben, 400), 1),
            _ => Books.Ends(TransferPhases.Post, "second", held, 1),
        };
        Assert.Equal(error, (await Assert.ThrowsAsync<Refusal>(() => books.DoAsync(batch => TransferChain.Run(batch, "test", end)))).Error);
        await books.AreEvenAsync();
    }

    [Fact]
    public async Task Held_credits_cannot_be_spent_until_they_lapse()
    {
        await using var books = await Books.OpenAsync();
        await books.FundAsync(Ann, 1_000);
        await books.FundAsync(Ben, 1);
        await books.DoAsync(batch => TransferChain.Run(batch, "test", Books.Pending("held", Ann, Ben, 900, expires: 1)));
        var early = Books.Posted("spend", Ann, Ben, 500);
        await books.DoAsync(batch => batch.Execute("UPDATE transfers SET expires_at_ms = $1 WHERE transfer_id = $2", 2L, TransferId.Of("test", "held")));
        Assert.Equal("insufficient_credits", (await Assert.ThrowsAsync<Refusal>(() => books.DoAsync(batch => TransferChain.Run(batch, "test", early)))).Error);

        await books.DoAsync(batch => batch.Execute("UPDATE transfers SET expires_at_ms = $1 WHERE transfer_id = $2", 1L, TransferId.Of("test", "held")));
        Assert.Equal(900, await books.DoAsync(batch => LapsedHolds.Of(batch, Ann, 1)));
        await books.DoAsync(batch => TransferChain.Run(batch, "test", early));

        Assert.Equal((500, 0), await books.BalanceAsync(Ann));
        await books.AreEvenAsync();
    }

    [Fact]
    public async Task The_check_sees_a_forged_counter_a_forged_leaf_and_one_that_is_missing()
    {
        await using var books = await Books.OpenAsync();
        await books.FundAsync(Ann, 1_000);
        await books.DoAsync(batch => batch.Execute("UPDATE accounts SET debits_pending = debits_pending + 1 WHERE account_id = $1", Ann));
        Assert.Contains((await books.CheckAsync()).Differences, d => d is { AccountId: Ann, Source: "transfers", DebitsPending: -1 });
        await books.DoAsync(batch => batch.Execute("UPDATE accounts SET debits_pending = debits_pending - 1 WHERE account_id = $1", Ann));

        await books.DoAsync(batch => TransferLog.Append(batch, "nobody", Books.Posted("never", SystemAccounts.FaucetMint, Ann, 7)));
        Assert.Contains((await books.CheckAsync()).Differences, d => d is { AccountId: Ann, Source: "log", CreditsPosted: 7 });
        await books.DoAsync(batch => batch.Execute("DELETE FROM log_events WHERE event_type = $1", "credit_transfer"));
        Assert.Contains((await books.CheckAsync()).Differences, d => d is { AccountId: Ann, Source: "log", CreditsPosted: -1_000 });
    }
}
