using EdgeCoder.Commands;

namespace EdgeCoder.Tests.Coordination;

/// <summary>What operators decide from the command line: sends whose node is lost, quarantines.</summary>
public sealed class OperatorCommandTests : IAsyncLifetime
{
    private FixedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = (await FixedCoordinator.StartAsync())
            .Answers("GET /economy/sends", """{"requests":[{"requestId":"r-1","accountId":"acct-\u001b[2Jann","status":"unknown","amountSats":10000,"createdAtMs":1700000000000}]}""")
            .Answers("POST /economy/sends/r-1/close", """{"ok":true,"request":{"requestId":"r-1","status":"sent"}}""")
            .Answers("POST /admin/agents/lab-7/keep", """{"ok":true}""")
            .Answers("GET /admin/agents/lab-7/behavior", """{"agentId":"lab-7","stats":{"totalTasks":3,"successCount":1},"anomalies":[{"ruleId":"BHV001","weight":2,"atMs":1700000000000}],"strikeCount":2,"quarantine":{"ruleId":"BHV001","untilMs":1700000000000}}""");
        _coordinator.Settings["ADMIN_API_TOKEN"] = "admin";
    }

    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    [Fact]
    public async Task Sends_are_listed_and_closed_with_outcome_fee_and_reason()
    {
        Assert.Equal(0, await _coordinator.RunAsync("credits", "sends"));
        Assert.Contains("r-1", _coordinator.Console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[2J", _coordinator.Console.Output, StringComparison.Ordinal);

        Assert.Equal(0, await _coordinator.RunAsync("credits", "close-send", "r-1", "--outcome", "sent", "--fee-msat", "7", "--reason", "seen in the backup"));
        Assert.Equal("""{"outcome":"sent","reason":"seen in the backup","feeMsat":7}""", _coordinator.Requests.Last().Body);
        Assert.Equal((int)ExitCode.Usage, await _coordinator.RunAsync("credits", "close-send", "r-1", "--outcome", "sent"));
    }

    [Fact]
    public async Task Behaviour_is_shown_and_a_quarantine_is_kept_with_its_reason()
    {
        Assert.Equal(0, await _coordinator.RunAsync("node", "behavior", "lab-7"));
        Assert.All(["BHV001", "totalTasks", "quarantined", "2 strikes"], text => Assert.Contains(text, _coordinator.Console.Output, StringComparison.Ordinal));
        Assert.Equal(0, await _coordinator.RunAsync("node", "keep", "lab-7", "--reason", "its results were looked at"));
        Assert.Equal("""{"reason":"its results were looked at"}""", _coordinator.Requests.Last().Body);
    }
}
