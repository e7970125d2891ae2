using System.Security.Cryptography.X509Certificates;
using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.TestKit.Lightning;

namespace EdgeCoder.Coordinator.Tests.Lightning;

/// <summary>Providers against nodes that take only the exact calls of economy-and-ledger 6.3.</summary>
public sealed class ProviderTests
{
    private static readonly InvoiceOrder Order = new("00000000-0000-4000-8000-0000000000f1", 10_000, "edgecoder_credits:acct-1", 900);

    public static TheoryData<string> Nodes => ["lnd", "cln"];

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Invoice_is_made_found_unpaid_and_found_paid(string kind)
    {
        await using var node = await StartAsync(kind);
        var provider = Provider(node);
        var invoice = await provider.CreateAsync(Order, TestContext.Current.CancellationToken);

        Assert.Equal(node.Invoices.Single().Value.Text, invoice.PaymentRequest);
        Assert.Equal(10_000_000, node.Invoices[invoice.PaymentHash].AmountMsat);
        Assert.IsType<PaymentFinding.Unpaid>(await LookUpAsync(provider, invoice));
        Pay(node, invoice.PaymentHash, 10_000_001);
        Assert.Equal(new PaymentFinding.Paid(10_000_001), await LookUpAsync(provider, invoice));
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Wrong_credential_makes_nothing_and_is_never_a_word_about_a_payment(string kind)
    {
        await using var node = await StartAsync(kind);
        var invoice = await Provider(node).CreateAsync(Order, TestContext.Current.CancellationToken);
        var stranger = Provider(node, new string('a', 64));

        var fault = await Assert.ThrowsAsync<InvoiceException>(() => stranger.CreateAsync(Order with { IntentId = "other" }, TestContext.Current.CancellationToken));
        Assert.Equal(kind == "lnd" ? "lnd_invoice_create_failed:500" : "cln_invoice_create_failed:401", fault.Error);
        Assert.IsType<PaymentFinding.Unclear>(await LookUpAsync(stranger, invoice));
        Assert.Single(node.Invoices);
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Faults_of_a_node_are_unclear_and_never_unpaid(string kind)
    {
        await using var node = await StartAsync(kind);
        var provider = Provider(node);
        var invoice = await provider.CreateAsync(Order, TestContext.Current.CancellationToken);
        NodeFault[] faults =
        [
            new() { Status = 500 }, new() { Status = 404 }, new() { Status = 503 }, new() { Body = "" }, new() { Body = "[]" }, new() { Body = "{" }, new() { Body = "{}" },
            new() { Body = """{"state":"SETTLED","amt_paid_msat":"10000000"}""" }, new() { Body = """{"state":"SETTLED","state":"OPEN"}""" }, new() { Body = """{"invoices":[]}""" }, new() { Body = """{"invoices":[{"status":"paid","amount_received_msat":10000000}]}""" },
            new() { LosesAnswer = true },
        ];
        foreach (var fault in faults)
        {
            node.Faults.Enqueue(fault);
            Assert.IsType<PaymentFinding.Unclear>(await LookUpAsync(provider, invoice));
        }

        Assert.IsType<PaymentFinding.Unpaid>(await LookUpAsync(provider, invoice));
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Unknown_payment_is_unclear(string kind)
    {
        await using var node = await StartAsync(kind);
        Assert.IsType<PaymentFinding.Unclear>(await Provider(node).LookUpAsync(new string('0', 64), TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Node_that_is_not_there_is_unclear(string kind)
    {
        var node = await StartAsync(kind);
        var provider = Provider(node);
        await node.DisposeAsync();

        Assert.IsType<PaymentFinding.Unclear>(await provider.LookUpAsync(new string('0', 64), TestContext.Current.CancellationToken));
        Assert.Equal(kind + "_invoice_create_failed:0", (await Assert.ThrowsAsync<InvoiceException>(() => provider.CreateAsync(Order, TestContext.Current.CancellationToken))).Error);
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Invoice_of_another_hash_amount_or_network_is_refused(string kind)
    {
        await using var node = await StartAsync(kind);
        var provider = Provider(node);
        Func<byte[], long, string>[] forgeries =
        [
            (_, msat) => InvoiceText.Write("lntbs", msat, new byte[32], 1_700_000_000, 900),
            (hash, msat) => InvoiceText.Write("lntbs", msat + 1, hash, 1_700_000_000, 900),
            (hash, _) => InvoiceText.Write("lntbs", null, hash, 1_700_000_000, 900),
            (hash, msat) => InvoiceText.Write("lnbc", msat, hash, 1_700_000_000, 900),
            (hash, msat) => InvoiceText.Write("lntbs", msat, hash, 1_700_000_000, 900)[..^1],
            (_, _) => "",
        ];
        for (var at = 0; at < forgeries.Length; at++)
        {
            node.Forge = forgeries[at];
            var fault = await Assert.ThrowsAsync<InvoiceException>(() => provider.CreateAsync(Order with { IntentId = $"intent-{at}" }, TestContext.Current.CancellationToken));
            Assert.Equal(kind + "_invoice_create_invalid_response", fault.Error);
        }
    }

    [Fact]
    public async Task Held_payment_is_neither_paid_nor_unpaid()
    {
        await using var node = new ScriptedLnd();
        await node.StartAsync();
        var provider = Provider(node);
        var invoice = await provider.CreateAsync(Order, TestContext.Current.CancellationToken);
        node.Hold(invoice.PaymentHash);

        Assert.IsType<PaymentFinding.Held>(await LookUpAsync(provider, invoice));
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Cancelled_invoice_takes_no_payment_and_a_paid_one_stays_paid(string kind)
    {
        await using var node = await StartAsync(kind);
        var provider = Provider(node);
        var invoice = await provider.CreateAsync(Order, TestContext.Current.CancellationToken);
        Assert.True(await provider.CancelAsync(invoice.PaymentHash, Order.IntentId, TestContext.Current.CancellationToken));
        Assert.IsNotType<PaymentFinding.Paid>(await LookUpAsync(provider, invoice));

        var other = await provider.CreateAsync(Order with { IntentId = "other" }, TestContext.Current.CancellationToken);
        Pay(node, other.PaymentHash, null);
        Assert.False(await provider.CancelAsync(other.PaymentHash, "other", TestContext.Current.CancellationToken));
        Assert.IsType<PaymentFinding.Paid>(await LookUpAsync(provider, other));
    }

    [Fact]
    public async Task Invoice_whose_answer_was_lost_is_read_back_by_its_label()
    {
        await using var node = new ScriptedCln();
        await node.StartAsync();
        node.Faults.Enqueue(new() { LosesAnswer = true });
        var invoice = await Provider(node).CreateAsync(Order, TestContext.Current.CancellationToken);

        Assert.Equal(node.Invoices.Single().Key, invoice.PaymentHash);
        Assert.Equal(["POST /v1/invoice", "POST /v1/invoice", "POST /v1/listinvoices"], node.Requests);
        Assert.Equal("edgecoder:" + Order.IntentId, node.Invoices.Single().Value.Label);
    }

    [Fact]
    public async Task Label_of_another_amount_is_no_invoice_of_this_order()
    {
        await using var node = new ScriptedCln();
        await node.StartAsync();
        await Provider(node).CreateAsync(Order, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvoiceException>(() => Provider(node).CreateAsync(Order with { AmountSats = 5 }, TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Certificate_of_the_node_is_checked_and_trusted_only_where_it_is_named(string kind)
    {
        using var certificate = ScriptedNode.NewCertificate();
        using var other = ScriptedNode.NewCertificate();
        await using var node = await StartAsync(kind, certificate);

        Assert.Equal(kind + "_invoice_create_failed:0", (await Assert.ThrowsAsync<InvoiceException>(() => Provider(node).CreateAsync(Order, TestContext.Current.CancellationToken))).Error);
        await Assert.ThrowsAsync<InvoiceException>(() => Provider(node, trusted: other).CreateAsync(Order, TestContext.Current.CancellationToken));
        Assert.Empty(node.Requests);
        Assert.NotNull(await Provider(node, trusted: certificate).CreateAsync(Order, TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task Certificate_of_another_host_is_refused(string kind)
    {
        using var certificate = ScriptedNode.NewCertificate("elsewhere.test");
        await using var node = await StartAsync(kind, certificate);
        await Assert.ThrowsAsync<InvoiceException>(() => Provider(node, trusted: certificate).CreateAsync(Order, TestContext.Current.CancellationToken));
    }

    internal static ILightningProvider Provider(ScriptedNode node, string? credential = null, X509Certificate2? trusted = null) => node is ScriptedLnd
        ? new LndProvider(new() { Provider = "lnd", Address = node.Address, Credential = credential ?? ScriptedLnd.Macaroon, TrustedCertificate = trusted }, TimeProvider.System)
        : new ClnProvider(new() { Provider = "cln", Address = node.Address, Credential = credential ?? ScriptedCln.Rune, TrustedCertificate = trusted }, TimeProvider.System);

    private static async Task<ScriptedNode> StartAsync(string kind, X509Certificate2? certificate = null)
    {
        ScriptedNode node = kind == "lnd" ? new ScriptedLnd(certificate) : new ScriptedCln(certificate);
        await node.StartAsync();
        return node;
    }

    private static void Pay(ScriptedNode node, string hash, long? msat)
    {
        if (node is ScriptedLnd lnd)
        {
            lnd.Pay(hash, msat);
        }
        else
        {
            ((ScriptedCln)node).Pay(hash, msat);
        }
    }

    private static Task<PaymentFinding> LookUpAsync(ILightningProvider provider, NodeInvoice invoice) => provider.LookUpAsync(invoice.PaymentHash, TestContext.Current.CancellationToken);
}
