using System.Text.Json.Nodes;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>
/// Core Lightning over clnrest (economy-and-ledger 6.3; lightning-invoice, lightning-listinvoices, lightning-delinvoice). A label is used once: a call that is sent again
/// because its answer was lost meets its own invoice, which is read back.
/// </summary>
internal sealed class ClnProvider(LightningSettings settings, TimeProvider time) : ILightningProvider, IDisposable
{
    private const long DuplicateLabel = 900;

    private readonly NodeHttp _node = new(settings, "Rune", time);

    /// <inheritdoc/>
    public string Name => LightningSettings.Cln;

    /// <inheritdoc/>
    public async Task<NodeInvoice> CreateAsync(InvoiceOrder order, CancellationToken cancellationToken)
    {
        var answer = await AddAsync(order, cancellationToken).ConfigureAwait(false);
        if (answer.Status == 0)
        {
            answer = await AddAsync(order, cancellationToken).ConfigureAwait(false);
        }

        var invoice = answer.Body;
        if (!answer.Succeeded)
        {
            invoice = NodeAnswer.Number(invoice?["code"]) == DuplicateLabel
                ? await OneAsync(new() { ["label"] = Label(order.IntentId) }, cancellationToken).ConfigureAwait(false) ?? throw InvoiceException.Invalid(Name)
                : throw InvoiceException.Failed(Name, answer.Status);
        }

        return OrderedInvoice.Check(Name, order, settings.Network, NodeAnswer.Text(invoice?["bolt11"]), NodeAnswer.Text(invoice?["payment_hash"]));
    }

    /// <inheritdoc/>
    public async Task<PaymentFinding> LookUpAsync(string paymentHash, CancellationToken cancellationToken)
    {
        var answer = await ListAsync(new() { ["payment_hash"] = paymentHash }, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            return new PaymentFinding.Unclear($"status {answer.Status}");
        }

        // Also when the node has forgotten it: that it is not there is no word about whether it was paid.
        if (One(answer) is not { } invoice || NodeAnswer.Text(invoice["payment_hash"]) != paymentHash)
        {
            return new PaymentFinding.Unclear("no answer about this payment");
        }

        return NodeAnswer.Text(invoice["status"]) switch
        {
            "paid" when NodeAnswer.Number(invoice["amount_received_msat"]) is { } received => new PaymentFinding.Paid(received),
            "unpaid" or "expired" => new PaymentFinding.Unpaid(),
            _ => new PaymentFinding.Unclear("an unknown status"),
        };
    }

    /// <inheritdoc/>
    public async Task<bool> CancelAsync(string paymentHash, string intentId, CancellationToken cancellationToken) =>
        (await _node.SendAsync(HttpMethod.Post, "/v1/delinvoice", new() { ["label"] = Label(intentId), ["status"] = "unpaid" }, cancellationToken).ConfigureAwait(false)).Succeeded;

    /// <inheritdoc/>
    public void Dispose() => _node.Dispose();

    private static string Label(string intentId) => "edgecoder:" + intentId;

    private static JsonObject? One(NodeAnswer answer) => answer.Body?["invoices"] is JsonArray { Count: 1 } invoices ? invoices[0] as JsonObject : null;

    private Task<NodeAnswer> AddAsync(InvoiceOrder order, CancellationToken cancellationToken) => _node.SendAsync(
        HttpMethod.Post,
        "/v1/invoice",
        new() { ["amount_msat"] = order.AmountSats * 1000, ["label"] = Label(order.IntentId), ["description"] = order.Memo, ["expiry"] = order.ExpirySeconds },
        cancellationToken);

    private Task<NodeAnswer> ListAsync(JsonObject query, CancellationToken cancellationToken) => _node.SendAsync(HttpMethod.Post, "/v1/listinvoices", query, cancellationToken);

    private async Task<JsonObject?> OneAsync(JsonObject query, CancellationToken cancellationToken) =>
        await ListAsync(query, cancellationToken).ConfigureAwait(false) is { Succeeded: true } answer ? One(answer) : null;
}
