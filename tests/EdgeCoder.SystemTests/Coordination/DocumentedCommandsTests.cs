using System.Text.RegularExpressions;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>docs/coordinator.md as a person follows it: each command of its blocks and of its table is run against a real <c>edgecoder up</c>, and what is said of it holds.</summary>
public sealed partial class DocumentedCommandsTests
{
    private const string Request = "write a function that merges two dictionaries";
    private const string Tests = "assert merge_dicts({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}\n";

    // The demonstration model names its function merge_dicts, so these are for a person.
    private const string TooHard = """{"taskId":"hard-ID","prompt":"write a function that merges two dictionaries","tests":"assert join_maps({'a':1},{'b':2}) == {'a':1,'b':2}","maxAttempts":1}""";

    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "coordinator.md"));

    // Run by TwoSilosTests, which needs a PostgreSQL server, with ports of its own.
    private static readonly string[] OfTwoSilos = ["edgecoder up --role coordinator"];

    private readonly HashSet<string> _followed = [.. OfTwoSilos];

    private static CancellationToken Patience => CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token).Token;

    [Fact]
    public async Task Every_command_of_the_guide_does_what_the_guide_says()
    {
        await using var up = new RunningCoordinator(selfAgent: true);
        await using var worker = new RunningWorker();
        up.Run.Environment["FAUCET_ENABLED"] = "true";
        await up.StartAsync(Patience);
        Follow("edgecoder up");

        // Try it on one machine.
        var tests = up.Run.Write("tests.py", Tests);
        Follow("edgecoder submit \"write a function that merges two dictionaries\" --tests tests.py --wait", "submit \"…\" [--tests FILE]");
        Assert.Contains("def merge_dicts", await up.DoAsync("submit", Request, "--tests", tests, "--wait"), StringComparison.Ordinal);

        await AddAMachineAsync(up, worker);
        await TableAsync(up);
        await EscalationsAsync(up);
        await AccountsAsync(up);

        Assert.Equal(Commands().Order(StringComparer.Ordinal), _followed.Order(StringComparer.Ordinal));
    }

    private async Task AddAMachineAsync(RunningCoordinator up, RunningWorker worker)
    {
        Follow("edgecoder node enroll lab-7", "edgecoder worker join ec1_…", "edgecoder node approve lab-7", "edgecoder node list");
        var code = JoinCode().Match(await up.DoAsync("node", "enroll", "lab-7")).Value;
        Assert.StartsWith("ec1_", code, StringComparison.Ordinal);
        worker.Start("join", code);
        await worker.SaysAsync("status", "pending_approval", Patience);
        Assert.Contains("pending_approval", (await up.AskAsync("node", "list")).GetRawText(), StringComparison.Ordinal);
        await up.DoAsync("node", "approve", "lab-7");
        await worker.SaysAsync("status", "active", Patience);
        Assert.Contains("lab-7", await up.DoAsync("node", "list"), StringComparison.Ordinal);
    }

    private async Task TableAsync(RunningCoordinator up)
    {
        // A file of tasks, as it is printed in the guide.
        Follow("submit tasks.jsonl", "status [TASK]", "result TASK [--wait] [--out FILE]", "explain TASK", "explain --node NODE", "cancel TASK");
        var submitted = await up.DoAsync("submit", up.Run.Write("tasks.jsonl", JsonLines().Match(Document).Groups[1].Value), "--json");
        Assert.Equal(2, submitted.Split("\"taskId\"").Length - 1);
        Assert.Contains("nightly-42", submitted, StringComparison.Ordinal);
        var output = Path.Combine(up.Run.DataDirectory, "result.js");
        await up.DoAsync("result", "nightly-42", "--wait", "--out", output);
        Assert.Contains("function", File.ReadAllText(output), StringComparison.Ordinal);
        Assert.Contains("unverified", (await up.AskAsync("status", "nightly-42")).GetProperty("labels").GetRawText(), StringComparison.Ordinal);
        Assert.NotEmpty(await up.DoAsync("status"));
        Assert.Contains("\"freeSlots\"", (await up.AskAsync("explain", "--node", "lab-7")).GetRawText(), StringComparison.Ordinal);

        // A change of a project that nobody may take yet.
        foreach (var node in (await up.AskAsync("node", "list")).GetProperty("agents").EnumerateArray().Select(agent => agent.GetProperty("agentId").GetString()!))
        {
            await up.DoAsync("node", "suspend", node);
        }

        Follow("submit \"…\" --repo DIR --check \"python3 -m unittest\" --protect tests");
        up.Run.Write("project/tests/__init__.py", "");
        up.Run.Write("project/shop.py", "def total(prices):\n    return 0\n");
        var test = up.Run.Write("project/tests/test_shop.py", "import unittest\nfrom shop import total\n\n\nclass Totals(unittest.TestCase):\n    def test_sum(self):\n        self.assertEqual(6, total([1, 2, 3]))\n");
        var project = Path.GetDirectoryName(Path.GetDirectoryName(test))!;
        var change = (await up.AskAsync("submit", "make total add the prices", "--repo", project, "--check", "python3 -m unittest", "--protect", "tests")).GetProperty("taskId").GetString()!;
        Assert.Equal(3, (await up.Run.ToEndAsync("result", change)).ExitCode);
        Assert.NotEmpty((await up.AskAsync("explain", change)).GetProperty("message").GetString()!);
        await up.DoAsync("cancel", change);
        Assert.Equal("cancelled", (await up.AskAsync("status", change)).GetProperty("state").GetString());
        foreach (var node in (await up.AskAsync("node", "list")).GetProperty("agents").EnumerateArray().Select(agent => agent.GetProperty("agentId").GetString()!))
        {
            await up.DoAsync("node", "resume", node);
        }
    }

    private async Task EscalationsAsync(RunningCoordinator up)
    {
        Follow("escalations list", "escalations show TASK", "escalations respond TASK");
        await up.DoAsync("submit", up.Run.Write("hard.jsonl", TooHard.Replace("ID", "one") + "\n" + TooHard.Replace("ID", "two") + "\n"));

        // It waits for a person, and nobody sits at a terminal for days.
        foreach (var task in new[] { "hard-one", "hard-two" })
        {
            Assert.Equal(3, (await up.Run.ToEndAsync("result", task, "--wait")).ExitCode);
        }

        Assert.Contains("hard-two", await up.DoAsync("escalations", "list"), StringComparison.Ordinal);
        Assert.Contains("merge_dicts", await up.DoAsync("escalations", "show", "hard-one"), StringComparison.Ordinal);
        await up.DoAsync("escalations", "respond", "hard-two", "--abandon");
        Assert.Equal("failed", (await up.AskAsync("status", "hard-two")).GetProperty("state").GetString());
        await up.DoAsync("escalations", "respond", "hard-one", "--context", "call it join_maps");
        Assert.Equal(3, (await up.Run.ToEndAsync("result", "hard-one", "--wait")).ExitCode);
        await up.DoAsync("escalations", "respond", "hard-one", "--code", up.Run.Write("join.py", "def join_maps(a, b):\n    return {**a, **b}\n"));
        Assert.Contains("def join_maps", await up.DoAsync("result", "hard-one", "--wait"), StringComparison.Ordinal);
    }

    private async Task AccountsAsync(RunningCoordinator up)
    {
        Follow("account create ACCOUNT", "edgecoder account create acct-team", "edgecoder account create acct-team --key-name build", "edgecoder node enroll lab-8 --owner acct-team", "edgecoder account create acct-me --save");
        var shown = ApiKey().Match(await up.DoAsync("account", "create", "acct-team")).Value;
        Assert.NotEqual(shown, ApiKey().Match(await up.DoAsync("account", "create", "acct-team", "--key-name", "build")).Value);
        await up.DoAsync("node", "enroll", "lab-8", "--owner", "acct-team");
        Assert.DoesNotContain("eck_", await up.DoAsync("account", "create", "acct-me", "--save"), StringComparison.Ordinal);

        // The account of the saved key has no tasks; that of the shown key neither, and the key opens it.
        Assert.Equal(0, (await up.AskAsync("status")).GetProperty("tasks").GetArrayLength());
        up.Run.Environment["EDGECODER_API_KEY"] = shown;
        Assert.Equal(0, (await up.AskAsync("status")).GetProperty("tasks").GetArrayLength());
    }

    private void Follow(params string[] documented)
    {
        foreach (var command in documented)
        {
            Assert.True(Commands().Contains(command), $"The guide does not have: {command}");
            _followed.Add(command);
        }
    }

    /// <summary>The commands of the shell blocks, without comments and variables, and of the table.</summary>
    private static HashSet<string> Commands()
    {
        var blocks = Blocks().Matches(Document).Where(block => block.Groups[1].Length == 0).SelectMany(block => block.Groups[2].Value.Split('\n')).Select(line => Command().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value.Split(" #")[0].Trim());
        var table = Document[Document.IndexOf("| Command | Does |", StringComparison.Ordinal)..].Split("\n\n")[0].Split('\n').Skip(2).SelectMany(line => Spans().Matches(line.Split(" | ")[0]).Select(match => match.Groups[1].Value));
        return [.. blocks, .. table];
    }

    [GeneratedRegex(@"(?ms)^```(\w*)\n(.*?)^```$")]
    private static partial Regex Blocks();

    [GeneratedRegex(@"(?ms)^```json\n(.*?)^```")]
    private static partial Regex JsonLines();

    [GeneratedRegex(@"(?:^|\s)(edgecoder \S.*)$")]
    private static partial Regex Command();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex("ec1_[A-Za-z0-9_-]+")]
    private static partial Regex JoinCode();

    [GeneratedRegex("eck_[A-Za-z0-9_-]+")]
    private static partial Regex ApiKey();
}
