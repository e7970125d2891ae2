using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.TestKit.Postgres;
using EdgeCoder.TestKit.Processes;
using Npgsql;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>
/// Two coordinator processes on one PostgreSQL database, one identity and one data directory (docs/coordinator.md, several coordinators). One is killed while
/// both submit, lease, take results and verify; then it comes back. What was accepted is done once, and no credit hangs. EDGECODER_SILO_TASKS makes the load longer.
/// </summary>
public sealed class TwoSilosTests
{
    private static readonly int Tasks = int.TryParse(Environment.GetEnvironmentVariable("EDGECODER_SILO_TASKS"), CultureInfo.InvariantCulture, out var tasks) ? tasks : 90;

    private const string Account = "acct-team";
    private const string AdminToken = "operator-token-of-the-two-silos-0123";

    [Fact]
    public async Task Killing_one_of_two_silos_under_load_loses_nothing()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(ProgramRun.Patience);
        var database = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        await using var first = new RunningCoordinator(selfAgent: false, "coordinator");
        await using var second = new RunningCoordinator(selfAgent: false, "coordinator");
        foreach (var silo in new[] { first, second })
        {
            silo.Run.Environment["DATABASE_URL"] = database;
            silo.Run.Environment["COORDINATOR_PUBLIC_URL"] = first.Url.GetLeftPart(UriPartial.Authority);
            silo.Run.Environment["EDGECODER_DATA_DIR"] = first.Run.DataDirectory;
            silo.Run.Environment["ADMIN_API_TOKEN"] = AdminToken;
            silo.Run.Environment["FAUCET_ENABLED"] = "true";
            silo.Run.Environment["AGENT_RATE_LIMIT_MAX"] = "10000";
        }

        // At the same moment: who comes second finds the schema, the key and the cluster.
        await Task.WhenAll(first.StartAsync(patience.Token), second.StartAsync(patience.Token));
        first.Run.Environment["COORDINATOR_URL"] = first.Url.ToString();
        var apiKey = (await first.AskAsync("account", "create", Account, "--credits", "10000")).GetProperty("apiKey").GetString()!;
        Uri[] silos = [first.Url, second.Url];
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        var peerId = (string)JsonNode.Parse(await http.GetStringAsync(new Uri(second.Url, "identity"), patience.Token))!["peerId"]!;

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        var load = new SiloLoad(http, apiKey, silos);
        var agents = new List<LoadAgent>();
        for (var n = 0; n < 4; n++)
        {
            var agent = new LoadAgent($"node-{n}", peerId, silos, n);
            agents.Add(agent);
            var enrolled = await OperateAsync(http, silos[n % 2], "admin/nodes/enroll", $$"""{"nodeId":"node-{{n}}","ownerAccountId":"{{Account}}"}""", patience.Token);
            await agent.RegisterAsync((string)enrolled["registrationToken"]!, patience.Token);
            await OperateAsync(http, silos[(n + 1) % 2], $"admin/agents/node-{n}/approval", """{"approved":true}""", patience.Token);
        }

        await OperateAsync(http, second.Url, $"economy/payables/{Account}/adjust", $$"""{"transferId":"{{new string('1', 32)}}","amountMsat":5000,"direction":"in","reason":"as agreed in ticket 7"}""", patience.Token);
        await OperateAsync(http, first.Url, "economy/wallets/register", $$"""{"accountId":"{{Account}}","walletType":"lightning"}""", patience.Token);
        var begun = Stopwatch.GetTimestamp();
        var working = agents.Select(agent => agent.WorkAsync(load.Reported, stop.Token)).ToArray();
        var submitting = Task.WhenAll(Enumerable.Range(0, 3).Select(part => load.SubmitAsync(part * Tasks / 3, Tasks / 3, part, patience.Token)));

        // In the middle of it, after the second has taken some results.
        await load.TakenBy(second.Url, 10).WaitAsync(patience.Token);
        await second.KillAsync();
        Note($"killed after {load.Count} results, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
        await load.TakenBy(first.Url, 10 + load.CountBy(first.Url)).WaitAsync(patience.Token);
        await second.StartAsync(patience.Token);
        Note($"back after {load.Count} results, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");

        await submitting;
        for (var n = 0; n < Tasks; n++)
        {
            Assert.Equal("completed", await load.EndAsync($"load-{n}", silos[n % 2], patience.Token));
        }

        Note($"{Tasks} tasks ended, {load.CountBy(first.Url)} results by the first and {load.CountBy(second.Url)} by the second, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
        await stop.CancelAsync();
        await Task.WhenAll(working);
        agents.ForEach(agent => agent.Dispose());
        await TellTheSameAsync(http, first.Url, second.Url, patience.Token);
        await Task.WhenAll(first.KillAsync(), second.KillAsync());
        Assert.True(SoakRows.FaultsOnServer(database, Tasks) is [], $"{string.Join('\n', SoakRows.FaultsOnServer(database, Tasks))}\n--- first\n{first.Errors}\n--- second\n{second.Errors}");

        // The check sees what it is there for, on this store too.
        await ExecuteAsync(database, "UPDATE lease_charges SET ended = FALSE WHERE lease_id = (SELECT MIN(lease_id) FROM lease_charges)");
        await ExecuteAsync(database, "DELETE FROM task_events WHERE task_id = 'load-3' AND sequence = 1");
        Assert.Equal(["1 lease charges that were neither posted nor returned", "1 tasks with a gap in their events"], SoakRows.FaultsOnServer(database, Tasks));
    }

    private static async Task<JsonNode> OperateAsync(HttpClient http, Uri silo, string path, string body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(silo, path)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-admin-token", AdminToken);
        using var answer = await http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {text}");
        return JsonNode.Parse(text)!;
    }

    // All that either says of money, standing and keys is the same (economy-and-ledger 22, F31), once both have ended what they were at.
    private static async Task TellTheSameAsync(HttpClient http, Uri first, Uri second, CancellationToken cancellationToken)
    {
        foreach (var path in (string[])
        [
            $"credits/{Account}/balance", $"credits/{Account}/history", $"wallets/{Account}", "admin/credits", "economy/payouts", "economy/treasury", "economy/price/current", "economy/issuance/history",
            "mesh/reputation", "admin/keys", "security/blacklist", "security/blacklist/audit", "ledger/equivocations",
        ])
        {
            while (await ReadAsync(first, path) != await ReadAsync(second, path))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        async Task<string> ReadAsync(Uri silo, string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(silo, path));
            request.Headers.Add("x-admin-token", AdminToken);
            using var answer = await http.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {text}");
            return text;
        }
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static void Note(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
