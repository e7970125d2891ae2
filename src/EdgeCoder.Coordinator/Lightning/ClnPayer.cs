using System.Text.Json.Nodes;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>
/// Core Lightning over clnrest (lightning-pay, lightning-listpays). While <c>pay</c> runs it tries again and again: parts that failed are no end, until the command has ended or its
/// time is over. Asked again for an invoice that it paid, <c>pay</c> gives the first answer.
/// </summary>
internal sealed class ClnPayer(LightningSettings settings, TimeProvider time) : ILightningPayer, IDisposable
{
    private readonly NodeHttp _node = new(settings, "Rune", time);

    /// <inheritdoc/>
    public string Node { get; } = NodeId.Of(settings);

    /// <inheritdoc/>
    public async Task<PayAnswer> PayAsync(PaymentOrder order, CancellationToken cancellationToken)
    {
        var answer = await _node.SendAsync(
            HttpMethod.Post,
            "/v1/pay",
            new() { ["bolt11"] = order.Invoice, ["maxfee"] = order.FeeCapMsat, ["retry_for"] = order.TrySeconds },
            cancellationToken,
            TimeSpan.FromSeconds(order.TrySeconds) + settings.Timeout).ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            return IsError(answer) ? new PayAnswer.Refused(answer.Status) : new PayAnswer.Unknown($"status {answer.Status}");
        }

        return Read(answer.Body, order.PaymentHash) switch
        {
            PaymentTrace.Succeeded succeeded => new PayAnswer.Paid(succeeded.FeeMsat),
            PaymentTrace.Failed => new PayAnswer.Refused(answer.Status),
            PaymentTrace.Unclear unclear => new PayAnswer.Unknown(unclear.Why),
            _ => new PayAnswer.Unknown("under way"),
        };
    }

    /// <inheritdoc/>
    public async Task<PaymentTrace> TrackAsync(string paymentHash, CancellationToken cancellationToken)
    {
        var answer = await _node.SendAsync(HttpMethod.Post, "/v1/listpays", new() { ["payment_hash"] = paymentHash }, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded || answer.Body?["pays"] is not JsonArray pays)
        {
            return new PaymentTrace.Unclear($"status {answer.Status}");
        }

        // One entry for each time that it was tried.
        var tries = pays.Select(one => Read(one as JsonObject, paymentHash)).ToList();
        return tries.Find(one => one is PaymentTrace.Unclear)
            ?? tries.Find(one => one is PaymentTrace.Succeeded)
            ?? tries.Find(one => one is PaymentTrace.InFlight)
            ?? tries.Find(one => one is PaymentTrace.Failed)
            ?? new PaymentTrace.NotFound();
    }

    /// <inheritdoc/>
    public void Dispose() => _node.Dispose();

    // An error of the command itself, not of something between here and the node.
    private static bool IsError(NodeAnswer answer) =>
        answer.Body is { } body && body["code"] is JsonValue code && code.TryGetValue<long>(out _) && NodeAnswer.Text(body["message"]) is not null;

    private static PaymentTrace Read(JsonObject? payment, string paymentHash)
    {
        if (payment is null || NodeAnswer.Text(payment["payment_hash"]) != paymentHash)
        {
            return new PaymentTrace.Unclear("an answer about another payment");
        }

        return NodeAnswer.Text(payment["status"]) switch
        {
            "complete" when NodeAnswer.Number(payment["amount_msat"]) is { } amount && NodeAnswer.Number(payment["amount_sent_msat"]) is { } sent && sent >= amount => new PaymentTrace.Succeeded(sent - amount),
            "failed" => new PaymentTrace.Failed("payment_failed"),
            "pending" => new PaymentTrace.InFlight(),
            _ => new PaymentTrace.Unclear("an unknown status"),
        };
    }
}
