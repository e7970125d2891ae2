using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Tests.Composition;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Payouts;

/// <summary>An operator corrects what is owed in sats (economy-and-ledger 2, adjust; 22, bad input), on a whole coordinator.</summary>
public sealed class PayableCorrectionTests(ComposedCoordinator coordinator) : IClassFixture<ComposedCoordinator>
{
    private const string Path = "/economy/payables/acct-owner/adjust";
    private static readonly (string, string) Admin = ("x-admin-token", ComposedCoordinator.AdminToken);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_correction_moves_once_with_the_operators_name_and_is_a_leaf_of_the_log()
    {
        var log = coordinator.Role.Services.GetRequiredService<LogKeeper>();
        await log.SettleAsync(Stop);
        var leaves = await LeavesAsync();
        var first = await SendAsync(Body('a', "7000", "in"), Admin);
        Assert.Equal((200, 7_000L), (first.Status, (long)first.Json["balanceMsat"]!));
        Assert.Equal(first.Json.ToJsonString(), (await SendAsync(Body('a', "7000", "in"), Admin)).Json.ToJsonString());
        Assert.Equal((409, "transfer_id_conflict"), await CodeAsync(Body('a', "7001", "in")));
        Assert.Equal((402, "insufficient_credits"), await CodeAsync(Body('b', "7001", "out")));
        Assert.Equal(6_000L, (long)(await SendAsync(Body('c', "1000", "out"), Admin)).Json["balanceMsat"]!);

        await log.SettleAsync(Stop);
        Assert.Equal(leaves + 2, await LeavesAsync());
        var (rows, sum) = await coordinator.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch => (
                batch.Query("SELECT operator_id, reason FROM transfers WHERE unit = 'msat' AND code = 'adjust'", row => $"{row.Text(0)} {row.Text(1)}"),
                batch.Query("SELECT SUM(credits_posted - debits_posted) FROM accounts WHERE unit = 'msat'", row => row.Number(0))[0]),
            Stop);
        Assert.All(rows, row => Assert.Equal("env:bootstrap adjust:env:bootstrap as agreed in ticket 7", row));
        Assert.Equal((2, 0L), (rows.Count, sum));
        Assert.Empty((await coordinator.Role.Services.GetRequiredService<BookCheck>().RunAsync(Stop)).Differences);
    }

    [Theory]
    [InlineData("0", 400, "amount_out_of_range")]
    [InlineData("-1", 400, "amount_out_of_range")]
    [InlineData("9007199254740992", 400, "amount_out_of_range")]
    [InlineData("92233720368547758080000", 400, "amount_out_of_range")]
    [InlineData("9999999999999999999", 400, "amount_out_of_range")]
    [InlineData("-9223372036854775809", 400, "amount_out_of_range")]
    [InlineData("1.5", 400, "amount_precision")]
    [InlineData("1.0", 400, "amount_precision")]
    [InlineData("1e3", 400, "amount_precision")]
    [InlineData("\"5\"", 400, "validation_failed")]
    [InlineData("null", 400, "validation_failed")]
    [InlineData("[]", 400, "validation_failed")]
    public async Task An_amount_that_is_none_changes_nothing(string amount, int status, string code)
    {
        var before = await coordinator.DumpAsync();
        Assert.Equal((status, code), await CodeAsync(Body('d', amount, "in")));
        Assert.Equal(before, await coordinator.DumpAsync());
    }

    [Fact]
    public async Task Nobody_but_an_operator_and_nothing_but_an_account_that_is_there()
    {
        var before = await coordinator.DumpAsync();
        Assert.Equal((404, "account_not_found"), await CodeAsync(Body('e', "5", "in"), "/economy/payables/acct-missing/adjust"));
        Assert.Equal((409, "account_reserved"), await CodeAsync(Body('e', "5", "in"), "/economy/payables/payable:acct-owner/adjust"));
        Assert.Equal((409, "account_reserved"), await CodeAsync(Body('e', "5", "in"), "/economy/payables/sats:external/adjust"));
        Assert.Equal((400, "validation_failed"), await CodeAsync(Body('e', "5", "sideways")));
        Assert.Equal((400, "validation_failed"), await CodeAsync(Body('e', "5", "in").Replace("as agreed in ticket 7", "short", StringComparison.Ordinal)));
        Assert.Equal((400, "validation_failed"), await CodeAsync(Body('x', "5", "in")));
        foreach (var header in new[] { ("x-mesh-token", ComposedCoordinator.MeshToken), ("x-portal-service-token", ComposedCoordinator.PortalToken), ("Authorization", "Bearer " + coordinator.ApiKey) })
        {
            Assert.InRange((await SendAsync(Body('e', "5", "in"), header)).Status, 401, 403);
        }

        Assert.Equal(before, await coordinator.DumpAsync());
    }

    private static string Body(char id, string amount, string direction) => $$"""{"transferId":"{{new string(id, 32)}}","amountMsat":{{amount}},"direction":"{{direction}}","reason":"as agreed in ticket 7"}""";

    private Task<long> LeavesAsync() => coordinator.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(batch => batch.Query("SELECT COUNT(*) FROM log_leaves WHERE event_type = 'credit_transfer'", row => row.Number(0))[0], Stop);

    private async Task<(int, string?)> CodeAsync(string body, string path = Path)
    {
        var (status, json) = await SendAsync(body, Admin, path);
        return (status, (string?)json["error"]);
    }

    private async Task<(int Status, JsonNode Json)> SendAsync(string body, (string Name, string Value) header, string path = Path)
    {
        using var http = new HttpClient { BaseAddress = coordinator.Role.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var answer = await http.SendAsync(request, Stop);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!);
    }
}
