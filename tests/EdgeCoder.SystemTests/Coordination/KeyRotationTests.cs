using System.Text.Json;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>The coordinator's key changes under real workers: one that is there and one that was away follow the statements, and receipts of both keys are proven by the first (docs/keys.md).</summary>
public sealed class KeyRotationTests
{
    private const string Request = "write a function that merges two dictionaries";

    private static readonly string Tests = "assert merge_dicts({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}\nassert merge_dicts({}, {'x': 0}) == {'x': 0}\n";

    private static CancellationToken Patience => CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token).Token;

    [Fact]
    public async Task Workers_follow_the_key_and_receipts_of_both_are_proven_by_the_first()
    {
        await using var coordinator = new RunningCoordinator(selfAgent: false);
        await using var worker = new RunningWorker();
        await coordinator.StartAsync(Patience);
        var enrolled = await coordinator.AskAsync("node", "enroll", "node-two");
        worker.Start("join", enrolled.GetProperty("joinCode").GetString()!);
        await worker.SaysAsync("status", "pending_approval", Patience);
        await coordinator.DoAsync("node", "approve", "node-two");
        var tests = coordinator.Run.Write("tests.py", Tests);
        var first = await WorkAsync();
        var trust = await VkeyAsync();

        // The worker is there: it finds the new key at its next lease, follows it and goes on.
        var changed = await coordinator.AskAsync("ledger", "rotate-key", "--reason", "planned");
        Assert.NotEqual(changed.GetProperty("oldKeyId").GetString(), changed.GetProperty("newKeyId").GetString());
        var second = await WorkAsync();
        await worker.SaysAsync("notice", "coordinator_key_changed", Patience);

        // The worker is away for two changes, and the coordinator starts anew between them.
        await worker.KillAsync();
        await coordinator.DoAsync("ledger", "rotate-key", "--reason", "planned");
        await coordinator.KillAsync();
        await coordinator.StartAsync(Patience);
        await coordinator.DoAsync("ledger", "rotate-key", "--reason", "planned");
        worker.Start("run");
        var third = await WorkAsync();

        foreach (var task in new[] { first, second, third })
        {
            while ((await coordinator.AskAsync("receipt", task)).GetProperty("receipts").GetArrayLength() == 0)
            {
                await coordinator.DoAsync("status", task);
            }

            var receipt = Path.Combine(coordinator.Run.DataDirectory, task + ".json");
            await coordinator.DoAsync("receipt", task, "--out", receipt);
            await coordinator.DoAsync("verify", "receipt", receipt, "--trust", trust);
        }

        var log = Path.Combine(coordinator.Run.DataDirectory, "exported");
        await coordinator.DoAsync("ledger", "export", log);
        await coordinator.DoAsync("ledger", "verify", log, "--trust", trust);

        async Task<string> WorkAsync()
        {
            var task = (await coordinator.AskAsync("submit", Request, "--tests", tests)).GetProperty("taskId").GetString()!;
            Assert.Contains("def merge_dicts", await coordinator.DoAsync("result", task, "--wait"), StringComparison.Ordinal);
            return task;
        }

        async Task<string> VkeyAsync()
        {
            using var http = new HttpClient();
            using var identity = JsonDocument.Parse(await http.GetStringAsync(new Uri(coordinator.Url, "/identity"), Patience));
            return identity.RootElement.GetProperty("vkey").GetString()!;
        }
    }
}
