using EdgeCoder.Commands;
using EdgeCoder.Terminal;

namespace EdgeCoder.Tests.Coordination;

/// <summary>What people see of a purchase: the invoice, the waiting, the end.</summary>
public sealed class PurchaseCommandsTests : IAsyncLifetime
{
    private const string Place = "/economy/payments/intents";
    private const string Confirm = $"POST {Place}/pay-1/confirm";
    private const string Created = """{"intentId":"pay-1","accountId":"acct-ann","network":"signet","invoiceRef":"lntbs50u1pinvoice","amountSats":5000,"quotedCredits":164.166,"status":"created","expiresAtMs":4102444800000}""";

    private FixedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = (await FixedCoordinator.StartAsync())
            .Answers("POST " + Place, $$"""{"ok":true,"intent":{{Created}}}""")
            .Answers($"GET {Place}/pay-1", $$"""{"intent":{{Created}}}""")
            .Answers(Confirm, $$"""{"ok":true,"intent":{{Created.Replace("created", "settled", StringComparison.Ordinal)}}}""");
        _coordinator.Settings["AGENT_ACCOUNT_ID"] = "acct-ann";
        _coordinator.Time = new QuickTime();
    }

    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    [Fact]
    public async Task Invoice_is_shown_whole_and_the_command_ends_when_it_is_paid()
    {
        _coordinator.AnswersFirst(Confirm, Problem("payment_not_settled"), 409).AnswersFirst(Confirm, Problem("payment_provider_unavailable"), 503).AnswersFirst(Confirm, Problem("payment_not_settled"), 409);

        Assert.Equal(0, await _coordinator.RunAsync("credits", "buy", "5000"));

        Assert.Equal("""{"accountId":"acct-ann","amountSats":5000}""", _coordinator.Requests.First().Body);
        Assert.All(["5,000 sats for 164.166 credits to acct-ann", "\nlntbs50u1pinvoice\n", "signet", "Paid: 164.166 credits"], text => Assert.Contains(text, _coordinator.Console.Output));
        Assert.Contains("waiting for the payment", _coordinator.Error.ToString());
        Assert.Contains("node does not answer", _coordinator.Error.ToString());
        Assert.Equal(5, _coordinator.Requests.Count);
    }

    [Fact]
    public async Task Without_waiting_only_the_invoice_is_shown()
    {
        Assert.Equal(0, await _coordinator.RunAsync("credits", "buy", "5000", "--no-wait", "--account", "acct-team"));

        Assert.Single(_coordinator.Requests);
        Assert.Contains("acct-team", _coordinator.Requests.Single().Body);
    }

    [Fact]
    public async Task What_was_not_paid_in_time_says_so_and_fails()
    {
        _coordinator.Answers(Confirm, Problem("intent_expired"), 409);

        Assert.Equal((int)ExitCode.Failed, await _coordinator.RunAsync("credits", "buy", "5000"));

        Assert.Contains("says intent_expired", _coordinator.Error.ToString());
    }

    [Fact]
    public async Task Waiting_ends_with_the_invoice_although_the_node_never_answers()
    {
        var late = Created.Replace("4102444800000", "1000", StringComparison.Ordinal);
        _coordinator.Answers("POST " + Place, $$"""{"ok":true,"intent":{{late}}}""").Answers(Confirm, Problem("payment_provider_unavailable"), 503);

        Assert.Equal((int)ExitCode.Failed, await _coordinator.RunAsync("credits", "buy", "5000"));

        Assert.Equal(2, _coordinator.Requests.Count);
    }

    [Theory]
    [InlineData("settled", 0, "Paid")]
    [InlineData("settled_late", 0, "Paid")]
    [InlineData("created", 1, "lntbs50u1pinvoice")]
    [InlineData("expired", 1, "Not paid in time")]
    [InlineData("cancelled", 1, "Cancelled")]
    public async Task A_purchase_is_looked_up_by_its_id(string status, int exit, string said)
    {
        _coordinator.Answers($"GET {Place}/pay-1", $$"""{"intent":{{Created.Replace("created", status, StringComparison.Ordinal)}}}""");

        Assert.Equal(exit, await _coordinator.RunAsync("credits", "purchase", "pay-1"));

        Assert.Contains(said, _coordinator.Console.Output);
    }

    [Fact]
    public async Task Waiting_is_taken_up_again()
    {
        Assert.Equal(0, await _coordinator.RunAsync("credits", "purchase", "pay-1", "--wait"));

        Assert.Contains("Paid", _coordinator.Console.Output);
    }

    [Fact]
    public async Task Every_answer_is_one_line_of_json()
    {
        Assert.Equal(0, await _coordinator.RunAsync("credits", "buy", "5000", "--json"));

        var lines = _coordinator.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["created", "settled"], lines.Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("intent").GetProperty("status").GetString()!));
    }

    [Fact]
    public async Task Refusals_come_with_their_words()
    {
        _coordinator.Answers("POST " + Place, Problem("payments_disabled"), 503);

        Assert.NotEqual(0, await _coordinator.RunAsync("credits", "buy", "5000"));

        Assert.Contains("says payments_disabled", _coordinator.Error.ToString());
        Assert.NotEqual(0, await _coordinator.RunAsync("credits", "buy", "much"));
    }

    [Fact]
    public void Code_for_cameras_is_square_with_dark_finder_patterns_in_three_corners()
    {
        var lines = QrCode.Lines("lightning:lntbs50u1pinvoice");

        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        Assert.InRange(lines[0].Length, (lines.Length * 2) - 1, lines.Length * 2);
        Assert.All([lines[2][4..11], lines[2][^11..^4]], corner => Assert.Equal("█▀▀▀▀▀█", corner));
        Assert.Equal(new string(' ', lines[0].Length), lines[0]);
        Assert.Empty(QrCode.Lines(new string('x', 5000)));
    }

    private static string Problem(string code) => $$"""{"title":"Refused","status":409,"error":"{{code}}","detail":"It says {{code}}."}""";

    /// <summary>The present, in which every pause is over at once.</summary>
    private sealed class QuickTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : dueTime < TimeSpan.FromSeconds(5) ? TimeSpan.Zero : dueTime, period);
    }
}
