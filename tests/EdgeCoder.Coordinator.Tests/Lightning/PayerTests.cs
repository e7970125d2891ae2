using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.TestKit.Lightning;

namespace EdgeCoder.Coordinator.Tests.Lightning;

/// <summary>Paying through nodes that take only the exact calls of their published interfaces.</summary>
public sealed class PayerTests
{
    public static TheoryData<string> Nodes => ["lnd", "cln"];

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Payment_is_unknown_then_paid_and_then_found(string kind)
    {
        await using var node = await StartAsync(kind);
        var payer = Payer(node);
        var order = Order();
        Assert.IsType<PaymentTrace.NotFound>(await TrackAsync(payer, order));
        node.Scripts.Enqueue(new() { FeeMsat = 2_500 });
        Assert.Equal(new PayAnswer.Paid(2_500), await PayAsync(payer, order));
        Assert.Equal(new PaymentTrace.Succeeded(2_500), await TrackAsync(payer, order));
        Assert.Equal(5_000, node.Payments[order.PaymentHash].FeeLimitMsat);
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Fee_above_the_limit_is_no_payment(string kind)
    {
        await using var node = await StartAsync(kind);
        var payer = Payer(node);
        var order = Order();
        node.Scripts.Enqueue(new() { FeeMsat = 5_001 });
        Assert.Equal(kind == "lnd" ? new PayAnswer.Failed("no_route") : new PayAnswer.Refused(500), await PayAsync(payer, order));
        Assert.IsType<PaymentTrace.Failed>(await TrackAsync(payer, order));
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Payment_under_way_is_told_at_once_and_is_neither_paid_nor_failed(string kind)
    {
        await using var node = await StartAsync(kind);
        var payer = Payer(node);
        var order = Order();
        node.Scripts.Enqueue(new() { StaysInFlight = true });
        Assert.True(await PayAsync(payer, order) is PayAnswer.Unknown or PayAnswer.Refused);
        Assert.IsType<PaymentTrace.InFlight>(await TrackAsync(payer, order));
        Assert.True(await PayAsync(payer, order) is PayAnswer.Refused);
        Assert.Single(node.Payments);

        // A program that asked twice would be seen.
        Assert.Equal([order.PaymentHash, order.PaymentHash], node.PayCalls);
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task What_cannot_be_believed_is_unknown_and_never_failed(string kind)
    {
        await using var node = await StartAsync(kind);
        var payer = Payer(node);
        string[] bodies =
        [
            "", "[]", "{", "{}", """{"result":{}}""", """{"pays":[{}]}""", """{"pays":[{"status":"failed"}]}""", """{"result":{"status":"FAILED"}}""",
            $$$"""{"result":{"payment_hash":"{{{new string('0', 64)}}}","status":"FAILED"}}""", $$"""{"payment_hash":"{{new string('0', 64)}}","status":"complete","amount_msat":1,"amount_sent_msat":1}""",
            """{"code":5,"message":"Not Found"}""", """{"error":{"code":14,"message":"transport is closing"}}""", """{"error":{"code":4,"message":"context deadline exceeded"}}""",
        ];
        foreach (var body in bodies)
        {
            var order = Order();
            node.Faults.Enqueue(new() { Body = body });
            Assert.IsType<PayAnswer.Unknown>(await PayAsync(payer, order));
            node.Faults.Enqueue(new() { Body = body });
            Assert.IsType<PaymentTrace.Unclear>(await TrackAsync(payer, order));
        }

        node.Faults.Enqueue(new() { LosesAnswer = true });
        Assert.IsType<PayAnswer.Unknown>(await PayAsync(payer, Order()));
        node.Faults.Enqueue(new() { Status = 500 });
        Assert.IsType<PaymentTrace.Unclear>(await TrackAsync(payer, Order()));
        await node.DisposeAsync();
        Assert.IsType<PayAnswer.Unknown>(await PayAsync(payer, Order()));
        Assert.IsType<PaymentTrace.Unclear>(await TrackAsync(payer, Order()));
    }

    [Fact]
    public async Task Paths_that_a_node_does_not_have_say_nothing_about_a_payment()
    {
        await using var node = new ScriptedCln();
        await node.StartAsync();
        var order = Order();
        using var payer = new LndPayer(new() { Provider = "lnd", Address = node.Address, Credential = ScriptedLnd.Macaroon }, TimeProvider.System);
        Assert.IsType<PaymentTrace.Unclear>(await TrackAsync(payer, order));
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Wrong_credential_pays_nothing(string kind)
    {
        await using var node = await StartAsync(kind);
        var order = Order();
        var stranger = Payer(node, new string('a', 64));
        Assert.IsType<PayAnswer.Refused>(await PayAsync(stranger, order));
        Assert.IsType<PaymentTrace.Unclear>(await TrackAsync(stranger, order));
        Assert.Empty(node.Payments);
    }

    internal static ILightningPayer Payer(ScriptedNode node, string? credential = null) => node is ScriptedLnd
        ? new LndPayer(new() { Provider = "lnd", Address = node.Address, Credential = credential ?? ScriptedLnd.Macaroon }, TimeProvider.System)
        : new ClnPayer(new() { Provider = "cln", Address = node.Address, Credential = credential ?? ScriptedCln.Rune }, TimeProvider.System);

    private static PaymentOrder Order()
    {
        var (text, hash) = OutgoingInvoice.New(10_000);
        return new(text, hash, 5_000, 60);
    }

    private static async Task<ScriptedNode> StartAsync(string kind)
    {
        ScriptedNode node = kind == "lnd" ? new ScriptedLnd() : new ScriptedCln();
        await node.StartAsync();
        return node;
    }

    private static Task<PayAnswer> PayAsync(ILightningPayer payer, PaymentOrder order) => payer.PayAsync(order, TestContext.Current.CancellationToken);

    private static Task<PaymentTrace> TrackAsync(ILightningPayer payer, PaymentOrder order) => payer.TrackAsync(order.PaymentHash, TestContext.Current.CancellationToken);
}
