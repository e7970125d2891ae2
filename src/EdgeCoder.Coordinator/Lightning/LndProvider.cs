using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>LND over its REST interface (economy-and-ledger 6.3; LND API reference: AddInvoice, LookupInvoice, CancelInvoice). 64-bit numbers are strings there.</summary>
internal sealed class LndProvider(LightningSettings settings, TimeProvider time) : ILightningProvider, IDisposable
{
    private const int HashBytes = 32;

    private readonly NodeHttp _node = new(settings, "Grpc-Metadata-macaroon", time);

    /// <inheritdoc/>
    public string Name => LightningSettings.Lnd;

    /// <inheritdoc/>
    public async Task<NodeInvoice> CreateAsync(InvoiceOrder order, CancellationToken cancellationToken)
    {
        var answer = await _node.SendAsync(
            HttpMethod.Post,
            "/v1/invoices",
            new() { ["value"] = Digits(order.AmountSats), ["memo"] = order.Memo, ["expiry"] = Digits(order.ExpirySeconds) },
            cancellationToken).ConfigureAwait(false);
        return answer.Succeeded
            ? OrderedInvoice.Check(Name, order, settings.Network, NodeAnswer.Text(answer.Body?["payment_request"]), Hex(answer.Body?["r_hash"]))
            : throw InvoiceException.Failed(Name, answer.Status);
    }

    /// <inheritdoc/>
    public async Task<PaymentFinding> LookUpAsync(string paymentHash, CancellationToken cancellationToken)
    {
        var answer = await _node.SendAsync(HttpMethod.Get, "/v1/invoice/" + paymentHash, null, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            return new PaymentFinding.Unclear($"status {answer.Status}");
        }

        if (Hex(answer.Body?["r_hash"]) != paymentHash)
        {
            return new PaymentFinding.Unclear("an answer about another payment");
        }

        return NodeAnswer.Text(answer.Body!["state"]) switch
        {
            "SETTLED" when NodeAnswer.Number(answer.Body["amt_paid_msat"]) is { } received => new PaymentFinding.Paid(received),
            "OPEN" or "CANCELED" => new PaymentFinding.Unpaid(),
            "ACCEPTED" => new PaymentFinding.Held(),
            _ => new PaymentFinding.Unclear("an unknown state"),
        };
    }

    /// <inheritdoc/>
    public async Task<bool> CancelAsync(string paymentHash, string intentId, CancellationToken cancellationToken) =>
        (await _node.SendAsync(HttpMethod.Post, "/v2/invoices/cancel", new() { ["payment_hash"] = Convert.ToBase64String(Convert.FromHexString(paymentHash)) }, cancellationToken).ConfigureAwait(false)).Succeeded;

    /// <inheritdoc/>
    public void Dispose() => _node.Dispose();

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Hex(JsonNode? base64) => Base64Text.TryRead(NodeAnswer.Text(base64)) is { Length: HashBytes } bytes ? Convert.ToHexStringLower(bytes) : null;
}
