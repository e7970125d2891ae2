using System.Text.Json;
using EdgeCoder.TestKit.Lightning;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>
/// The economy as people meet it, with real processes: credits are bought over Lightning while the coordinator is killed, work is paid, and a stranger proves
/// receipt and log from files.
/// </summary>
public sealed class EconomyJourneyTests
{
    private const string Tests = "assert merge_dicts({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}\n";

    private static CancellationToken Patience => CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token).Token;

    [Fact]
    public async Task Bought_credits_pay_for_work_and_a_stranger_proves_both_from_files()
    {
        await using var node = new ScriptedLnd();
        await node.StartAsync();
        await using var up = new RunningCoordinator(selfAgent: true);
        up.Run.Environment["LIGHTNING_PROVIDER"] = "lnd";
        up.Run.Environment["LND_REST_URL"] = node.Address.ToString();
        up.Run.Environment["LND_MACAROON_HEX"] = ScriptedLnd.Macaroon;
        await up.StartAsync(Patience);

        var purchase = await BuyAsync(up, node);
        await WorkAsync(up);
        var account = (await up.AskAsync("credits")).GetProperty("accounts").EnumerateArray().Single(one => one.GetProperty("accountId").GetString() == purchase.GetProperty("accountId").GetString() && one.GetProperty("unit").GetString() == "credit");
        Assert.True(account.GetProperty("balance").GetDecimal() > purchase.GetProperty("quotedCredits").GetDecimal() - 100);
        Assert.All((await up.AskAsync("credits")).GetProperty("sums").EnumerateArray(), sum => Assert.Equal(0, sum.GetProperty("balances").GetDecimal()));
        await up.DoAsync("verify", "balances");

        await StrangerAsync(up);
    }

    // The money arrives while the coordinator is dead; it is asked for by several at once afterwards, and credited once.
    private static async Task<JsonElement> BuyAsync(RunningCoordinator up, ScriptedLnd node)
    {
        var intent = (await up.AskAsync("credits", "buy", "5000", "--no-wait")).GetProperty("intent");
        var id = intent.GetProperty("intentId").GetString()!;
        Assert.Equal(1, (await up.Run.ToEndAsync("credits", "purchase", id)).ExitCode);
        await up.KillAsync();
        node.Pay(intent.GetProperty("paymentHash").GetString()!);
        await up.StartAsync(Patience);

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => up.AskAsync("credits", "purchase", id, "--wait")));
        Assert.All(answers, answer => Assert.Equal("settled", answer.GetProperty("intent").GetProperty("status").GetString()));
        await up.KillAsync();
        await up.StartAsync(Patience);

        var settled = await up.AskAsync("credits", "purchase", id);
        var bought = settled.GetProperty("receipt").GetProperty("creditsMinted").GetDecimal();
        var minted = (await up.AskAsync("credits")).GetProperty("accounts").EnumerateArray().Single(one => one.GetProperty("accountId").GetString() == "mint:purchases");
        Assert.Equal(-bought, minted.GetProperty("balance").GetDecimal());
        Assert.True(bought > 0);
        return settled.GetProperty("intent");
    }

    private static async Task WorkAsync(RunningCoordinator up)
    {
        await up.DoAsync("submit", "write a function that merges two dictionaries", "--tests", up.Run.Write("tests.py", Tests), "--wait");
        Assert.True((await up.AskAsync("status")).GetProperty("tasks")[0].GetProperty("credits").GetProperty("posted").GetDecimal() > 0);
    }

    // Only files and a key that came another way; the coordinator is gone.
    private static async Task StrangerAsync(RunningCoordinator up)
    {
        var task = (await up.AskAsync("status")).GetProperty("tasks")[0].GetProperty("taskId").GetString()!;
        using var http = new HttpClient();
        using var identity = JsonDocument.Parse(await http.GetStringAsync(new Uri(up.Url, "identity"), Patience));
        var key = identity.RootElement.GetProperty("vkey").GetString()!;
        var receipt = Path.Combine(up.Run.DataDirectory, "receipt.json");
        while ((await up.AskAsync("receipt", task)).GetProperty("receipts").GetArrayLength() == 0)
        {
            await up.DoAsync("status", task);
        }

        await up.DoAsync("receipt", task, "--out", receipt);
        var log = Path.Combine(up.Run.DataDirectory, "exported");
        await up.DoAsync("ledger", "export", log);
        await up.KillAsync();

        Assert.Equal(0, (await up.Run.ToEndAsync("verify", "receipt", receipt, "--trust", key)).ExitCode);
        Assert.Equal(0, (await up.Run.ToEndAsync("ledger", "verify", log, "--trust", key)).ExitCode);

        // The same files with one byte changed, and the right files under another's key.
        var text = await File.ReadAllTextAsync(receipt, Patience);
        var leaf = JsonDocument.Parse(text).RootElement.GetProperty("leaf").GetString()!;
        var other = leaf[..40] + (leaf[40] == 'A' ? 'B' : 'A') + leaf[41..];
        Assert.NotEqual(0, (await up.Run.ToEndAsync("verify", "receipt", up.Run.Write("forged.json", text.Replace(leaf, other, StringComparison.Ordinal)), "--trust", key)).ExitCode);
        var tile = Directory.EnumerateFiles(Path.Combine(log, "tile"), "*", SearchOption.AllDirectories).First(file => file.Contains("entries", StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(tile, Patience);
        bytes[^3] ^= 1;
        await File.WriteAllBytesAsync(tile, bytes, Patience);
        Assert.NotEqual(0, (await up.Run.ToEndAsync("ledger", "verify", log, "--trust", key)).ExitCode);
    }
}
