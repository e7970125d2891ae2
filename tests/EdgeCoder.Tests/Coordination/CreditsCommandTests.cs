using EdgeCoder.Commands;

namespace EdgeCoder.Tests.Coordination;

/// <summary>What people see of accounts and of the check of the books.</summary>
public sealed class CreditsCommandTests : IAsyncLifetime
{
    private FixedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync() => _coordinator = (await FixedCoordinator.StartAsync())
        .Answers("GET /admin/credits", """{"accounts":[{"accountId":"acct-\u001b[2Jann","unit":"credit","kind":"user","balance":12.500,"held":2.000,"available":10.500},{"accountId":"mint:faucet","unit":"credit","kind":"mint","balance":-12.500,"held":0.000,"available":-12.500}],"sums":[{"unit":"credit","accounts":2,"balances":0.000}],"stopped":false}""")
        .Answers("GET /credits/acct-ann/balance", """{"accountId":"acct-ann","unit":"credit","balance":12.500,"held":2.000,"available":10.500}""")
        .Answers("GET /credits/acct-ann/history", """{"accountId":"acct-ann","history":[{"txId":"1","accountId":"acct-ann","type":"earn","credits":12.500,"reason":"faucet","timestampMs":1700000000000}]}""")
        .Answers("GET /admin/credits/check", """{"ok":false,"transfers":3,"units":[{"unit":"credit","accounts":2,"balances":5,"pending":0}],"differences":[{"accountId":"acct-ann","source":"transfers","debitsPending":0,"debitsPosted":0,"creditsPending":0,"creditsPosted":-5}],"stopped":true}""")
        .Answers("POST /admin/credits/check", """{"ok":true,"transfers":3,"units":[{"unit":"credit","accounts":2,"balances":0,"pending":0}],"differences":[],"stopped":false}""");

    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    [Fact]
    public async Task Every_account_is_shown_to_an_operator_with_the_sum_that_is_zero()
    {
        _coordinator.Settings["ADMIN_API_TOKEN"] = "admin";

        Assert.Equal(0, await _coordinator.RunAsync("credits"));

        Assert.Contains("Sum over 2 accounts in credit: 0.000", _coordinator.Console.Output);
        Assert.Contains("-12.500", _coordinator.Console.Output);
        Assert.DoesNotContain("\u001b[2J", _coordinator.Console.Output);
    }

    [Fact]
    public async Task One_account_is_shown_with_its_history()
    {
        Assert.Equal(0, await _coordinator.RunAsync("credits", "acct-ann"));
        Assert.All(["12.500 credit, 2.000 held, 10.500 available", "faucet"], text => Assert.Contains(text, _coordinator.Console.Output));

        Assert.Equal(0, await _coordinator.RunAsync("credits", "acct-ann", "--json"));
        Assert.Contains("\"history\":[{\"txId\":\"1\"", _coordinator.Output.ToString());
    }

    [Fact]
    public async Task Books_that_do_not_agree_are_told_with_the_account_and_its_exit_code()
    {
        _coordinator.Settings["ADMIN_API_TOKEN"] = "admin";

        Assert.Equal((int)ExitCode.Failed, await _coordinator.RunAsync("verify", "balances"));
        Assert.All(["Wrong: acct-ann, by its transfers", "received -5", "balance_mismatch"], text => Assert.Contains(text, _coordinator.Console.Output));

        Assert.Equal(0, await _coordinator.RunAsync("verify", "balances", "--release"));
        Assert.Equal("""{"release":true}""", _coordinator.Requests.Last().Body);
    }
}
